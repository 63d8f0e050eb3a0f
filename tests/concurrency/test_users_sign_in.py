"""Guesses, codes and refresh tokens that arrive at the same moment."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone

from common.errors import DomainError
from common.sms import memory
from tests.concurrency.threads import in_parallel, told
from tests.conftest import open_session
from tests.factories.users import UserFactory
from users.models import OTPCode, Session, User
from users.services import otp, sessions

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "09121234567"
DEVICE = sessions.Device(name="", user_agent="", ip="127.0.0.1")


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What ``count`` threads that begin together got: a result, or the code of a refusal."""
    outcomes = in_parallel(*[partial(work, number) for number in range(count)])
    told(outcomes)
    return [outcome.code if isinstance(outcome, DomainError) else outcome for outcome in outcomes]


def test_read_then_write_would_let_parallel_guesses_through() -> None:
    """The race exists: counting in Python lets more than five of twenty guesses be checked."""
    otp.issue(phone_number=PHONE, ip="127.0.0.1", now=timezone.now())
    meet = Barrier(20)

    def naive(number: int) -> bool:
        row = OTPCode.objects.get()
        meet.wait()
        if row.attempt_count >= 5:
            return False
        row.attempt_count += 1
        row.save()
        return True

    assert at_once(20, naive).count(True) == 20


def test_parallel_guesses_are_checked_five_times_at_most() -> None:
    otp.issue(phone_number=PHONE, ip="127.0.0.1", now=timezone.now())
    right = memory.outbox[-1].params["code"]
    wrong = [code for code in (f"{number:06d}" for number in range(21)) if code != right]

    def guess(number: int) -> Any:
        return otp.verify(phone_number=PHONE, code=wrong[number], ip="127.0.0.1", now=timezone.now())

    assert Counter(at_once(20, guess)) == {"otp_invalid": 5, "otp_locked": 15}
    assert OTPCode.objects.get().attempt_count == 5


def test_right_code_signs_in_once() -> None:
    otp.issue(phone_number=PHONE, ip="127.0.0.1", now=timezone.now())
    code = memory.outbox[-1].params["code"]

    def sign_in(_: int) -> str:
        sessions.sign_in(phone_number=PHONE, code=code, device=DEVICE, now=timezone.now())
        return "in"

    assert Counter(at_once(12, sign_in))["in"] == 1
    assert (User.objects.count(), Session.objects.count()) == (1, 1)


def test_parallel_requests_send_one_code() -> None:
    def issue(_: int) -> int:
        return otp.issue(phone_number=PHONE, ip="127.0.0.1", now=timezone.now())

    assert Counter(at_once(12, issue)) == {300: 1, "otp_too_soon": 11}
    assert len(memory.outbox) == 1


def test_one_refresh_token_has_one_successor() -> None:
    old = sessions._tokens(open_session(UserFactory())).refresh
    now = timezone.now()
    successors = at_once(12, lambda _: sessions.refresh(token=old, now=now).refresh)
    assert len(set(successors)) == 1
    assert successors[0] != old
    assert sessions.refresh(token=successors[0], now=now + timedelta(minutes=1)).refresh != successors[0]
