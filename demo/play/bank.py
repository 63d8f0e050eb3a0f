"""A payer's browser at the bank: opens the payment page, fills in its form, follows the way back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

from demo.play.errors import PlayError


@dataclass
class Form:
    """One HTML form: where it goes, what it sends, and the names and values of its buttons."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").upper()))
        elif self.forms and tag in ("input", "button"):
            self._add(given, kind=given.get("type", "submit" if tag == "button" else "text"))

    def _add(self, given: dict[str, str], kind: str) -> None:
        if kind == "submit":
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))
        elif given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")


def pay(browser: httpx.Client, payment_url: str) -> str:
    """Pay by the page's first button; returns the address at which the payer ends, back with us.

    :raises PlayError: there is no such page, no form on it, or the way back is broken.
    """
    page = _open(browser, "GET", payment_url)
    reader = FormReader()
    reader.feed(page.text)
    form = next((form for form in reader.forms if form.buttons), None)
    if form is None:
        raise PlayError(f"the bank's page {payment_url} has no form to pay with")
    name, value = form.buttons[0]
    content = form.fields | ({name: value} if name else {})
    where = urljoin(str(page.url), form.action)
    back = _open(browser, form.method, where, **{"params" if form.method == "GET" else "data": content})
    if urlsplit(str(back.url)).netloc != urlsplit(str(browser.base_url)).netloc:
        raise PlayError(f"the bank does not lead back to {browser.base_url}, but to {back.url}")
    return str(back.url)


def _open(browser: httpx.Client, method: str, url: str, **content: dict[str, str]) -> httpx.Response:
    try:
        response = browser.request(method, url, follow_redirects=True, **content)  # type: ignore[arg-type]
    except httpx.HTTPError as error:
        raise PlayError(f"{method} {url}: {type(error).__name__} {error}") from error
    if response.status_code != 200:
        raise PlayError(f"{method} {response.url} answered {response.status_code}")
    return response
