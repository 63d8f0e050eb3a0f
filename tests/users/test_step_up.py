from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework_simplejwt.tokens import AccessToken

from tests.conftest import access_token
from users.assurance import Assurance, require_step_up
from users.authentication import access_of
from users.errors import StepUpRequired, TokenInvalid
from users.models import User


@pytest.mark.parametrize(
    ("level", "seconds_ago", "passes"),
    [(1, None, False), (2, 0, True), (2, 300, True), (2, 301, False), (2, -1, False), (1, 0, False), (2, None, False)],
)
def test_second_factor_counts_as_fresh_for_five_minutes(
    now: datetime, level: int, seconds_ago: int | None, passes: bool
) -> None:
    proved_at = None if seconds_ago is None else now - timedelta(seconds=seconds_ago)
    assurance = Assurance(level=level, proved_at=proved_at)
    if passes:
        require_step_up(assurance, now=now)
    else:
        with pytest.raises(StepUpRequired):
            require_step_up(assurance, now=now)


def test_access_token_says_when_the_second_factor_was_proved(user: User, now: datetime) -> None:
    assert access_of(access_token(user)).assurance == Assurance()
    stepped_up = access_of(access_token(user, proved_at=now))
    assert stepped_up.assurance == Assurance(level=2, proved_at=now.replace(microsecond=0))
    assert stepped_up.session.user == user


@pytest.mark.parametrize("claim", [{"acr": 2}, {"acr": "x", "proved_at": 1}, {"acr": 2, "proved_at": None}])
def test_token_whose_claims_make_no_sense_is_refused(user: User, claim: dict[str, Any]) -> None:
    token = AccessToken(access_token(user))  # type: ignore[arg-type]
    token.payload |= claim
    with pytest.raises(TokenInvalid):
        access_of(str(token))
