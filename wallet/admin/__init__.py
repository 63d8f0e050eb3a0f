from wallet.admin import adjustments, ledger, payments, payouts

__all__ = ["adjustments", "ledger", "payments", "payouts"]
