"""Text messages: the provider protocol and the providers. SMS_PROVIDER chooses: smsir, file or memory."""

from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common.sms.file import FileProvider
from common.sms.memory import MemoryProvider
from common.sms.message import PermanentSmsError, Provider, Sms, SmsError, TemporarySmsError
from common.sms.smsir import SmsIrProvider

__all__ = ["PermanentSmsError", "Provider", "Sms", "SmsError", "TemporarySmsError", "send"]

_PROVIDERS: dict[str, type[Provider]] = {"smsir": SmsIrProvider, "file": FileProvider, "memory": MemoryProvider}


@cache
def _provider(name: str) -> Provider:
    if name not in _PROVIDERS:
        raise ImproperlyConfigured(f"SMS_PROVIDER is {name!r}, not one of {', '.join(_PROVIDERS)}")
    return _PROVIDERS[name]()


def send(message: Sms) -> str:
    """Send one message through the configured provider; returns the provider's reference.

    :raises TemporarySmsError: worth another try later.
    :raises PermanentSmsError: will fail again.
    """
    return _provider(settings.SMS_PROVIDER).send(message)
