from collections.abc import Iterator

import pytest

from tests.banks import bank, bank_server, zibal, zibal_server
from tests.factories.wallet import assert_ledger_holds

__all__ = ["bank", "bank_server", "zibal", "zibal_server"]


@pytest.fixture
def ledger_ok(db: None) -> Iterator[None]:
    """The test ends with the books in order."""
    yield
    assert_ledger_holds()
