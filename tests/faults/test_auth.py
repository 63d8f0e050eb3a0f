"""Guessed codes, bombed phones, stolen refresh tokens, fields that no body may set."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock, local
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from rest_framework.test import APIClient

from common.sms import memory
from notifications.models import Notification
from tests.conftest import open_session
from tests.factories.users import StaffFactory, UserFactory
from tests.faults.attacking import attack
from tests.faults.sizes import full
from users.models import OTPCode, Session, User
from users.services import otp, sessions

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST, VERIFY = "/api/auth/otp/request/", "/api/auth/otp/verify/"
PHONE = "09121234567"
SPELLINGS = (
    "09121234567", "9121234567", "+989121234567", "00989121234567", "989121234567", "0912 123 4567", "0912-123-4567",
    "(0912) 1234567", "۰۹۱۲۱۲۳۴۵۶۷", "٠٩١٢١٢٣٤٥٦٧", "+۹۸۹۱۲۱۲۳۴۵۶۷", "０９１２１２３４５６７",
    "\u200e+98 912 123 45 67",
)  # fmt: skip
Figures = Callable[[str, object], None]
own = local()


def address(number: int) -> str:
    """One of many addresses, each in a network of its own."""
    return f"10.{number // 250 % 250}.{number % 250}.7"


def ask(path: str, body: dict[str, str], ip: str = "198.51.100.7") -> str:
    """The outcome of one request through the API: ``"ok"``, or the code of the refusal."""
    if not hasattr(own, "client"):
        own.client = APIClient()  # one per thread: making one loads the middleware
    answer = own.client.post(path, body, REMOTE_ADDR=ip)
    return "ok" if answer.status_code == 200 else answer.json()["code"]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a guess was really compared with a code that was sent."""
    count: Counter[str] = Counter()
    lock, compare = Lock(), otp.hmac.compare_digest

    def counting(left: bytes, right: bytes) -> bool:
        with lock:
            count["compared"] += 1
        return compare(left, right)

    monkeypatch.setattr(otp.hmac, "compare_digest", counting)
    return count


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown here does not depend on how long a hash takes."""
    monkeypatch.setattr(otp, "HASH_ITERATIONS", 1)


def test_guesses_are_checked_five_times_per_code(hashed: Counter[str], record_property: Figures) -> None:
    phones = [f"0913000000{number}" for number in range(full(4, short=2))]
    for phone in phones:
        assert ask(REQUEST, {"phone_number": phone}) == "ok"
    right = {message.to: message.params["code"] for message in memory.outbox}
    wrong = [f"{code:06d}" for code in range(10_000) if f"{code:06d}" not in right.values()]
    guesses = [
        (phones[number % len(phones)], random.choice(wrong), address(number))
        for number in range(full(10_000, short=400))
    ]

    told = attack(lambda guess: ask(VERIFY, {"phone_number": guess[0], "code": guess[1]}, guess[2]), guesses)

    assert told == {"otp_invalid": 5 * len(phones), "otp_locked": len(guesses) - 5 * len(phones)}
    assert hashed["compared"] == 5 * len(phones)
    assert {ask(VERIFY, {"phone_number": phone, "code": right[phone]}) for phone in phones} == {"otp_locked"}
    assert (User.objects.count(), Session.objects.count()) == (0, 0)
    record_property("parallel guesses", f"{len(guesses)} at {len(phones)} codes from {len(guesses)} addresses")
    record_property("checked per code", hashed["compared"] / len(phones))


def test_one_address_guesses_no_more_than_its_hour_allows(
    settings: Any, cheap_hashes: None, record_property: Figures
) -> None:
    settings.OTP_VERIFY_PER_IP_HOUR = full(1_000, short=30)
    guesses = range(full(10_000, short=90))

    told = attack(lambda guess: ask(VERIFY, {"phone_number": f"0914{guess:07d}", "code": "123456"}), guesses)

    assert told == {"otp_invalid": settings.OTP_VERIFY_PER_IP_HOUR, "rate_limited": len(guesses) - told["otp_invalid"]}
    record_property("guesses from one address", len(guesses))
    record_property("looked at", told["otp_invalid"])


def test_right_code_signs_in_once(record_property: Figures) -> None:
    rounds, logins = full(20, short=2), 0
    for number in range(rounds):
        phone = f"0915{number:07d}"
        ask(REQUEST, {"phone_number": phone}, address(number))
        code = memory.outbox[-1].params["code"]
        told = attack(lambda _, phone=phone, code=code: ask(VERIFY, {"phone_number": phone, "code": code}), range(50))
        assert told["ok"] == 1
        assert set(told) <= {"ok", "otp_invalid", "otp_locked"}
        logins += told["ok"]
    assert (Session.objects.count(), User.objects.count(), logins) == (rounds, rounds, rounds)
    record_property("rounds of the right code ×50", rounds)
    record_property("sign-ins", logins)


def test_every_spelling_of_a_phone_is_one_user(settings: Any, record_property: Figures) -> None:
    settings.OTP_RESEND_SECONDS, settings.OTP_PER_PHONE_HOUR, settings.OTP_PER_PHONE_DAY = 0, 100, 100
    for asked, told in zip(SPELLINGS, SPELLINGS[::-1], strict=True):
        assert ask(REQUEST, {"phone_number": asked}) == "ok"
        assert ask(VERIFY, {"phone_number": told, "code": memory.outbox[-1].params["code"]}) == "ok"
    assert list(User.objects.values_list("phone_number", flat=True)) == [PHONE]
    assert Session.objects.filter(user__phone_number=PHONE).count() == len(SPELLINGS)
    record_property("spellings", len(SPELLINGS))
    record_property("users", User.objects.count())


def test_phone_is_bombed_with_ten_codes_a_day_at_most(cheap_hashes: None, record_property: Figures) -> None:
    """A whole day's requests, as they would come in order, in every spelling and from everywhere."""
    count = full(10_000, short=400)
    morning = datetime(2036, 11, 21, tzinfo=UTC)

    def bomb(number: int) -> str:
        moment = morning + number * timedelta(days=1) / count
        otp.issue(phone_number=SPELLINGS[number % 13], ip=address(number), now=moment)
        return "sent"

    told = attack(bomb, range(count))

    sent = [message for message in memory.outbox if message.to == PHONE]
    assert (len(sent), OTPCode.objects.count(), told["sent"]) == (10, 10, 10)
    assert set(told) == {"sent", "otp_too_soon", "rate_limited"}
    record_property("requests over one day", f"{count} in {len(SPELLINGS)} spellings from {count} addresses")
    record_property("messages", len(sent))


