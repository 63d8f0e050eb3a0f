from typing import Any

import requests
from django.conf import settings

from common.sms import http
from common.sms.message import BadNumber, Outcome, PermanentSmsError, Sms, TemporarySmsError

SUCCESS = 200
# 402 the operation failed, 409 their server cannot answer now, 451 too many calls for a while
TEMPORARY = {402, 409, 429, 451, 500, 502, 503, 504}
NUMBER_INVALID = 411
OUTCOMES = {10: Outcome.DELIVERED} | dict.fromkeys((6, 11, 13, 14, 100), Outcome.UNDELIVERED)


class KavenegarProvider:
    """Kavenegar: one-time codes by ``verify/lookup``, everything else by ``sms/send``. The key stands in the URL, so no
    URL may be logged."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def send(self, message: Sms) -> str:
        if message.template == "otp":
            lookup = {"template": settings.KAVENEGAR_OTP_TEMPLATE, "token": message.params["code"]}
            entries = self._call("verify/lookup", {"receptor": message.to} | lookup)
        else:
            sender = {"sender": settings.KAVENEGAR_SENDER} if settings.KAVENEGAR_SENDER else {}
            entries = self._call("sms/send", {"receptor": message.to, "message": message.text} | sender)
        return str(_first(entries).get("messageid") or "")

    def outcome(self, reference: str) -> Outcome:
        state: Any = _first(self._call("sms/status", {"messageid": reference})).get("status")
        return OUTCOMES.get(state, Outcome.PENDING)

    def _call(self, method: str, data: dict[str, str]) -> Any:
        url = f"{settings.KAVENEGAR_ENDPOINT}/v1/{settings.KAVENEGAR_API_KEY}/{method}.json"
        response = http.call(self._session, "POST", url, data=data)
        body = http.document(response)
        result = body.get("return") if isinstance(body, dict) else None
        status = result.get("status") if isinstance(result, dict) else None
        if response.status_code < 400 and status == SUCCESS:
            return body.get("entries")
        code = status if isinstance(status, int) and status != SUCCESS else response.status_code
        said = f"HTTP {response.status_code}, status {status}"
        if code in TEMPORARY:
            raise TemporarySmsError(said)
        raise BadNumber(said) if code == NUMBER_INVALID else PermanentSmsError(said)


def _first(entries: Any) -> dict[str, Any]:
    first = entries[0] if isinstance(entries, list) and entries else entries
    return first if isinstance(first, dict) else {}
