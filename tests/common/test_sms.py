"""The text message providers against real HTTP servers: every failure is temporary or permanent, none is swallowed."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from common import sms
from common.sms import BadNumber, Outcome, PermanentSmsError, Sent, Sms, TemporarySmsError, http
from common.sms.file import FileProvider
from tests.common.sms_servers import MOODS, FakeKavenegar, FakeSmsIr, FakeSmsServer, serving

OTP = Sms(to="09123456789", text="Code: 123456", template="otp", params={"code": "123456"})
PLAIN = Sms(to="09123456789", text="سلام")
PERMANENT_MOODS = {"null", "list", "nothing"}
PERMANENT_REFUSALS = {"wrong key", "no credit", "unknown template", "blocked"}


@pytest.fixture
def fresh_lines() -> Iterator[None]:
    """Providers and breakers that remember no other test."""
    sms._line.cache_clear()
    yield
    for name in sms.REPORTING_PROVIDERS:
        provider: Any = sms._line(name).provider
        (provider._session if hasattr(provider, "_session") else provider._client._session).close()
    sms._line.cache_clear()


@pytest.fixture
def smsir(settings: Any, fresh_lines: None) -> Iterator[FakeSmsServer]:
    with serving(FakeSmsIr, settings) as server:
        yield server


@pytest.fixture
def kavenegar(settings: Any, fresh_lines: None) -> Iterator[FakeSmsServer]:
    with serving(FakeKavenegar, settings) as server:
        yield server


@pytest.fixture(params=["smsir", "kavenegar"])
def alone(request: pytest.FixtureRequest, settings: Any) -> FakeSmsServer:
    """Each provider by itself."""
    settings.SMS_PROVIDERS = [request.param]
    return request.getfixturevalue(request.param)


@pytest.fixture
def both(settings: Any, smsir: FakeSmsServer, kavenegar: FakeSmsServer) -> tuple[FakeSmsServer, FakeSmsServer]:
    settings.SMS_PROVIDERS = ["smsir", "kavenegar"]
    return smsir, kavenegar


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (0.2, 0.2))


@pytest.mark.parametrize(("message", "said"), [(OTP, "123456"), (PLAIN, "سلام")], ids=["otp", "plain"])
def test_message_is_taken_with_a_reference(alone: FakeSmsServer, message: Sms, said: str) -> None:
    assert sms.send(message) == Sent(alone.name, "1001")
    assert alone.taken == [("09123456789", said)]


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("message", [OTP, PLAIN], ids=["otp", "plain"])
def test_misbehaviour_says_whether_to_try_again(alone: FakeSmsServer, impatient: None, message: Sms, mood: str) -> None:
    alone.mood = mood

    with pytest.raises(PermanentSmsError if mood in PERMANENT_MOODS else TemporarySmsError) as refused:
        sms.send(message)
    assert len(alone.seen) == 1
    for secret in (message.to, "123456", "key", "127.0.0.1"):
        assert secret not in str(refused.value)


@pytest.mark.parametrize("kind", FakeSmsIr.refusals)
def test_refusal_says_whether_to_try_again(alone: FakeSmsServer, kind: str) -> None:
    alone.refusal = alone.refusals[kind]

    with pytest.raises(PermanentSmsError if kind in PERMANENT_REFUSALS | {"bad number"} else TemporarySmsError) as got:
        sms.send(OTP)
    assert isinstance(got.value, BadNumber) == (kind == "bad number")


@pytest.mark.parametrize("data", ["null", "[]", "[1]", '"x"', "7", "{}"])
def test_taken_message_with_an_odd_reference_is_sent(alone: FakeSmsServer, monkeypatch: Any, data: str) -> None:
    odd = json.loads(data)
    monkeypatch.setattr(
        alone, "answer", lambda *_: (200, {"status": 1, "data": odd, "return": {"status": 200}, "entries": odd})
    )

    assert sms.send(OTP) == Sent(alone.name, "")


def test_nobody_at_home_is_temporary(alone: FakeSmsServer, settings: Any) -> None:
    sms._line.cache_clear()
    settings.SMSIR_ENDPOINT = settings.KAVENEGAR_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(TemporarySmsError):
        sms.send(OTP)


@pytest.mark.parametrize("mood", sorted(set(MOODS)))
def test_next_provider_is_asked_at_once(both: tuple[FakeSmsServer, FakeSmsServer], impatient: None, mood: str) -> None:
    first, second = both
    first.mood = mood

    sent = sms.send(OTP)
    assert (sent.provider, sent.reference) == ("kavenegar", "1001")
    assert [failure.split(":")[0] for failure in sent.failures] == ["smsir"]
    assert second.taken == [(OTP.to, "123456")]


@pytest.mark.parametrize("kind", sorted(set(FakeSmsIr.refusals) - {"bad number"}))
def test_next_provider_is_asked_when_one_is_misconfigured(both: tuple[FakeSmsServer, FakeSmsServer], kind: str) -> None:
    both[0].refusal = both[0].refusals[kind]
    assert sms.send(OTP).provider == "kavenegar"


def test_bad_number_is_not_sent_to_the_next(both: tuple[FakeSmsServer, FakeSmsServer]) -> None:
    first, second = both
    first.refusal = first.refusals["bad number"]

    with pytest.raises(BadNumber):
        sms.send(OTP)
    assert second.seen == []


@pytest.mark.parametrize(
    ("kinds", "error"),
    [
        (("wrong key", "no credit"), PermanentSmsError),
        (("wrong key", "trouble"), TemporarySmsError),
        (("trouble", "wrong key"), TemporarySmsError),
    ],
)
def test_failure_of_all_is_permanent_only_if_it_is_for_all(
    both: tuple[FakeSmsServer, FakeSmsServer], kinds: tuple[str, str], error: type[Exception]
) -> None:
    for server, kind in zip(both, kinds, strict=True):
        server.refusal = server.refusals[kind]

    with pytest.raises(error, match=r"^smsir: .*; kavenegar: "):
        sms.send(OTP)


def test_dead_provider_is_not_waited_for_with_every_message(
    both: tuple[FakeSmsServer, FakeSmsServer], impatient: None, settings: Any
) -> None:
    first, second = both
    first.mood, settings.SMS_BREAKER_FAILURES = "hang", 3

    for _ in range(10):
        assert sms.send(OTP).provider == "kavenegar"
    assert (len(first.seen), len(second.taken)) == (3, 10)

    settings.SMS_BREAKER_SECONDS = 0.0
    assert sms.send(OTP).provider == "kavenegar"
    first.mood = ""
    sms._line("smsir").breaker._open_until = 0.0
    assert sms.send(OTP).provider == "smsir"
    assert [sms.send(OTP).provider for _ in range(3)] == ["smsir"] * 3


def test_resting_provider_is_asked_when_nobody_else_takes_it(both: tuple[FakeSmsServer, FakeSmsServer]) -> None:
    first, second = both
    first.mood = "503"
    for _ in range(4):
        sms.send(OTP)
    assert len(first.seen) == 3

    first.mood, second.mood = "", "503"
    assert sms.send(OTP) == Sent("smsir", "1001", ("kavenegar: HTTP 503",))


def test_unknown_provider_is_a_mistake_in_the_settings(settings: Any, fresh_lines: None) -> None:
    settings.SMS_PROVIDERS = ["pigeon"]
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        sms.send(OTP)


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ((1, 10), Outcome.DELIVERED),
        ((2, 11), Outcome.UNDELIVERED),
        ((7, 14), Outcome.UNDELIVERED),
        ((3, 4), Outcome.PENDING),
        ((None, 1), Outcome.PENDING),
    ],
)
def test_outcome_is_asked_for(alone: FakeSmsServer, states: tuple[Any, Any], outcome: Outcome) -> None:
    reference = sms.send(OTP).reference
    alone.states[reference] = states[alone.name == "kavenegar"]

    assert sms.outcome(provider=alone.name, reference=reference) == outcome


def test_file_holds_one_line_per_message(settings: Any, tmp_path: Path) -> None:
    settings.SMS_FILE = str(tmp_path / "new" / "sms.jsonl")
    threads = [threading.Thread(target=FileProvider().send, args=(PLAIN,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = [json.loads(line) for line in Path(settings.SMS_FILE).read_text("utf-8").splitlines()]
    assert len(lines) == 10
    assert {(line["to"], line["text"]) for line in lines} == {("09123456789", "سلام")}
    assert Path(settings.SMS_FILE).stat().st_mode & 0o777 == 0o600


def test_full_disk_is_temporary(settings: Any) -> None:
    settings.SMS_FILE = "/dev/full"
    with pytest.raises(TemporarySmsError):
        FileProvider().send(PLAIN)
