from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.core.management import call_command
from django.utils import timezone

from common.models import AuditEntry, RateCounter
from notifications.models import Notification
from tests.factories.users import StaffFactory, UserFactory
from users.assurance import Assurance
from users.enums import Role
from users.errors import NotAdministrator, OwnAccount
from users.models import RecoveryCode, RoleGrant, SecondFactor, Session, User
from users.services import second_factor

SETUP, CONFIRM, DISABLE = "/api/auth/totp/setup/", "/api/auth/totp/confirm/", "/api/auth/totp/disable/"
CODES, STEP_UP, ME = "/api/auth/totp/recovery-codes/", "/api/auth/step-up/", "/api/auth/me/"


def enable(user: User, now: datetime) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator app of a user who has set one up, and the recovery codes; the code of ``now`` is spent."""
    begun = second_factor.set_up(actor=user, assurance=Assurance(2, now), now=now)
    app = pyotp.TOTP(begun.secret)
    factor = SecondFactor.objects.get(user=user)
    step = int(now.timestamp()) // 30
    return app, second_factor._confirm(factor=factor, step=step, now=now)


def later(now: datetime, steps: int = 1) -> datetime:
    return now + timedelta(seconds=30 * steps)


def told(user: User) -> list[tuple[str, Any]]:
    rows = Notification.objects.filter(user=user).order_by("seq")
    return [(row.kind, row.params.get("status")) for row in rows]


def test_app_is_set_up_and_opens_level_2(client_for: Callable[..., Any], user: User) -> None:
    now = timezone.now()
    client = client_for(user, proved_at=now)
    assert client.get(ME).json()["second_factor"] == {"enabled": False, "recovery_codes_left": 0}

    begun = client.post(SETUP).json()
    assert begun["otpauth_url"].startswith(
        f"otpauth://totp/Meydan:{user.username}?secret={begun['secret']}&issuer=Meydan"
    )
    assert begun["qr_svg"].startswith("<svg")
    assert client.get(ME).json()["second_factor"]["enabled"] is False

    app = pyotp.TOTP(begun["secret"])
    answer = client.post(CONFIRM, {"code": app.at(now)})
    assert (answer.status_code, len(set(answer.json()["recovery_codes"]))) == (200, 10)
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    me = client.get(ME).json()
    assert (me["second_factor"], me["verification_level"]) == ({"enabled": True, "recovery_codes_left": 10}, 2)
    assert told(user) == [("second_factor_changed", "enabled")]
    assert client.post(SETUP).json()["code"] == client.post(CONFIRM, {"code": "123456"}).json()["code"]
    assert client.post(SETUP).json()["code"] == "second_factor_exists"


def test_secret_and_recovery_codes_are_not_in_the_database_in_clear(user: User, now: datetime) -> None:
    app, codes = enable(user, now)
    factor = SecondFactor.objects.get()
    assert app.secret.encode() not in bytes(factor.secret)
    hashes = [bytes(row.code_hash) for row in RecoveryCode.objects.all()]
    assert {len(item) for item in hashes} == {32}
    assert not any(code.replace("-", "").encode() in item for code in codes for item in hashes)
    stored = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert not any(secret in stored for secret in [app.secret, *codes])


@pytest.mark.parametrize("proved", [None, timedelta(seconds=301)])
@pytest.mark.parametrize("path", [SETUP, DISABLE, CODES])
def test_stolen_session_changes_nothing(
    client_for: Callable[..., Any], user: User, now: datetime, path: str, proved: timedelta | None
) -> None:
    if path != SETUP:
        enable(user, now)
    before = list(SecondFactor.objects.values()), list(RecoveryCode.objects.values())
    answer = client_for(user, proved_at=proved and now - proved).post(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert (list(SecondFactor.objects.values()), list(RecoveryCode.objects.values())) == before


@pytest.mark.parametrize(("drift", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clock_may_be_one_step_wrong(user: User, now: datetime, drift: int, accepted: bool) -> None:
    app, _ = enable(user, now)
    moment = later(now, 10)
    code = app.at(later(moment, drift))
    if accepted:
        second_factor.prove(user=user, code=code, now=moment)
    else:
        with pytest.raises(second_factor.SecondFactorInvalid):
            second_factor.prove(user=user, code=code, now=moment)


def test_drift_is_a_setting(user: User, now: datetime, settings: Any) -> None:
    app, _ = enable(user, now)
    settings.TOTP_DRIFT_STEPS = 0
    with pytest.raises(second_factor.SecondFactorInvalid):
        second_factor.prove(user=user, code=app.at(later(now, 9)), now=later(now, 10))


def test_code_counts_once_and_so_do_older_ones(user: User, now: datetime) -> None:
    app, _ = enable(user, now)
    moment = later(now, 10)
    second_factor.prove(user=user, code=app.at(moment), now=moment)
    for spent in (moment, later(moment, -1)):
        with pytest.raises(second_factor.SecondFactorInvalid):
            second_factor.prove(user=user, code=app.at(spent), now=moment)
    second_factor.prove(user=user, code=app.at(later(moment)), now=moment)


def test_code_of_the_set_up_is_spent(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    app, _ = enable(user, now)
    answer = client_for(user).post(STEP_UP, {"code": app.at(now)})
    assert (answer.status_code, answer.json()["code"]) == (400, "second_factor_invalid")


def test_codes_are_read_as_people_type_them(user: User, now: datetime) -> None:
    app, codes = enable(user, now)
    persian = app.at(later(now)).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    second_factor.prove(user=user, code=f" {persian[:3]} {persian[3:]}", now=later(now))
    second_factor.prove(user=user, code=codes[0].lower().replace("-", " "), now=now)


def test_wrong_codes_lock_and_the_owner_is_told_once(user: User, now: datetime) -> None:
    app, codes = enable(user, now)
    for _ in range(5):
        with pytest.raises(second_factor.SecondFactorInvalid):
            second_factor.prove(user=user, code="000000", now=now)
    for _ in range(3):
        with pytest.raises(second_factor.SecondFactorLocked) as refused:
            second_factor.prove(user=user, code=app.at(later(now)), now=later(now))
    assert 800 < (refused.value.retry_after or 0) <= 900
    assert told(user)[1:] == [("second_factor_locked", None)]
    assert AuditEntry.objects.filter(action="second_factor.lock_out").count() == 1

    second_factor.prove(user=user, code=codes[3], now=later(now))
    moment = now + timedelta(seconds=901)
    second_factor.prove(user=user, code=app.at(moment), now=moment)


def test_wrong_codes_lock_for_the_day_in_the_end(user: User, now: datetime) -> None:
    app, _ = enable(user, now)
    moment = now
    for _ in range(4):
        for _ in range(5):
            with pytest.raises(second_factor.SecondFactorInvalid):
                second_factor.prove(user=user, code="000000", now=moment)
        moment += timedelta(seconds=901)
    with pytest.raises(second_factor.SecondFactorLocked) as refused:
        second_factor.prove(user=user, code=app.at(moment), now=moment)
    assert (refused.value.retry_after or 0) > 80_000


def test_right_codes_do_not_use_up_the_tries(user: User, now: datetime) -> None:
    app, _ = enable(user, now)
    for step in range(1, 25):
        second_factor.prove(user=user, code=app.at(later(now, step)), now=later(now, step))
    assert set(RateCounter.objects.filter(key__startswith="totp").values_list("count", flat=True)) == {0}


def test_recovery_code_counts_once_and_says_so(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    _, codes = enable(user, now)
    client = client_for(user)
    assert client.post(STEP_UP, {"code": codes[0]}).status_code == 200
    again = client.post(STEP_UP, {"code": codes[0]})
    assert (again.status_code, again.json()["code"]) == (400, "second_factor_invalid")
    assert client.get(ME).json()["second_factor"]["recovery_codes_left"] == 9
    assert told(user)[1:] == [("second_factor_changed", "recovery_code_used")]


def test_recovery_code_of_another_user_is_worth_nothing(user: User, now: datetime) -> None:
    other = UserFactory()
    enable(user, now)
    _, codes = enable(other, now)
    with pytest.raises(second_factor.SecondFactorInvalid):
        second_factor.prove(user=user, code=codes[0], now=now)
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 0


def test_recovery_codes_are_replaced(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    _, old = enable(user, now)
    client = client_for(user, proved_at=now)
    new = client.post(CODES).json()["recovery_codes"]
    assert (len(new), set(new) & set(old)) == (10, set())
    assert client.post(STEP_UP, {"code": old[0]}).status_code == 400
    assert client.post(STEP_UP, {"code": new[0]}).status_code == 200


def test_app_is_disabled_with_its_codes(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    enable(user, now)
    client = client_for(user, proved_at=now)
    assert client.post(DISABLE).status_code == 204
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    for path in (DISABLE, CODES):
        assert (client.post(path).status_code, client.post(path).json()["code"]) == (400, "second_factor_missing")
    user.refresh_from_db()
    assert user.staff_sessions_after is not None


def test_set_up_begun_again_forgets_the_first_secret(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    client = client_for(user, proved_at=now)
    first, second = (client.post(SETUP).json()["secret"] for _ in range(2))
    assert first != second
    assert client.post(CONFIRM, {"code": pyotp.TOTP(first).now()}).json()["code"] == "second_factor_invalid"
    assert client.post(CONFIRM, {"code": pyotp.TOTP(second).now()}).status_code == 200


def test_set_up_must_be_finished_in_time(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    client = client_for(user, proved_at=now)
    assert client.post(CONFIRM, {"code": "123456"}).json()["code"] == "second_factor_missing"
    secret = client.post(SETUP).json()["secret"]
    SecondFactor.objects.update(created_at=now - timedelta(seconds=1801))
    assert client.post(CONFIRM, {"code": pyotp.TOTP(secret).now()}).json()["code"] == "second_factor_missing"
    assert SecondFactor.objects.get().confirmed_at is None


def test_secret_under_a_lost_key_leaves_the_recovery_codes(user: User, now: datetime, settings: Any) -> None:
    app, codes = enable(user, now)
    settings.ENCRYPTION_KEYS = ["another-key"]
    with pytest.raises(second_factor.SecondFactorUnreadable):
        second_factor.prove(user=user, code=app.at(later(now)), now=later(now))
    second_factor.prove(user=user, code=codes[0], now=now)


def test_command_lets_a_locked_out_administrator_in_again(
    client_for: Callable[..., Any], staff: User, now: datetime, capsys: Any
) -> None:
    enable(staff, now)
    client_for(staff)
    call_command("staff_second_factor_reset", f"+98{staff.phone_number[1:]}", "--no-input", "--reason", "lost phone")
    assert SecondFactor.objects.count() == RecoveryCode.objects.count() == 0
    assert Session.objects.filter(revoked_at=None).count() == 0
    staff.refresh_from_db()
    assert staff.staff_sessions_after is not None
    entry = AuditEntry.objects.get(action="second_factor.reset")
    assert (entry.actor, entry.target_id, entry.reason) == (None, staff.pk, "lost phone")
    assert told(staff)[-1] == ("second_factor_changed", "disabled")
    assert staff.username in capsys.readouterr().out


def test_administrators_remove_the_second_factor_of_others(user: User, staff: User, now: datetime) -> None:
    enable(user, now)
    with pytest.raises(NotAdministrator):
        second_factor.reset(user_id=staff.pk, actor=user, reason="", now=now)
    with pytest.raises(OwnAccount):
        second_factor.reset(user_id=staff.pk, actor=staff, reason="", now=now)
    administrator = StaffFactory(is_superuser=False)
    RoleGrant.objects.create(user=administrator, role=Role.ADMINISTRATOR, granted_by=staff, created_at=now)
    with pytest.raises(NotAdministrator):
        second_factor.reset(user_id=staff.pk, actor=administrator, reason="", now=now)
    assert SecondFactor.objects.count() == 1

    second_factor.reset(user_id=user.pk, actor=administrator, reason="lost phone", now=now)
    assert SecondFactor.objects.count() == 0
    assert AuditEntry.objects.get(action="second_factor.reset").actor == administrator


def test_command_asks_first(staff: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    enable(staff, now)
    monkeypatch.setattr("builtins.input", lambda prompt: "no")
    with pytest.raises(SystemExit):
        call_command("staff_second_factor_reset", staff.phone_number)
    assert SecondFactor.objects.count() == 1
