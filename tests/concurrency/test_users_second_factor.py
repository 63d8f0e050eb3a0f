"""One code, many requests; one number, many accounts; a device signed in while its account moves away."""

from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pyotp
import pytest
from django.utils import timezone

from common.errors import DomainError
from common.models import AuditEntry
from common.sms import memory
from notifications.models import Notification
from tests.concurrency.threads import in_parallel, one_waits_for_the_other, rounds, told
from tests.conftest import open_session
from tests.factories.users import StaffFactory, UserFactory
from users.assurance import Assurance
from users.enums import OtpPurpose
from users.models import PhoneChange, RecoveryCode, SecondFactor, Session, User
from users.services import otp, phone_change, second_factor, sessions, staff_sign_in, step_up

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 50
NEW = "09351112233"
IP = "127.0.0.1"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def with_app(now: datetime) -> tuple[User, pyotp.TOTP, list[str]]:
    user = UserFactory()
    begun = second_factor.set_up(actor=user, assurance=Assurance(2, now), now=now)
    app = pyotp.TOTP(begun.secret)
    earlier = now - timedelta(seconds=30)
    return user, app, second_factor.confirm(actor=user, code=app.at(earlier), now=now)


def outcome(job: Any) -> str:
    """``done``, or the code of the refusal."""
    try:
        job()
    except DomainError as error:
        return error.code
    return "done"


def test_read_then_write_would_accept_a_code_many_times(now: datetime) -> None:
    """The race exists: comparing with the last step in Python lets every one of twenty requests in."""
    user, app, _ = with_app(now)
    meet, code, step = Barrier(20), app.at(now), int(now.timestamp()) // 30

    def naive() -> bool:
        factor = SecondFactor.objects.get(user=user)
        meet.wait()
        if code != app.at(now) or factor.last_step >= step:
            return False
        factor.last_step = step
        factor.save()
        return True

    assert in_parallel(*[naive] * 20).count(True) == 20


def test_right_code_is_accepted_once(now: datetime, settings: Any) -> None:
    settings.TOTP_MAX_ATTEMPTS = settings.TOTP_MAX_ATTEMPTS_DAY = 1_000
    for _ in rounds(1):
        user, app, _ = with_app(now)
        session = open_session(user)
        job = partial(step_up.by_authenticator, session=session, code=app.at(now), now=now)
        answers = told(in_parallel(*[job] * AT_ONCE))
        assert answers == {"done": 1, "second_factor_invalid": AT_ONCE - 1}
        assert AuditEntry.objects.filter(action="session.step_up", actor=user).count() == 1


def test_right_code_is_accepted_once_under_the_limit_too(now: datetime) -> None:
    user, app, _ = with_app(now)
    job = partial(second_factor.prove, user=user, code=app.at(now), now=now)
    answers = told(in_parallel(*[job] * AT_ONCE))
    assert answers["done"] == 1
    assert answers["second_factor_invalid"] <= 6
    assert answers.total() == AT_ONCE


def test_parallel_guesses_are_looked_at_five_times(now: datetime) -> None:
    user, app, _ = with_app(now)
    right = {app.at(now + timedelta(seconds=30 * step)) for step in range(-2, 3)}
    wrong = [code for code in (f"{number:06d}" for number in range(AT_ONCE + 5)) if code not in right][:AT_ONCE]
    answers = told(in_parallel(*[partial(second_factor.prove, user=user, code=code, now=now) for code in wrong]))
    assert answers == {"second_factor_invalid": 5, "second_factor_locked": AT_ONCE - 5}
    assert Notification.objects.filter(user=user, kind="second_factor_locked").count() == 1
    assert AuditEntry.objects.filter(action="second_factor.lock_out").count() == 1


def test_recovery_code_is_accepted_once(now: datetime, settings: Any) -> None:
    settings.RECOVERY_CODE_TRIES_HOUR = 1_000
    user, _, codes = with_app(now)
    job = partial(second_factor.prove, user=user, code=codes[0], now=now)
    assert told(in_parallel(*[job] * AT_ONCE)) == {"done": 1, "second_factor_invalid": AT_ONCE - 1}
    assert RecoveryCode.objects.filter(user=user, used_at=None).count() == 9


def test_app_is_confirmed_once(now: datetime, settings: Any) -> None:
    settings.TOTP_MAX_ATTEMPTS = settings.TOTP_MAX_ATTEMPTS_DAY = 1_000
    user = UserFactory()
    begun = second_factor.set_up(actor=user, assurance=Assurance(2, now), now=now)
    job = partial(second_factor.confirm, actor=user, code=pyotp.TOTP(begun.secret).at(now), now=now)
    answers = told(in_parallel(*[job] * 12))
    assert (answers["done"], answers.total()) == (1, 12)
    assert set(answers) <= {"done", "second_factor_invalid", "second_factor_exists"}
    assert RecoveryCode.objects.filter(user=user).count() == 10


