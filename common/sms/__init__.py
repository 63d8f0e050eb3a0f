"""Text messages: the provider protocol and the providers. SMS_PROVIDERS lists whom to ask, the first choice first."""

import logging
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common.sms.breaker import Breaker
from common.sms.file import FileProvider
from common.sms.kavenegar import KavenegarProvider
from common.sms.memory import MemoryProvider
from common.sms.message import (
    BadNumber,
    Outcome,
    PermanentSmsError,
    Provider,
    ReportingProvider,
    Sent,
    Sms,
    SmsError,
    TemporarySmsError,
)
from common.sms.smsir import SmsIrProvider

__all__ = [
    "BadNumber",
    "Outcome",
    "PermanentSmsError",
    "Provider",
    "Sent",
    "Sms",
    "SmsError",
    "TemporarySmsError",
    "outcome",
    "send",
]

logger = logging.getLogger(__name__)
_REPORTING: dict[str, type[ReportingProvider]] = {"smsir": SmsIrProvider, "kavenegar": KavenegarProvider}
_PROVIDERS: dict[str, type[Provider]] = {**_REPORTING, "file": FileProvider, "memory": MemoryProvider}
REPORTING_PROVIDERS = tuple(_REPORTING)


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    provider: Provider
    breaker: Breaker = field(default_factory=Breaker)


@cache
def _line(name: str) -> _Line:
    if name not in _PROVIDERS:
        raise ImproperlyConfigured(f"SMS_PROVIDERS names {name!r}, which is not one of {', '.join(_PROVIDERS)}")
    return _Line(name, _PROVIDERS[name]())


def send(message: Sms) -> Sent:
    """Send one message by the first provider that takes it; those whose breaker is open are asked last.

    :raises BadNumber: nobody can send there.
    :raises TemporarySmsError: worth another try later: somebody failed who may take it then.
    :raises PermanentSmsError: everybody will refuse it again.
    """
    lines = [_line(name) for name in settings.SMS_PROVIDERS]
    resting = [line for line in lines if not line.breaker.lets_through()]
    failures: list[str] = []
    later = False
    for line in [*(line for line in lines if line not in resting), *resting]:
        try:
            reference = line.provider.send(message)
        except BadNumber as error:
            line.breaker.succeeded()
            raise BadNumber("; ".join([*failures, f"{line.name}: {error}"])) from error
        except TemporarySmsError as error:
            line.breaker.failed()
            later = True
            failures.append(f"{line.name}: {error}")
        except PermanentSmsError as error:
            # it answers, so it is not the breaker's business, but somebody should look
            logger.error("SMS provider %s refuses: %s", line.name, error)
            failures.append(f"{line.name}: {error}")
        else:
            line.breaker.succeeded()
            return Sent(line.name, reference, tuple(failures))
    raise (TemporarySmsError if later else PermanentSmsError)("; ".join(failures))


def outcome(*, provider: str, reference: str) -> Outcome:
    """What became of a message that one of REPORTING_PROVIDERS took. :raises SmsError: it does not say."""
    reporting = _line(provider).provider
    return reporting.outcome(reference)  # type: ignore[attr-defined]
