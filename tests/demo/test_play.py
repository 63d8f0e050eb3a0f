"""The pieces of the player, each on its own; tests/journeys plays the whole."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from demo.play import bank, scoreboard, worldcup
from demo.play.__main__ import main
from demo.play.cast import gather
from demo.play.client import Api, Person, Phones, Tally, wait_until
from demo.play.errors import PlayError
from demo.play.sockets import check_no_gap

Answer = tuple[int, dict[str, str], str]
CUP = worldcup.load()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[str, str, str], Answer]], str]]:
    """``serve(answer)`` answers requests with ``answer(method, path, body)``; returns its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[str, str, str], Answer]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, headers, text = answer(self.command, self.path, body)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def api_at() -> Iterator[Callable[[str], Api]]:
    opened: list[Api] = []

    def make(url: str) -> Api:
        opened.append(Api(url, Tally(), lambda line: None))
        return opened[-1]

    yield make
    for api in opened:
        api.close()


def sms(number: str, text: str) -> str:
    return json.dumps({"to": number, "text": text}) + "\n"


def test_phones_hear_only_what_came_since_the_play_began(tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    path.write_text(sms("0912", "old 111111"))
    phones = Phones(path)

    with path.open("a") as file:
        file.write(sms("0912", "کد: 222222") + sms("0913", "other 333333"))

    assert phones.received("0912") == ["کد: 222222"]
    assert phones.wait_for_code("0912") == "222222"
    assert phones.count == 2


def test_phones_wait_for_the_rest_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    phones = Phones(path)
    line = sms("0912", "code 222222")

    path.write_text(line[:10])
    before = phones.received("0912")
    path.write_text(line)

    assert (before, phones.received("0912")) == ([], ["code 222222"])


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(PlayError, match="the last train: nothing came within"):
        wait_until(lambda: None, what="the last train", seconds=0.05, pause=0.01)


def test_busy_server_is_asked_again_after_the_time_it_names(serve: Any, api_at: Any) -> None:
    answers = iter([(503, {"Retry-After": "0"}, "{}"), (429, {"Retry-After": "0"}, "{}"), (200, {}, '{"fine": 1}')])
    api = api_at(serve(lambda *request: next(answers)))

    assert Person(api, "Neymar", "0912", token="t").get("/x/") == {"fine": 1}
    assert api.tally["requests"] == 3


def test_too_long_a_wait_ends_the_play(serve: Any, api_at: Any) -> None:
    api = api_at(serve(lambda *request: (429, {"Retry-After": "3600"}, '{"code": "rate_limited", "detail": "No."}')))

    with pytest.raises(PlayError, match="GET /x/ answered 429: rate_limited"):
        Person(api, "Neymar", "0912", token="t").get("/x/")


def test_refusal_that_does_not_come_ends_the_play(serve: Any, api_at: Any) -> None:
    person = Person(api_at(serve(lambda *request: (200, {}, "{}"))), "a stranger", "0912", token="t")

    with pytest.raises(PlayError, match="a stranger should have been refused with 403"):
        person.is_refused("/x/", status=403)


def test_payer_presses_the_first_button_and_follows_the_way_back(serve: Any, api_at: Any) -> None:
    asked = []

    def product(method: str, path: str, body: str) -> Answer:
        asked.append(path)
        return 200, {}, "welcome back"

    home = serve(product)

    def bank_page(method: str, path: str, body: str) -> Answer:
        if method == "POST":
            return 302, {"Location": f"{home}/callback?{body}"}, ""
        form = '<form method="post"><input type="hidden" name="a" value="1">'
        return 200, {}, form + '<button name="decision" value="pay"><button name="decision" value="cancel"></form>'

    landed = bank.pay(api_at(home).browser, serve(bank_page) + "/pg/StartPay/A1")

    assert landed == f"{home}/callback?a=1&decision=pay"
    assert asked == ["/callback?a=1&decision=pay"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ((200, {}, "<p>closed</p>"), "has no form to pay with"),
        ((404, {}, ""), "answered 404"),
        ((200, {}, '<form action="/elsewhere"><button></form>'), "does not lead back"),
    ],
)
def test_bank_that_does_not_work_ends_the_play(serve: Any, api_at: Any, page: Answer, said: str) -> None:
    home = serve(lambda *request: (200, {}, ""))

    with pytest.raises(PlayError, match=said):
        bank.pay(api_at(home).browser, serve(lambda *request: page))


def test_scoreboard_is_a_picture_and_no_two_are_the_same() -> None:
    one, two = (scoreboard.draw(CUP.final, mark=mark) for mark in ("a1", "b2"))

    with Image.open(io.BytesIO(one)) as picture:
        assert (picture.format, picture.size) == ("PNG", scoreboard.SIZE)
        assert len(picture.convert("RGB").getcolors(100_000) or []) > 10
    assert one != two


def test_cast_has_a_phone_for_everybody_and_the_same_ones_for_a_seed(api_at: Any) -> None:
    api = api_at("http://127.0.0.1:9")
    numbers = [
        [person.number for person in gather(api, CUP, staff_number="09000000000", seed=seed).everybody]
        for seed in (1, 1, 2)
    ]

    assert len(set(numbers[0])) == 35
    assert all(len(number) == 11 and number.startswith("09") for number in numbers[0])
    assert numbers[0] == numbers[1]
    assert not (set(numbers[0]) - {"09000000000"}) & set(numbers[2])


@pytest.mark.parametrize(("numbers", "complete"), [([4, 5, 6], True), ([], True), ([4, 6], False), ([4, 4], False)])
def test_gap_in_numbered_frames_ends_the_play(numbers: list[int], complete: bool) -> None:
    frames = [{"seq": number} for number in numbers]

    if complete:
        check_no_gap(frames, after=3, what="news")
    else:
        with pytest.raises(PlayError, match="news came with the numbers"):
            check_no_gap(frames, after=3, what="news")


def test_play_without_a_product_says_so_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.play.client.TIMEOUT_SECONDS", 1.0)

    status = main(["--url", "http://127.0.0.1:9", "--sms-file", str(tmp_path / "none"), "--quiet"])

    out, said = capsys.readouterr()
    assert (status, out) == (1, "")
    assert said.startswith("The play stopped while signing in with codes from sms: POST http://127.0.0.1:9/api/auth/")
    assert said.count("\n") == 1
