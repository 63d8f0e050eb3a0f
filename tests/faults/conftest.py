from tests.banks import bank, bank_server

__all__ = ["bank", "bank_server"]
