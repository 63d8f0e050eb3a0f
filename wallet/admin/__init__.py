from wallet.admin import ledger, payments

__all__ = ["ledger", "payments"]
