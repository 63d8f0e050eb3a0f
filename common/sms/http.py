"""What the providers on the network share: bounded waits, no redirects, an answer that is JSON or a failure."""

from typing import Any

import requests

from common.sms.message import TemporarySmsError

TIMEOUT_SECONDS = (3.05, 8)


def call(session: requests.Session, method: str, url: str, **kwargs: Any) -> requests.Response:
    """One request. :raises TemporarySmsError: nobody answered in time; the message names no URL and no number."""
    try:
        return session.request(method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **kwargs)
    except requests.RequestException as error:
        raise TemporarySmsError(type(error).__name__) from None


def document(response: requests.Response) -> Any:
    """The JSON of an answer. :raises TemporarySmsError: 429, 5xx, a redirect, or no JSON."""
    if response.status_code == 429 or response.status_code >= 500 or response.is_redirect:
        raise TemporarySmsError(f"HTTP {response.status_code}")
    try:
        return response.json()
    except ValueError:
        raise TemporarySmsError(f"HTTP {response.status_code}, not JSON") from None