def test_phone_is_bombed_with_one_code_a_minute(record_property: Figures) -> None:
    count = full(10_000, short=100)
    bodies = [({"phone_number": SPELLINGS[number % 13]}, address(number)) for number in range(count)]
    began = timezone.now()

    told = attack(lambda item: ask(REQUEST, *item), bodies)

    minutes = int((timezone.now() - began) / timedelta(minutes=1)) + 1
    assert 1 <= told["ok"] <= min(minutes, django_settings.OTP_PER_PHONE_HOUR)
    assert len(memory.outbox) == told["ok"]
    record_property("parallel requests through the API", count)
    record_property("messages", f"{told['ok']} in {minutes} min")


@pytest.mark.parametrize("version", [4, 6])
def test_one_network_gets_what_its_hour_allows(
    settings: Any, cheap_hashes: None, record_property: Figures, version: int
) -> None:
    settings.OTP_PER_IP_HOUR, settings.OTP_PER_NETWORK_HOUR = full(60, short=6), full(600, short=60)
    count = full(10_000, short=400)
    where = "203.0.113.{}" if version == 4 else "2001:db8:7:{:x}::1"
    now = timezone.now()

    def bomb(number: int) -> str:
        otp.issue(phone_number=f"0916{number:07d}", ip=where.format(number % 250), now=now)
        return "sent"

    told = attack(bomb, range(count))

    assert told == {"sent": settings.OTP_PER_NETWORK_HOUR, "rate_limited": count - settings.OTP_PER_NETWORK_HOUR}
    assert len(memory.outbox) == told["sent"]
    record_property("phones asked for from 250 addresses of one network", count)
    record_property("messages", told["sent"])


