"""FIDE report files: what is read, what is refused, and that writing loses nothing."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tournaments.engine
from tests.engine.playing import unhurried
from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.trf import TrfPlayer, TrfRound, TrfTournament, read_trf, write_trf

REPORTS = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "trf"
CASES = int(os.environ.get("ENGINE_FUZZ", "100"))

SMALL = """012 Small open
062 3
XXR 5
XXC black1
001    1 m GM Ada                               2555 NOR     1500123 1990/01/01  1.5    1     2 b 1  0000 - H
001    2      Bo                                2440                             0.0    3     1 w 0     3 w -
001    3      Cy                                                                 2.0       0000 - U     2 b +
"""


def player_line(number: int, *rounds: str) -> str:
    head = f"001 {number:>4} {'':<4} {'P' + str(number):<33} 2000 {'':<26}  0.0 {number:>4}"
    return head + "".join(f"  {cell:<8}" for cell in rounds)


def reports() -> list[Path]:
    found = sorted(REPORTS.glob("*/*.trf"))
    if not found:
        pytest.skip(f"no report files in {REPORTS}")
    return found


def refusal(text: object) -> dict[str, object]:
    with pytest.raises(EngineError) as caught:
        read_trf(text)  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.INVALID_TRF
    return caught.value.params


def test_read_gives_every_field() -> None:
    tournament = read_trf(SMALL)
    assert (tournament.name, tournament.rounds, tournament.planned_rounds) == ("Small open", 2, 5)
    assert tournament.first_colour == "b"
    assert tournament.extra == ("062 3",)
    assert tournament.players == (
        TrfPlayer(
            1,
            "Ada",
            2555,
            3,
            1,
            (TrfRound(2, "b", "1"), TrfRound(None, None, "H")),
            "m",
            "GM",
            "NOR",
            "1500123",
            "1990/01/01",
        ),
        TrfPlayer(2, "Bo", 2440, 0, 3, (TrfRound(1, "w", "0"), TrfRound(3, "w", "-"))),
        TrfPlayer(3, "Cy", 0, 4, None, (TrfRound(None, None, "U"), TrfRound(2, "b", "+"))),
    )


def attempt(text: str) -> TrfTournament | ErrorCode:
    try:
        return read_trf(text)
    except EngineError as error:
        return error.code


@pytest.mark.parametrize("newline", ["\r", "\n", "\r\n"])
def test_line_ends_do_not_matter(newline: str) -> None:
    assert read_trf(SMALL.replace("\n", newline)) == read_trf(SMALL)


@pytest.mark.parametrize(
    ("line", "colour", "extra"),
    [
        ("152 W", "w", ()),
        ("152 B", "b", ()),
        ("XXC white1", "w", ()),
        ("XXC rank black1", "b", ("XXC rank black1",)),
        ("XXC rank", None, ("XXC rank",)),
        ("XXC rank black1\n152 W", "w", ("XXC rank black1",)),
    ],
)
def test_the_colour_of_the_first_player_is_read(line: str, colour: str | None, extra: tuple[str, ...]) -> None:
    tournament = read_trf(f"{line}\n{player_line(1)}")
    assert (tournament.first_colour, tournament.extra) == (colour, extra)
    assert read_trf(write_trf(tournament)) == tournament


@pytest.mark.parametrize(
    ("mine", "theirs"),
    ["10", "==", "00", "=0", "+-", "--", "WL", "DD", "LL", "  "],
)
def test_every_pair_of_results_is_read(mine: str, theirs: str) -> None:
    text = f"{player_line(1, f'   2 w {mine}')}\n{player_line(2, f'   1 b {theirs}')}"
    games = [player.rounds for player in read_trf(text).players]
    assert games == [(TrfRound(2, "w", mine.strip()),), (TrfRound(1, "b", theirs.strip()),)]


@pytest.mark.parametrize("result", [*"HFUZ+-=", ""])
def test_every_unpaired_result_is_read(result: str) -> None:
    text = f"{player_line(1, f'0000 - {result}')}\n{player_line(2, f'   0 - {result.lower()}')}\n{player_line(3)}"
    first, second, third = read_trf(text).players
    assert first.rounds == second.rounds == (TrfRound(None, None, result),)
    assert third.rounds == (TrfRound(None, None, ""),)


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        (None, 0, "type"),
        (b"001", 0, "type"),
        ("", 0, "players"),
        ("hello\n012 name", 0, "players"),
        ("001", 1, "number"),
        (player_line(0), 1, "number"),
        ("001 \u0661\u0662\u0663\u0664", 1, "number"),
        (f"{player_line(1)}\n{player_line(1)}", 2, "number"),
        ("012 a\n012 b", 2, "name"),
        (player_line(1).replace("2000", "20x0"), 1, "rating"),
        (player_line(1).replace(" 0.0", " 0.3"), 1, "points"),
        (player_line(1).replace(" 0.0", " -1 "), 1, "points"),
        (player_line(1)[:-1] + "x", 1, "rank"),
        (player_line(1, "0001 w 1"), 1, "opponent"),
        (player_line(1, "   2 w 1"), 1, "opponent"),
        (f"{player_line(1, '   2 w 1')}\n{player_line(2)}", 1, "opponent"),
        (f"{player_line(1)}\n{player_line(2, '   1 w 1')}", 2, "opponent"),
        (f"{player_line(1, '   2 w 1')}\n{player_line(2, '   1 w 0')}", 1, "colour"),
        (f"{player_line(1, '   2 w +')}\n{player_line(2, '   1 - -')}", 1, "colour"),
        (f"{player_line(1, '   2 w 1')}\n{player_line(2, '   1 b 1')}", 1, "result"),
        (f"{player_line(1, '   2 w 1')}\n{player_line(2, '   1 b -')}", 1, "result"),
        (f"{player_line(1, '   2 w 1')}\n{player_line(2, '   1 b  ')}", 1, "result"),
        (player_line(1, "0000 w U"), 1, "colour"),
        (player_line(1, "   2 x 1"), 1, "colour"),
        (player_line(1, "   2 - 1"), 1, "colour"),
        (player_line(1, "   2 w H"), 1, "result"),
        (player_line(1, "0000 - 1"), 1, "result"),
        (player_line(1, "0000 - ?"), 1, "result"),
        (player_line(1, "   2 w1 "), 1, "columns"),
        (player_line(1, "   2xw 1"), 1, "columns"),
        (player_line(1) + "x", 1, "columns"),
        (player_line(1, *["0000 - Z"] * 100), 1, "rounds"),
        ("XXR many", 1, "rounds"),
        ("142 100", 1, "rounds"),
        ("152 green", 1, "first_colour"),
    ],
)
def test_nonsense_is_refused_with_its_line(text: object, line: int, field: str) -> None:
    assert refusal(text) == {"line": line, "field": field}


def test_every_report_is_read_and_written_back() -> None:
    for path in reports():
        text = path.read_bytes().decode()
        tournament = read_trf(text)
        assert tournament.players, path.name
        assert read_trf(write_trf(tournament)) == tournament, path.name


def test_generated_reports_are_written_back_line_by_line() -> None:
    generated = [path for path in reports() if path.parent.name == "generated"]
    assert len(generated) == 20
    for path in generated:
        text = path.read_bytes().decode()
        written = write_trf(read_trf(text), newline="\r")
        assert written.split("\r") == [line for line in text.split("\r") if line] + [""], path.name


def test_points_of_the_reports_are_the_points_of_their_rounds() -> None:
    worth = {"1": 2, "+": 2, "F": 2, "U": 2, "=": 1, "H": 1}
    for path in reports():
        for player in read_trf(path.read_bytes().decode()).players:
            assert sum(worth.get(game.result, 0) for game in player.rounds) == player.points, (path.name, player.number)


@given(text=st.text(alphabet=st.sampled_from("001 2\n\rwb-=+HU.x\u0663\u00b2\ufeff"), max_size=300))
@settings(unhurried, max_examples=CASES)
def test_any_text_is_read_or_refused(text: str) -> None:
    assert attempt(text) is ErrorCode.INVALID_TRF or read_trf(text).players


@given(data=st.data())
@settings(unhurried, max_examples=CASES)
def test_a_damaged_report_is_read_or_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SMALL) - 1))
    new = data.draw(st.one_of(st.characters(), st.sampled_from(" 0123wb-=+HUZ\r\n")))
    tournament = attempt(SMALL[:at] + new + SMALL[at + 1 :])
    if isinstance(tournament, TrfTournament):
        assert read_trf(write_trf(tournament)) == tournament
    else:
        assert tournament is ErrorCode.INVALID_TRF
