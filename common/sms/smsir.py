from typing import Any

import requests
from django.conf import settings
from sms_ir import SmsIr

from common.sms.message import PermanentSmsError, Sms, TemporarySmsError

TIMEOUT_SECONDS = (3.05, 8)


class _Client(SmsIr):
    """smsir-python with timeouts and one connection pool; connection errors are raised, not swallowed."""

    def __init__(self, session: requests.Session) -> None:
        super().__init__(settings.SMSIR_API_KEY, settings.SMSIR_LINE_NUMBER)
        self.ENDPOINT = settings.SMSIR_ENDPOINT
        self._session = session

    def config_logger(self) -> None:
        """The library adds a log handler per instance; ours are set up once, in the settings."""

    def _request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        return self._session.request(
            method, url, headers=self._headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, **kwargs
        )

    def post(self, url: str, data: dict[str, Any]) -> requests.Response:
        return self._request("POST", url, json=data)

    def get(self, url: str, params: dict[str, Any] | None = None) -> requests.Response:
        return self._request("GET", url, params=params)

    def delete(self, url: str) -> requests.Response:
        return self._request("DELETE", url)


class SmsIrProvider:
    """SMS.ir: one-time codes as an approved template, everything else as a bulk message of one."""

    def __init__(self) -> None:
        self._client = _Client(requests.Session())

    def send(self, message: Sms) -> str:
        try:
            if message.template == "otp":
                parameters = [{"name": name.upper(), "value": value} for name, value in message.params.items()]
                response = self._client.send_verify_code(message.to, settings.SMSIR_OTP_TEMPLATE_ID, parameters)
            else:
                response = self._client.send_sms(message.to, message.text)
        except requests.RequestException as error:
            raise TemporarySmsError(type(error).__name__) from error
        return _reference(response)


def _reference(response: requests.Response) -> str:
    if response.status_code == 429 or response.status_code >= 500:
        raise TemporarySmsError(f"HTTP {response.status_code}")
    try:
        body = response.json()
    except ValueError as error:
        raise TemporarySmsError("the answer is not JSON") from error
    if response.status_code >= 400 or not isinstance(body, dict) or body.get("status") != 1:
        status = body.get("status") if isinstance(body, dict) else None
        raise PermanentSmsError(f"HTTP {response.status_code}, status {status}")
    data = body.get("data")
    if not isinstance(data, dict):
        return "smsir:"
    return f"smsir:{data.get('messageId') or data.get('packId') or ''}"
