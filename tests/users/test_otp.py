"""One-time codes below the API: purposes, limits by address and by budget, and what became of the message."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.exceptions import Retry
from django.contrib.admin.sites import site
from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction
from django.utils import timezone

from common import limits, sms
from common.errors import RateLimited, Unauthenticated
from common.models import RateCounter
from common.sms import BadNumber, PermanentSmsError, Sent, Sms, TemporarySmsError
from notifications.models import Notification
from tests.conftest import open_session
from tests.factories.users import StaffFactory, UserFactory
from users import tasks
from users.enums import OtpPurpose
from users.errors import OtpForAnother, OtpInvalid, OtpTooSoon, OtpUnavailable
from users.models import OTPCode, Session, User
from users.services import otp, sessions

pytestmark = pytest.mark.django_db
REQUEST = "/api/auth/otp/request/"
PHONE, IP = "09121234567", "198.51.100.7"
NOON = datetime(2036, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def issue(django_capture_on_commit_callbacks: Any) -> Callable[..., int]:
    """``otp.issue`` with what follows its commit."""

    def make(**arguments: Any) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return otp.issue(**arguments)

    return make


def numbers(count: int) -> list[str]:
    return [f"0913{number:07d}" for number in range(count)]


def test_new_code_ends_the_one_before_for_the_same_purpose(issue: Any, sms_outbox: list[Sms]) -> None:
    user = UserFactory(phone_number=PHONE)
    issue(phone_number=PHONE, ip=IP, now=NOON)
    issue(phone_number=PHONE, purpose=OtpPurpose.STEP_UP, actor=user, ip=IP, now=NOON + MINUTE)
    codes = [message.params["code"] for message in sms_outbox]
    first = otp.verify(phone_number=PHONE, code=codes[0], ip=IP, now=NOON + MINUTE)
    other = otp.verify(phone_number=PHONE, code=codes[1], purpose=OtpPurpose.STEP_UP, ip=IP, now=NOON + MINUTE)
    issue(phone_number=PHONE, ip=IP, now=NOON + 2 * MINUTE)

    with pytest.raises(OtpInvalid), transaction.atomic():
        otp.consume(first, now=NOON + 2 * MINUTE)
    with transaction.atomic():
        otp.consume(other, now=NOON + 2 * MINUTE)
    assert list(OTPCode.objects.order_by("id").values_list("used_at", flat=True)) == [None, NOON + 2 * MINUTE, None]


def test_code_is_good_for_its_purpose_only(issue: Any, sms_outbox: list[Sms]) -> None:
    user = UserFactory(phone_number=PHONE)
    issue(phone_number=PHONE, purpose=OtpPurpose.STEP_UP, actor=user, ip=IP, now=NOON)
    code = sms_outbox[-1].params["code"]

    for purpose in (OtpPurpose.LOGIN, OtpPurpose.PHONE_CHANGE):
        with pytest.raises(OtpInvalid):
            otp.verify(phone_number=PHONE, code=code, purpose=purpose, ip=IP, now=NOON)
    assert otp.verify(phone_number=PHONE, code=code, purpose=OtpPurpose.STEP_UP, ip=IP, now=NOON).attempt_count == 0
    assert OTPCode.objects.get().attempt_count == 1


def test_other_purposes_are_for_who_is_signed_in(issue: Any, sms_outbox: list[Sms]) -> None:
    user = UserFactory(phone_number=PHONE)
    for purpose in (OtpPurpose.STEP_UP, OtpPurpose.PHONE_CHANGE):
        with pytest.raises(Unauthenticated):
            issue(phone_number=PHONE, purpose=purpose, ip=IP, now=NOON)
    with pytest.raises(OtpForAnother):
        issue(phone_number="09120000000", purpose=OtpPurpose.STEP_UP, actor=user, ip=IP, now=NOON)
    assert (OTPCode.objects.count(), RateCounter.objects.count(), sms_outbox) == (0, 0, [])

    issue(phone_number="09120000000", purpose=OtpPurpose.PHONE_CHANGE, actor=user, ip=IP, now=NOON)
    assert sms_outbox[0].to == "09120000000"


@pytest.mark.parametrize(
    ("purpose", "own", "signed_in", "status", "code"),
    [
        ("login", False, False, 200, ""),
        ("step_up", True, True, 200, ""),
        ("withdraw", True, True, 200, ""),
        ("phone_change", False, True, 200, ""),
        ("step_up", False, True, 403, "otp_for_another"),
        ("withdraw", False, True, 403, "otp_for_another"),
        ("step_up", True, False, 401, "not_authenticated"),
        ("phone_change", False, False, 401, "not_authenticated"),
        ("prize", True, True, 400, "invalid"),
    ],
)
def test_api_asks_who_wants_a_code_for_what(
    client_for: Callable[..., Any], user: User, sms_outbox: list[Sms], purpose: str, own: bool, signed_in: bool,
    status: int, code: str,
) -> None:  # fmt: skip
    phone = user.phone_number if own else PHONE
    answer = client_for(user if signed_in else None).post(REQUEST, {"phone_number": phone, "purpose": purpose})

    assert (answer.status_code, answer.json().get("code", "")) == (status, code)
    assert [message.to for message in sms_outbox] == ([phone] if status == 200 else [])


def test_expired_token_keeps_nobody_from_signing_in(anonymous: Any) -> None:
    headers = {"HTTP_AUTHORIZATION": "Bearer eyJhbGciOiJub25lIn0.e30."}
    assert anonymous.post(REQUEST, {"phone_number": PHONE}, **headers).status_code == 200
    refused = anonymous.post(REQUEST, {"phone_number": PHONE, "purpose": "step_up"}, **headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("kind", ["unknown", "player", "staff", "disabled"])
def test_answer_does_not_tell_who_has_an_account(anonymous: Any, sms_outbox: list[Sms], kind: str) -> None:
    if kind != "unknown":
        UserFactory(phone_number=PHONE, is_staff=kind == "staff", is_active=kind != "disabled")
    answer = anonymous.post(REQUEST, {"phone_number": PHONE})
    expected = {"success": True, "message": "The code is on its way.", "ttl": 300, "retry_after": 60}
    assert (answer.status_code, answer.json(), len(sms_outbox)) == (200, expected, 1)
    wrong = anonymous.post("/api/auth/otp/verify/", {"phone_number": PHONE, "code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "otp_invalid")


def test_phone_gets_five_codes_an_hour_and_ten_a_day_over_all_purposes(issue: Any, sms_outbox: list[Sms]) -> None:
    user = UserFactory(phone_number=PHONE)
    given = []
    for hours in range(25):
        for minute in range(7):
            moment = NOON + timedelta(hours=hours, minutes=2 * minute)
            purpose = (OtpPurpose.LOGIN, OtpPurpose.STEP_UP)[minute % 2]
            try:
                issue(phone_number=PHONE, purpose=purpose, actor=user, ip=IP, now=moment)
                given.append(hours)
            except RateLimited:
                continue
    assert given == [0] * 5 + [1] * 5 + [24] * 5
    assert len(sms_outbox) == 15


def test_refused_codes_count_for_nothing(issue: Any, settings: Any) -> None:
    settings.OTP_PER_IP_HOUR = 1
    issue(phone_number=PHONE, ip=IP, now=NOON)
    before = set(RateCounter.objects.values_list("key", "count", "expires_at"))
    for phone, error in ((PHONE, OtpTooSoon), ("09120000000", RateLimited)):
        with pytest.raises(error):
            issue(phone_number=phone, ip=IP, now=NOON + timedelta(seconds=1))
    assert set(RateCounter.objects.values_list("key", "count", "expires_at")) == before
    assert OTPCode.objects.count() == 1


@pytest.mark.parametrize(
    ("ip", "host", "network"),
    [
        ("198.51.100.7", "198.51.100.7", "198.51.100.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:0DB8:0001:0002::1", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::1", "::/64", "::/48"),
        ("", "unknown", "unknown"),
    ],
)
def test_address_has_one_host_and_one_network(ip: str, host: str, network: str) -> None:
    assert limits.address_keys(ip) == (host, network)


@pytest.mark.parametrize(
    ("addresses", "per_ip", "per_network", "sent"),
    [
        ([IP], 3, 100, 3),
        ([f"198.51.100.{number}" for number in range(20)], 3, 7, 7),
        ([f"198.51.{number}.1" for number in range(10)], 3, 7, 10),
        ([f"2001:db8:0:1::{number:x}" for number in range(20)], 3, 100, 3),
        ([f"2001:db8:0:{number:x}::1" for number in range(20)], 3, 7, 7),
    ],
)
def test_address_and_network_have_their_own_limits(
    issue: Any, settings: Any, sms_outbox: list[Sms], addresses: list[str], per_ip: int, per_network: int, sent: int
) -> None:
    settings.OTP_PER_IP_HOUR, settings.OTP_PER_NETWORK_HOUR = per_ip, per_network
    for index, phone in enumerate(numbers(10 if len(addresses) == 10 else 20)):
        try:
            issue(phone_number=phone, ip=addresses[index % len(addresses)], now=NOON)
        except RateLimited:
            continue
    assert len(sms_outbox) == sent


@pytest.mark.parametrize(("proxies", "sent"), [(0, 1), (1, 1), (2, 3)])
def test_forged_forwarding_header_changes_nothing(
    anonymous: Any, settings: Any, sms_outbox: list[Sms], proxies: int, sent: int
) -> None:
    """One caller behind one real proxy; only a second trusted one would make the middle hop worth believing."""
    settings.OTP_PER_IP_HOUR, settings.TRUSTED_PROXIES = 1, proxies
    for number, phone in enumerate(numbers(3)):
        anonymous.post(REQUEST, {"phone_number": phone}, HTTP_X_FORWARDED_FOR=f"1.2.3.4, 10.9.{number}.1, {IP}")
    assert len(sms_outbox) == sent


def test_guesses_are_limited_per_address(anonymous: Any, settings: Any) -> None:
    settings.OTP_VERIFY_PER_IP_HOUR = 3
    for phone, status in zip(numbers(4), [400, 400, 400, 429], strict=True):
        answer = anonymous.post("/api/auth/otp/verify/", {"phone_number": phone, "code": "000000"})
        assert answer.status_code == status
    assert answer.json()["code"] == "rate_limited"


def test_spent_budget_stops_codes_until_the_hour_is_over_and_tells_staff_once(
    issue: Any, anonymous: Any, client_for: Callable[..., Any], settings: Any, sms_outbox: list[Sms], caplog: Any
) -> None:
    settings.OTP_GLOBAL_HOUR = 20
    staff, player = StaffFactory(), UserFactory()
    signed_in = client_for(player)
    now = timezone.now()
    for phone in numbers(20):
        issue(phone_number=phone, ip=IP, now=now)
    for phone in numbers(23)[20:]:
        with pytest.raises(OtpUnavailable) as refused:
            issue(phone_number=phone, ip=IP, now=now)
    assert 0 < (refused.value.retry_after or 0) <= 3600
    assert len(sms_outbox) == 20
    assert [record.levelname for record in caplog.records if "no more sign-in codes" in record.message] == ["CRITICAL"]
    assert [(row.user, row.kind, row.params) for row in Notification.objects.all()] == [
        (staff, "otp_budget_spent", {"budget": 20})
    ]

    answer = anonymous.post(REQUEST, {"phone_number": PHONE})
    assert (answer.status_code, answer.json()["code"]) == (503, "otp_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert signed_in.get("/api/auth/me/").status_code == 200
    refresh = sessions._tokens(open_session(player)).refresh
    assert anonymous.post("/api/auth/token/refresh/", {"refresh": refresh}).status_code == 200
    issue(phone_number=PHONE, ip=IP, now=now + timedelta(hours=1))
    assert len(sms_outbox) == 21


def test_budget_of_nothing_sends_nothing(issue: Any, settings: Any, sms_outbox: list[Sms]) -> None:
    settings.OTP_GLOBAL_HOUR = 0
    with pytest.raises(OtpUnavailable):
        issue(phone_number=PHONE, ip=IP, now=NOON)
    assert sms_outbox == []


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Answers of ``sms.send``, in turn; an exception is raised."""
    answers: list[Any] = []

    def send(message: Sms) -> Sent:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(sms, "send", send)
    return answers