def test_one_host_of_ipv6_is_one_address(settings: Any, cheap_hashes: None, record_property: Figures) -> None:
    settings.OTP_PER_IP_HOUR = full(60, short=6)
    count, now = full(10_000, short=200), timezone.now()

    def bomb(number: int) -> str:
        otp.issue(phone_number=f"0916{number:07d}", ip=f"2001:db8:7:7::{number:x}", now=now)
        return "sent"

    told = attack(bomb, range(count))

    assert told == {"sent": settings.OTP_PER_IP_HOUR, "rate_limited": count - settings.OTP_PER_IP_HOUR}
    record_property("addresses of one /64", count)
    record_property("messages", told["sent"])


def test_budget_of_everybody_is_kept_and_staff_hear_once(
    settings: Any, cheap_hashes: None, record_property: Figures, caplog: Any
) -> None:
    settings.OTP_GLOBAL_HOUR = full(1_000, short=50)
    staff = StaffFactory()
    count = full(10_000, short=200)
    now = datetime(2036, 11, 21, 12, 1, tzinfo=UTC)

    def bomb(number: int) -> str:
        otp.issue(phone_number=f"0917{number:07d}", ip=address(number), now=now)
        return "sent"

    told = attack(bomb, range(count))

    assert told == {"sent": settings.OTP_GLOBAL_HOUR, "otp_unavailable": count - settings.OTP_GLOBAL_HOUR}
    assert len(memory.outbox) == settings.OTP_GLOBAL_HOUR
    assert [row.user for row in Notification.objects.filter(kind="otp_budget_spent")] == [staff]
    assert len([record for record in caplog.records if record.levelname == "CRITICAL"]) == 1
    record_property("requests of as many phones and networks", count)
    record_property("messages, budget, alarms", f"{told['sent']}, {settings.OTP_GLOBAL_HOUR}, 1")


def test_stolen_refresh_token_gives_one_successor_and_kills_its_family(record_property: Figures) -> None:
    families = full(100, short=6)
    now = timezone.now()
    owners = UserFactory.create_batch(families)
    stolen = {owner.pk: sessions._tokens(open_session(owner)).refresh for owner in owners}
    successors: dict[int, set[str]] = {owner.pk: set() for owner in owners}

    def use(owner: int) -> str:
        successors[owner].add(sessions.refresh(token=stolen[owner], now=now).refresh)
        return "ok"

    for owner in owners:
        assert attack(use, [owner.pk] * 12, callers=12) == {"ok": 12}
    assert {len(tokens) for tokens in successors.values()} == {1}
    assert not any(successors[owner] & {token} for owner, token in stolen.items())

    later = now + timedelta(seconds=django_settings.REFRESH_GRACE_SECONDS + 1)
    told = attack(lambda owner: sessions.refresh(token=stolen[owner], now=later).refresh, successors)
    assert told == {"token_invalid": families}
    told = attack(lambda owner: sessions.refresh(token=next(iter(successors[owner])), now=later).refresh, successors)
    assert told == {"token_invalid": families}
    assert Session.objects.filter(revoked_at=None).count() == 0
    warned = Notification.objects.filter(kind="session_reuse").values_list("user", flat=True)
    assert sorted(warned) == sorted(owner.pk for owner in owners)
    record_property("families, each refreshed 12 times in parallel", families)
    record_property("successors per family", 1)
    record_property("families dead and owners warned after reuse", len(warned))