def test_recovery_codes_stay_ten_when_renewed_at_once(now: datetime) -> None:
    user, _, _ = with_app(now)
    job = partial(second_factor.renew_recovery_codes, actor=user, assurance=Assurance(2, now), now=now)
    given = in_parallel(*[job] * 8)
    assert told(given) == {"done": 8}
    assert RecoveryCode.objects.filter(user=user).count() == 10
    working = [
        codes for codes in given if outcome(partial(second_factor.prove, user=user, code=codes[0], now=now)) == "done"
    ]
    assert len(working) == 1


def phone_code(now: datetime, number: str = NEW) -> str:
    otp.issue(phone_number=number, purpose=OtpPurpose.PHONE_CHANGE, actor=UserFactory(), ip=IP, now=now)
    return memory.outbox[-1].params["code"]


def move(user: User, code: str, now: datetime, number: str = NEW) -> Any:
    session = open_session(user)
    return partial(
        phone_change.change,
        session=session, assurance=Assurance(2, now), phone_number=number, code=code, ip=IP, now=now,
    )  # fmt: skip


def test_two_accounts_want_one_number(now: datetime) -> None:
    code = phone_code(now)
    users = UserFactory.create_batch(4)
    answers = told(in_parallel(*[move(user, code, now) for user in users]))
    assert (answers["done"], answers.total()) == (1, 4)
    assert set(answers) <= {"done", "otp_invalid", "phone_taken"}
    assert User.objects.filter(phone_number=NEW).count() == 1
    assert PhoneChange.objects.count() == 1


def test_number_is_moved_to_while_it_signs_up(now: datetime) -> None:
    """The unique number decides: either the account moved there, or the number got an account of its own."""
    later = now + timedelta(minutes=2)
    for round_number in rounds(4):
        number = f"0936000{round_number:04d}"
        user, code = UserFactory(), phone_code(now, number)
        otp.issue(phone_number=number, ip=IP, now=later)
        login = memory.outbox[-1].params["code"]
        device = sessions.Device(name="", user_agent="", ip=IP)
        sign_up = partial(sessions.sign_in, phone_number=number, code=login, device=device, now=later)
        moved, signed_in = in_parallel(move(user, code, now, number), sign_up)
        assert set(told([moved])) <= {"done", "phone_taken"}
        assert User.objects.filter(phone_number=number).count() == 1
        assert signed_in[1] == isinstance(moved, DomainError)


def test_sign_in_with_the_old_number_does_not_outlive_the_change(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever signs in with the old number while the account leaves it ends up in an account of that number's own."""
    user, code = UserFactory(), phone_code(now)
    old = user.phone_number
    otp.issue(phone_number=old, ip=IP, now=now)
    login = memory.outbox[-1].params["code"]
    device = sessions.Device(name="thief", user_agent="", ip=IP)
    sign_in = partial(sessions.sign_in, phone_number=old, code=login, device=device, now=now)
    moved, signed_in = one_waits_for_the_other(
        monkeypatch, phone_change.audit, "record", move(user, code, now), sign_in
    )
    assert isinstance(moved, PhoneChange)
    other, created, _ = signed_in
    assert (created, other.pk != user.pk) == (True, True)
    assert not Session.objects.filter(user=user, device_name="thief").exists()


def test_two_devices_move_one_account_at_once(now: datetime) -> None:
    """The first signs the other out; nobody moves an account twice from a device that is out."""
    user, other = UserFactory(), "09351112244"
    jobs = [move(user, phone_code(now), now), move(user, phone_code(now, other), now, other)]
    answers = told(in_parallel(*jobs))
    assert answers == {"done": 1, "token_invalid": 1}
    assert PhoneChange.objects.filter(user=user).count() == 1
    assert Session.objects.filter(user=user, revoked_at=None).count() == 1


def test_parallel_passwords_are_looked_at_ten_times(now: datetime) -> None:
    staff = StaffFactory()
    jobs = [
        partial(staff_sign_in.check_password, phone_number=staff.phone_number, password=f"{number}", ip=IP, now=now)
        for number in range(30)
    ]
    assert told(in_parallel(*jobs)) == {"staff_sign_in_refused": 10, "staff_sign_in_locked": 20}
