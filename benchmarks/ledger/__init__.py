"""The ledger beside TPC-B."""