@pytest.fixture
def code(issue: Any, monkeypatch: pytest.MonkeyPatch) -> OTPCode:
    """A code whose message waits to be sent."""
    with monkeypatch.context() as patch:
        patch.setattr(tasks.send_otp_sms_task, "apply_async", lambda args: None)
        issue(phone_number=PHONE, ip=IP, now=NOON)
    return OTPCode.objects.get()


def send(code: OTPCode) -> None:
    """What the task does, as often as it is told to try again."""
    for _ in range(20):
        try:
            return otp.send_sms(otp_id=code.pk, code="123456", now=NOON)
        except TemporarySmsError:
            continue
    raise AssertionError("it never gives up")


def sending() -> tuple[Any, ...]:
    return OTPCode.objects.values_list("sending", "provider", "reference", "send_attempts", "last_error").get()


def test_row_tells_who_took_the_message(provider: list[Any], code: OTPCode) -> None:
    provider.append(Sent("kavenegar", "77", ("smsir: HTTP 503",)))
    send(code)
    assert sending() == ("sent", "kavenegar", "77", 1, "smsir: HTTP 503")
    assert OTPCode.objects.get().last_sent_at == NOON


def test_message_is_tried_again_and_sent_once(provider: list[Any], code: OTPCode) -> None:
    provider += [TemporarySmsError("smsir: HTTP 503")] * 2 + [Sent("smsir", "5")]
    send(code)
    assert sending() == ("sent", "smsir", "5", 3, "")
    send(code)
    assert (provider, sending()[3]) == ([], 3)


