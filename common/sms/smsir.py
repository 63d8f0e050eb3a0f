from typing import Any

import requests
from django.conf import settings
from sms_ir import SmsIr

from common.sms import http
from common.sms.message import BadNumber, Outcome, PermanentSmsError, Sms, TemporarySmsError

SUCCESS = 1
SYSTEM_TROUBLE, TOO_MANY_REQUESTS = 0, 20
NUMBER_INVALID = 104
OUTCOMES = {1: Outcome.DELIVERED} | dict.fromkeys((2, 4, 6, 7), Outcome.UNDELIVERED)


class _Client(SmsIr):
    """smsir-python with timeouts and one connection pool; connection errors are raised, not swallowed."""

    def __init__(self, session: requests.Session) -> None:
        super().__init__(settings.SMSIR_API_KEY, settings.SMSIR_LINE_NUMBER)
        self.ENDPOINT = settings.SMSIR_ENDPOINT
        self._session = session

    def config_logger(self) -> None:
        """The library adds a log handler per instance; ours are set up once, in the settings."""

    def post(self, url: str, data: dict[str, Any]) -> requests.Response:
        return http.call(self._session, "POST", url, headers=self._headers, json=data)

    def get(self, url: str, params: dict[str, Any] | None = None) -> requests.Response:
        return http.call(self._session, "GET", url, headers=self._headers, params=params)

    def delete(self, url: str) -> requests.Response:
        return http.call(self._session, "DELETE", url, headers=self._headers)


class SmsIrProvider:
    """SMS.ir: one-time codes as an approved template, everything else as a bulk message of one."""

    def __init__(self) -> None:
        self._client = _Client(requests.Session())

    def send(self, message: Sms) -> str:
        if message.template == "otp":
            parameters = [{"name": name.upper(), "value": value} for name, value in message.params.items()]
            data = _data(self._client.send_verify_code(message.to, settings.SMSIR_OTP_TEMPLATE_ID, parameters))
        else:
            data = _data(self._client.send_sms(message.to, message.text))
        if not isinstance(data, dict):
            return ""
        ids = data.get("messageIds")
        first = ids[0] if isinstance(ids, list) and ids else None
        return str(data.get("messageId") or first or data.get("packId") or "")

    def outcome(self, reference: str) -> Outcome:
        data = _data(self._client.report_message(reference))
        state: Any = data.get("deliveryState") if isinstance(data, dict) else None
        return OUTCOMES.get(state, Outcome.PENDING)


def _data(response: requests.Response) -> Any:
    """What a successful answer carries. :raises SmsError: it was no success."""
    body = http.document(response)
    status = body.get("status") if isinstance(body, dict) else None
    if response.status_code < 400 and status == SUCCESS:
        return body.get("data")
    said = f"HTTP {response.status_code}, status {status}"
    if status in (SYSTEM_TROUBLE, TOO_MANY_REQUESTS):
        raise TemporarySmsError(said)
    raise BadNumber(said) if status == NUMBER_INVALID else PermanentSmsError(said)
