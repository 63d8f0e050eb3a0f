from typing import Any

import pytest

from common.sealing import seal, unseal


def test_sealed_secret_is_read_again_and_shows_nothing() -> None:
    sealed = seal(b"JBSWY3DPEHPK3PXP")

    assert (unseal(sealed), b"JBSWY3DP" in sealed, seal(b"JBSWY3DPEHPK3PXP") == sealed) == (
        b"JBSWY3DPEHPK3PXP",
        False,
        False,
    )


def test_old_key_behind_a_new_one_still_opens(settings: Any) -> None:
    sealed = seal(b"secret")
    settings.ENCRYPTION_KEYS = ["new key", *settings.ENCRYPTION_KEYS]

    assert unseal(sealed) == b"secret"


def test_forged_or_foreign_secret_is_refused(settings: Any) -> None:
    sealed = seal(b"secret")
    with pytest.raises(ValueError, match="no known key"):
        unseal(sealed[:-4] + b"AAA=")
    settings.ENCRYPTION_KEYS = ["another key"]
    with pytest.raises(ValueError, match="no known key"):
        unseal(sealed)