def test_task_asks_to_be_run_again(provider: list[Any], code: OTPCode) -> None:
    provider.append(TemporarySmsError("smsir: HTTP 503"))
    with pytest.raises(Retry) as again:
        tasks.send_otp_sms_task.apply((code.pk, "123456"), throw=True)
    assert again.value.when == 2
    assert sending() == ("pending", "", "", 1, "smsir: HTTP 503")


@pytest.mark.parametrize(
    ("error", "tries"), [(TemporarySmsError("HTTP 503"), 4), (PermanentSmsError("HTTP 401"), 1), (BadNumber("104"), 1)]
)
def test_message_is_given_up(provider: list[Any], code: OTPCode, error: Exception, tries: int, caplog: Any) -> None:
    provider += [error] * 9
    send(code)
    assert sending() == ("failed", "", "", tries, str(error))
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        f"the code {code.pk} was not sent: {error}"
    ]


@pytest.mark.parametrize("changes", [{"used_at": NOON}, {"expires_at": NOON}, {"sending": "sent"}], ids=str)
def test_ended_code_is_not_sent(provider: list[Any], code: OTPCode, changes: dict[str, Any]) -> None:
    OTPCode.objects.update(**changes)
    send(code)
    assert sending()[1:] == ("", "", 0, "")


def test_receipts_are_asked_for_recent_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"1": sms.Outcome.DELIVERED, "2": sms.Outcome.UNDELIVERED, "3": sms.Outcome.PENDING}
    asked: list[str] = []

    def outcome(*, provider: str, reference: str) -> sms.Outcome:
        asked.append(reference)
        return answers[reference]

    monkeypatch.setattr(sms, "outcome", outcome)
    for reference, provider, age in (("1", "smsir", 60), ("2", "kavenegar", 60), ("3", "smsir", 60),
                                     ("4", "smsir", 601), ("5", "memory", 60), ("", "smsir", 60)):  # fmt: skip
        OTPCode.objects.create(
            phone_number=PHONE, salt=b"", code_hash=b"", created_at=NOON, expires_at=NOON, sending="sent",
            provider=provider, reference=reference, last_sent_at=NOON - timedelta(seconds=age),
        )  # fmt: skip

    assert [otp.check_receipts(now=NOON) for _ in range(2)] == [2, 0]
    assert (sorted(asked[:3]), asked[3:]) == (["1", "2", "3"], ["3"])
    assert list(OTPCode.objects.order_by("id").values_list("sending", flat=True)) == [
        "delivered", "undelivered", "sent", "sent", "sent", "sent"
    ]  # fmt: skip


