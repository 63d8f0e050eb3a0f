"""Whatever is sent, wherever: a coded refusal in the caller's language, nothing half done, and never a 500."""

import json
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from common.sms import memory
from config import asgi, wsgi
from tests.contract.routes import OPERATIONS, WRITES, Operation, World, fingerprint
from users.services import otp

pytestmark = pytest.mark.django_db

PROBLEM = {"type", "title", "status", "detail", "code", "errors", "params", "request_id"}
MALFORMED: dict[str, tuple[bytes, str]] = {
    "not json": (b"{'a': 1", "application/json"),
    "list": (b"[]", "application/json"),
    "null": (b"null", "application/json"),
    "number": (b"7", "application/json"),
    "string": (b'"text"', "application/json"),
    "nested 200": (b'{"a":' * 200 + b"1" + b"}" * 200, "application/json"),
    "nested 100000": (b"[" * 100_000, "application/json"),
    "NaN": (b'{"a": NaN}', "application/json"),
    "Infinity": (b'{"a": -Infinity}', "application/json"),
    "1e999": (b'{"a": 1e999}', "application/json"),
    "double key": (b'{"a": 1, "a": 2}', "application/json"),
    "lone surrogate": (rb'{"a": "\ud800"}', "application/json"),
    "lone surrogate key": (rb'{"\udfff": 1}', "application/json"),
    "NUL": (rb'{"a": "\u0000"}', "application/json"),
    "10^400": (b'{"a": 1' + b"0" * 400 + b"}", "application/json"),
    "10^5000": (b'{"a": 1' + b"0" * 5000 + b"}", "application/json"),
    "2 MB": (b'{"a": "' + b"x" * 2_000_000 + b'"}', "application/json"),
    "invalid utf-8": (b'{"a": "\xff\xfe\xfa"}', "application/json"),
    "text as json": (b"hello", "application/json; charset=hex"),
    "plain text": (b"hello", "text/plain"),
    "no such type": (b"hello", "\xff/\x7f"),
    "xml": (b"<a/>", "application/xml"),
    "multipart without boundary": (b"--x\r\n", "multipart/form-data"),
    "multipart with a bad boundary": (b"--x\r\n", "multipart/form-data; boundary=\xff"),
    "multipart in base64, broken": (
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        b"=a==%\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "multipart NUL": (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\0\r\n--x--\r\n', "multipart/form-data; boundary=x",
    ),
    "form NUL": (b"a=%00", "application/x-www-form-urlencoded"),
    "form of 2 MB": (b"a=" + b"x" * 2_000_000, "application/x-www-form-urlencoded"),
    "form of 500 fields": (b"a=1&" * 500, "application/x-www-form-urlencoded"),
}  # fmt: skip
# Odd, but a reader may make an empty or partial form of it: only the fields decide.
ODD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "application/json"),
    "white": (b"  \n", "application/json"),
    "empty object": (b"{}", "application/json"),
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}', "application/json"),
    "utf-16": ('{"a": 1}'.encode("utf-16"), "application/json"),
    "unknown charset": (b"{}", "application/json; charset=nonsense"),
    "odd charset": (b"a=%5Cud800", "application/x-www-form-urlencoded; charset=unicode_escape"),
    "form of bad utf-8": (b"a=%ff%fe", "application/x-www-form-urlencoded"),
    "hex form": (b"a=%41", "application/x-www-form-urlencoded; charset=hex"),
    "multipart cut off": (
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n\x89PNG',
        "multipart/form-data; boundary=x",
    ),
    "multipart without names": (
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x",
    ),
    "multipart with an odd file name": (
        b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename*=hex''%ff..%2f\r\n\r\n1\r\n--x--\r\n",
        "multipart/form-data; boundary=x; charset=hex",
    ),
}  # fmt: skip
VALUES: dict[str, Any] = {
    "true": True,
    "float": 1.5,
    "negative": -1,
    "64 bits and one": 2**63,
    "null": None,
    "empty text": "",
    "list": [],
    "list of lists": [[1], [[]], {}, None],
    "list of texts": ["", "x", "9" * 50],
    "object": {},
    "odd object": {"": {"a": [1.5]}, "id": 1},
    "long text": "x" * 100_000,
    "digits": "9" * 5000,
    "persian digits": "۱۲۳",
    "bidi": "\u202eevil\u2066",
    "long e-mail": "a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".ir",
    "first date": "0001-01-01T00:00:00+14:00",
    "last date": "9999-12-31T23:59:59-14:00",
    "wide offset": "2026-01-01T00:00:00-22:25",
    "no date": "2026-02-30T25:61:00Z",
}
QUERY_VALUES = [
    "abc", "-1", "0", "1.5", "1e3", "1e400", "1e-400", "NaN", "sNaN", "9" * 30, "9" * 5000, "%00", "%ff", "%C2%B2",
    "%DB%B2", "%5Cud800", "[]", "%27;--", "-" * 300 + "name", "__class__", "a," * 2000, "2026-13-45",
    "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00",
    "2026-01-01T00:00:00%2B17:31", "2026-01-01T00:00:00-22:25", "2026-01-01",
]  # fmt: skip
QUERIES = ["format=xml", "format=%00", "a" * 5000, "&".join(f"a{number}=1" for number in range(1500)), "%zz=%&=&==&"]
IDS = [
    "0",
    "999999999999999999",
    "9" * 40,
    "-1",
    "abc",
    "1.5",
    "۱",
    "²",
    "%00",
    "%ff",
    "1%0a",
    "..%2f",
    "%20",
    "x" * 3000,
]
HEADERS: dict[str, dict[str, str]] = {
    "language: nonsense": {"HTTP_ACCEPT_LANGUAGE": "xx;q=abc,,;;"},
    "language: long": {"HTTP_ACCEPT_LANGUAGE": "fa-" * 5000},
    "language: not ascii": {"HTTP_ACCEPT_LANGUAGE": "\xff\xfe"},
    "language: path": {"HTTP_ACCEPT_LANGUAGE": "../../etc"},
    "request id: huge": {"HTTP_X_REQUEST_ID": "x" * 100_000},
    "request id: line break": {"HTTP_X_REQUEST_ID": "a\r\nSet-Cookie: b=c"},
    "request id: not ascii": {"HTTP_X_REQUEST_ID": "\xe9"},
    "key: empty": {"HTTP_IDEMPOTENCY_KEY": ""},
    "key: long": {"HTTP_IDEMPOTENCY_KEY": "k" * 201},
    "key: not ascii": {"HTTP_IDEMPOTENCY_KEY": "\xff\xff"},
    "key: blanks": {"HTTP_IDEMPOTENCY_KEY": "a b"},
    "key: good": {"HTTP_IDEMPOTENCY_KEY": "good"},
    "accept: nothing we have": {"HTTP_ACCEPT": "text/html"},
    "accept: nonsense": {"HTTP_ACCEPT": ";;q=,/"},
    "agent": {"HTTP_USER_AGENT": "\xff" * 5000},
    "forwarded": {"HTTP_X_FORWARDED_FOR": "not an address, '; --"},
    "etag": {"HTTP_IF_NONE_MATCH": '"\xff'},
    "host": {"HTTP_HOST": "evil.example"},
    "override": {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    "range": {"HTTP_RANGE": "bytes=9-1"},
    "length": {"CONTENT_LENGTH": "abc"},
}  # fmt: skip
AUTHORIZATIONS = [
    "Bearer", "Bearer ", "Bearer a b", "Bearer \xff\xfe", "bearer null", "Bearer a.b.c", "Bearer " + "x" * 50_000,
    "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzaWQiOjEsInRva2VuX3R5cGUiOiJhY2Nlc3MifQ.",
    "Basic YTpi", "Token x", "\xff", " ", "Digest username=\"a\"", "Bearer\tx", "Bearer \0",
]  # fmt: skip


def wrong_with(answer: Any) -> str:
    """Why the answer is not one that a client can act on; empty when it is."""
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if answer.status_code < 400:
        return ""
    if answer["Content-Type"] != "application/problem+json":
        return f"{answer.status_code} {answer['Content-Type']}"
    body = json.loads(answer.content)
    if set(body) != PROBLEM or not (body["code"] and body["detail"]):
        return f"shape {body}"
    if (body["status"], body["request_id"]) != (answer.status_code, answer["X-Request-ID"]):
        return f"says {body['status']} {body['request_id']}"
    return ""


class Attacker:
    """Sends, and notes what was not answered as it should be. Nothing that a request does outlives it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.client.raise_request_exception = False
        self.before = fingerprint()
        self.wrong: list[tuple[str, str]] = []

    def send(self, label: str, call: str, *where: str, must_refuse: bool = False, **request: Any) -> None:
        savepoint = transaction.atomic()
        savepoint._from_testcase = True
        with savepoint:
            answer = getattr(self.client, call)(*where, **request)
            wrong = wrong_with(answer)
            if not wrong and answer.status_code >= 400 and fingerprint() != self.before:
                wrong = f"{answer.status_code}, but it left something behind"
            if not wrong and must_refuse and answer.status_code < 400:
                wrong = f"{answer.status_code}, not refused"
            if wrong:
                self.wrong.append((label, wrong))
            transaction.set_rollback(True)

    def conclude(self) -> None:
        assert self.wrong == [], "\n".join(" -> ".join(pair) for pair in self.wrong)

    def send_body(
        self, label: str, operation: Operation, path: str, raw: bytes, kind: str, must_refuse: bool = False
    ) -> None:
        request = {"data": raw, "content_type": kind}
        self.send(label, "generic", operation.method, path, must_refuse=must_refuse, **request)


@pytest.fixture
def attacker(world: World) -> Attacker:
    return Attacker(world.client(world.owner))


def attacker_on(world: World, operation: Operation) -> Attacker:
    """Signed in as somebody whom the operation lets through to what is sent."""
    for_staff = "staff" in operation.schema["summary"].lower() or "assignments" in operation.route.path
    return Attacker(world.client(world.staff if for_staff else world.owner))


def test_cases_are_many() -> None:
    per_write = len(MALFORMED) + len(ODD)
    assert len(WRITES) * per_write > 1500


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_malformed_body_is_refused_and_changes_nothing(world: World, operation: Operation) -> None:
    attacker = attacker_on(world, operation)
    for label, (raw, kind) in MALFORMED.items():
        attacker.send_body(label, operation, world.url(operation.route), raw, kind, must_refuse=operation.reads_body)

    attacker.conclude()


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_odd_body_is_answered(world: World, operation: Operation) -> None:
    attacker = attacker_on(world, operation)
    for label, (raw, kind) in ODD.items():
        attacker.send_body(label, operation, world.url(operation.route), raw, kind)

    attacker.conclude()


@pytest.mark.parametrize("operation", [item for item in WRITES if item.reads_body], ids=str)
def test_odd_value_in_any_field_is_answered(world: World, operation: Operation) -> None:
    attacker = attacker_on(world, operation)
    for field in operation.properties:
        for label, value in VALUES.items():
            body, kind = world.body(operation) | {field: value}, "json"
            if any(hasattr(item, "read") for item in body.values()):
                body, kind = as_form(body), "multipart"
            call = operation.method.lower()
            attacker.send(f"{field}: {label}", call, world.url(operation.route), data=body, format=kind)

    attacker.conclude()


def as_form(body: dict[str, Any]) -> dict[str, Any]:
    """The same body for a form, in which lists and objects are JSON texts and nothing is null."""
    sent = {name: value for name, value in body.items() if value is not None}
    return {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in sent.items()}


@pytest.mark.parametrize("operation", [item for item in OPERATIONS if item.method == "GET"], ids=str)
def test_odd_query_is_answered(world: World, operation: Operation) -> None:
    attacker = attacker_on(world, operation)
    named = [item["name"] for item in operation.schema.get("parameters", []) if item["in"] == "query"]
    queries = QUERIES + [f"{name}={value}" for name in named for value in QUERY_VALUES]
    for query in queries:
        attacker.send(query[:40], "get", world.url(operation.route), QUERY_STRING=query)

    attacker.conclude()


@pytest.mark.parametrize("operation", [item for item in OPERATIONS if "{" in item.route.path], ids=str)
def test_odd_id_is_answered(world: World, operation: Operation) -> None:
    attacker = attacker_on(world, operation)
    ids = world.ids(operation.route)
    for name in ids:
        for odd in IDS if f"{{{name}}}" in operation.route.path else []:
            path = operation.route.path.format(**ids | {name: odd})
            attacker.send(f"{name} {odd[:20]}", operation.method.lower(), path, HTTP_IDEMPOTENCY_KEY="k")

    attacker.conclude()


SAMPLE = [
    item for item in OPERATIONS
    if item.route.path.endswith(("/me/", "/verify/", "/join/", "/deposit/", "/balance/", "/bracket.svg", "/matches/"))
]  # fmt: skip


@pytest.mark.parametrize("operation", SAMPLE, ids=str)
def test_odd_headers_are_answered(world: World, attacker: Attacker, operation: Operation) -> None:
    for label, headers in HEADERS.items():
        raw = json.dumps(world.body(operation)).encode() if operation.reads_body else b""
        request = {"data": raw, "content_type": "application/json"} | headers
        attacker.send(label, "generic", operation.method, world.url(operation.route), **request)

    attacker.conclude()


@pytest.mark.parametrize("operation", SAMPLE, ids=str)
def test_odd_authorization_is_answered(world: World, operation: Operation) -> None:
    attacker = Attacker(world.client(None))
    must_refuse = not operation.route.is_public(operation.method)
    for value in AUTHORIZATIONS:
        path, call = world.url(operation.route), operation.method.lower()
        attacker.send(value[:20], call, path, must_refuse=must_refuse, HTTP_AUTHORIZATION=value)

    attacker.conclude()


def test_address_that_no_proxy_of_ours_wrote_is_not_believed(world: World, attacker: Attacker, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    sign_in = next(item for item in WRITES if item.route.path.endswith("/otp/verify/"))
    for number, forwarded in enumerate(("not an address", "1.2.3.4:80", "x" * 5000, "\xff", "fe80::1%eth0", "[::1]")):
        phone_number = f"0912111223{number}"
        body = {"phone_number": phone_number, "code": code_for(attacker, phone_number)}
        attacker.send(forwarded[:20], "post", world.url(sign_in.route), data=body, HTTP_X_FORWARDED_FOR=forwarded)

    attacker.conclude()


def code_for(attacker: Attacker, phone_number: str) -> str:
    """A fresh code for the phone, sent before the savepoint."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        otp.issue(phone_number=phone_number, ip="127.0.0.1", now=timezone.now())
    attacker.before = fingerprint()
    return memory.outbox[-1].params["code"]


CHARSETS = ["hex", "unicode_escape", "utf-16", "idna", "nonsense", "utf-8", ""]


@pytest.mark.parametrize("charset", CHARSETS)
def test_text_is_utf_8_whatever_the_charset_says(charset: str) -> None:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"QUERY_STRING": "search=%5Cud800%DB%B2", "CONTENT_TYPE": f"text/plain; Charset={charset}; a=b"}
    headers = [(b"content-type", environ["CONTENT_TYPE"].encode())]
    scope = {"type": "http", "path": "/", "method": "GET", "headers": headers, "query_string": b"search=%5Cud800%DB%B2"}

    for request in (
        wsgi.application.request_class(environ),
        asgi.application.application_mapping["http"].request_class(scope, BytesIO()),
    ):
        assert request.GET["search"] == "\\ud800۲"