def test_cleanup_deletes_what_is_long_over_twice_the_same(user: User) -> None:
    for hours in (0, 2):
        OTPCode.objects.create(
            phone_number=PHONE,
            salt=b"",
            code_hash=b"",
            created_at=NOON,
            expires_at=timezone.now() - timedelta(hours=hours),
        )
    live, expired, revoked, old = (open_session(user) for _ in range(4))
    long_ago = timezone.now() - timedelta(days=31)
    Session.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(days=1))
    Session.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now() - timedelta(days=1))
    Session.objects.filter(pk=old.pk).update(expires_at=long_ago, revoked_at=long_ago)
    for key, hours in (("over", -1), ("live", 1)):
        BrowserSession.objects.create(session_key=key, expire_date=timezone.now() + timedelta(hours=hours))
    for _ in range(2):
        tasks.cleanup_expired_otps()
        assert OTPCode.objects.count() == 1
        assert list(BrowserSession.objects.values_list("pk", flat=True)) == ["live"]
        assert set(Session.objects.values_list("pk", flat=True)) == {live.pk, expired.pk, revoked.pk}


def test_admin_shows_codes_without_the_code(code: OTPCode, rf: Any) -> None:
    admin = site._registry[OTPCode]
    request = rf.get("/")
    shown = set(admin.get_fields(request, code)) | set(admin.get_list_display(request))
    assert admin.phone(code) == "0912***4567"
    assert not admin.has_change_permission(request, code)
    assert shown.isdisjoint({"salt", "code_hash", "phone_number"})
    assert {"provider", "reference", "sending", "send_attempts", "last_error", "last_sent_at"} <= shown
