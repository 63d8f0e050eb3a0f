import re
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Literal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tournaments.bracket_svg import Bracket, BracketMatch, Competitor, render

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>&\"'\x00\x1b\u202e\ud800\uffff"
Box = tuple[int, int, int, int]


def tree(entrants: int, *, third_place: bool = False, winner: Literal["a", "b"] | None = "a") -> Bracket:
    """A bracket in which seed 1, 2, 3 … of the first round's free places have byes, all matches played."""
    rounds = (entrants - 1).bit_length()
    places = 1 << (rounds - 1)
    byes = 2 * places - entrants
    status = "ready" if winner is None else "completed"

    def match(round_: int, position: int) -> BracketMatch:
        sides = [Competitor(f"team {round_}.{position}{side}", position + 1, score) for side, score in ("a2", "b1")]
        return BracketMatch(f"W{round_}.{position}", position, sides[0], sides[1], winner, status)  # type: ignore[arg-type]

    columns = [tuple(match(1, position) for position in range(places) if position >= byes)]
    columns += [tuple(match(round_, p) for p in range(places >> (round_ - 1))) for round_ in range(2, rounds + 1)]
    third = replace(match(rounds, 0), id="P3", a=Competitor("third"), b=Competitor("fourth")) if third_place else None
    return Bracket("Cup", tuple(columns), third)


def one_match(a: Competitor, b: Competitor, **more: object) -> Bracket:
    return Bracket("Cup", ((BracketMatch("W1.1", 0, a, b, **more),),))  # type: ignore[arg-type]


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def texts(picture: str) -> list[str]:
    """All texts as read, without the characters that isolate their direction."""
    return [(element.text or "").strip("\u2068\u2069") for element in parsed(picture).iter(f"{SVG}text")]


def cards(picture: str) -> list[Box]:
    """Left, top, right and bottom of each match."""
    boxes = []
    for group in parsed(picture).iter(f"{SVG}g"):
        if group.find(f"{SVG}title") is not None:
            frame = group.findall(f"{SVG}rect")[0]
            left, top, width, height = (int(frame.attrib[name]) for name in ("x", "y", "width", "height"))
            boxes.append((left, top, left + width, top + height))
    return boxes


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("entrants", [2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 31, 33, 64, 100, 129, 255, 256])
def test_cards_lie_in_the_picture_and_apart(entrants: int, language: Literal["fa", "en"]) -> None:
    picture = render(tree(entrants, third_place=entrants >= 4), language=language)
    root, boxes = parsed(picture), cards(picture)
    assert len(boxes) == entrants - 1 + (entrants >= 4)
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
    for left, top, right, bottom in boxes:
        assert 0 < left < right < int(root.attrib["width"])
        assert 100 < top < bottom < int(root.attrib["height"])
    by_column: dict[int, list[Box]] = {}
    for box in boxes:
        by_column.setdefault(box[0], []).append(box)
    assert len(by_column) == (entrants - 1).bit_length()
    assert all(a[2] < b[0] for a, b in combinations(sorted((x, 0, x + 256, 0) for x in by_column), 2))
    for column in by_column.values():
        ordered = sorted(column, key=lambda box: box[1])
        assert all(upper[3] < lower[1] for upper, lower in pairwise(ordered))


@pytest.mark.parametrize("entrants", [2, 3, 5, 8, 12, 33])
def test_every_match_but_the_final_is_connected_to_the_next(entrants: int) -> None:
    picture = render(tree(entrants), language="en")
    connectors = [
        p.attrib["d"]
        for p in parsed(picture).iter(f"{SVG}path")
        if p.attrib["d"].startswith("M") and "H" in p.attrib["d"]
    ]
    assert len(connectors) == entrants - 2
    boxes = cards(picture)
    starts = {(right, (top + bottom) // 2) for _, top, right, bottom in boxes}
    ends = {(left, (top + bottom) // 2 + shift) for left, top, _, bottom in boxes for shift in (-16, 16)}
    for path in connectors:
        numbers = re.match(r"M(\d+) (\d+)H.*V(-?\d+)q0 (-?\d+) .*H(\d+)$", path)
        assert numbers is not None
        x, y, turn, radius, last = map(int, numbers.groups())
        assert (x, y) in starts
        assert (last, turn + radius) in ends


def test_the_tree_grows_from_right_to_left_in_persian() -> None:
    bracket = tree(8)
    english, persian = cards(render(bracket, language="en")), cards(render(bracket, language="fa"))
    width = int(parsed(render(bracket, language="en")).attrib["width"])
    assert [(width - right, top, width - left, bottom) for left, top, right, bottom in english] == persian
    assert english[0][0] < english[-1][0]
    assert persian[0][0] > persian[-1][0]


def test_text_is_anchored_at_the_reading_edge() -> None:
    bracket = one_match(Competitor("تیم", 1, "2"), Competitor("Team", 2, "0"), winner="a", status="completed")
    for language, anchor in (("fa", "end"), ("en", "start")):
        picture = render(bracket, language=language)  # type: ignore[arg-type]
        assert parsed(picture).attrib["direction"] == "ltr"
        names = [t for t in parsed(picture).iter(f"{SVG}text") if t.attrib["text-anchor"] != "middle"]
        assert [(t.text or "")[1:-1] for t in names] == ["Cup", "تیم", "Team"]
        assert {t.attrib["text-anchor"] for t in names} == {anchor}
        assert all((t.text or "")[0] == "\u2068" and (t.text or "")[-1] == "\u2069" for t in names)


def test_round_headings() -> None:
    big = tree(256, third_place=True)
    assert [words for words in texts(render(big, language="en")) if not words.startswith("team")][1:9] == [
        *["Round of 256", "Round of 128", "Round of 64", "Round of 32", "Round of 16"],
        *["Quarter-finals", "Semi-finals", "Final"],
    ]
    assert texts(render(big, language="fa"))[1:9] == [
        *["یک‌صدوبیست‌وهشتم نهایی", "یک‌شصت‌وچهارم نهایی", "یک‌سی‌ودوم نهایی", "یک‌شانزدهم نهایی", "یک‌هشتم نهایی"],
        *["یک‌چهارم نهایی", "نیمه‌نهایی", "فینال"],
    ]
    assert "Third place" in texts(render(big, language="en"))
    assert "رده‌بندی" in texts(render(big, language="fa"))
    assert "Third place" not in texts(render(tree(8), language="en"))


def test_winner_is_bold_and_crowned() -> None:
    a, b = Competitor("Ana", 1, "0"), Competitor("Bea", 2, "3")
    picture = render(one_match(a, b, winner="b", status="completed"), language="en")
    weights = {
        (t.text or "").strip("\u2068\u2069"): t.attrib.get("font-weight") for t in parsed(picture).iter(f"{SVG}text")
    }
    assert (weights["Ana"], weights["Bea"]) == (None, "700")
    assert (weights["0"], weights["3"]) == ("500", "700")
    assert texts(picture).count("Bea") == 2
    assert "Champion" in texts(picture)


def test_an_open_final_has_no_champion() -> None:
    picture = render(tree(4, winner=None), language="en")
    assert "Champion" not in texts(picture)
    assert "700" not in {t.attrib.get("font-weight") for t in list(parsed(picture).iter(f"{SVG}text"))[3:]}


def test_unknown_and_dead_slots_have_words() -> None:
    bracket = one_match(Competitor(), Competitor(bye=True))
    assert {"TBD", "Bye"} <= set(texts(render(bracket, language="en")))
    assert {"نامشخص", "استراحت"} <= set(texts(render(bracket, language="fa")))


def test_digits_are_persian_in_persian_only() -> None:
    bracket = one_match(Competitor("Team 10", 14, "16"), Competitor("B", 20, "3"))
    assert {"14", "16", "20", "3", "Team 10"} <= set(texts(render(bracket, language="en")))
    assert {"۱۴", "۱۶", "۲۰", "۳", "Team 10"} <= set(texts(render(bracket, language="fa")))


def test_a_live_match_says_so() -> None:
    bracket = one_match(Competitor("A"), Competitor("B"), status="live")
    assert "LIVE" in texts(render(bracket, language="en"))
    assert "زنده" in texts(render(bracket, language="fa"))
    assert "LIVE" not in texts(render(tree(8), language="en"))


def test_long_names_are_clipped_and_whole_in_the_tool_tip() -> None:
    name = "The Extraordinarily Long Name of a Gaming Club"
    picture = render(one_match(Competitor(name), Competitor("B" * 500)), language="en")
    clipped = [words for words in texts(picture) if words.endswith("…")]
    assert len(clipped) == 2
    assert name.startswith(clipped[0][:-1])
    assert 12 <= len(clipped[0]) <= 26
    assert len(clipped[1]) < 18
    assert f"\u2068{name}\u2069" in picture


def test_clipping_keeps_base_and_mark_together() -> None:
    picture = render(one_match(Competitor("e\u0301" * 100), Competitor("B")), language="en")
    (clipped,) = [words for words in texts(picture) if words.endswith("…")]
    assert clipped[:-1] == "e\u0301" * (len(clipped) // 2)


def test_hostile_names_are_harmless() -> None:
    third = BracketMatch("P3", 0, Competitor(HOSTILE, 3, HOSTILE), Competitor(HOSTILE), "a", "completed")
    final = BracketMatch("W1.1", 0, Competitor(HOSTILE, 1, HOSTILE), Competitor(HOSTILE), "a", "completed")
    picture = render(Bracket(HOSTILE, ((final,),), third), language="en")
    root = parsed(picture)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "rect", "text", "path", "g"}
    assert root.attrib["aria-label"] == "</text><script>alert(1)</script>&\"'"
    assert "\u202e" not in picture
    picture.encode()


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=8), st.sampled_from(["fa", "en"]))
def test_any_text_gives_well_formed_xml(title: str, name: str, score: str, language: Literal["fa", "en"]) -> None:
    match = BracketMatch(name, 0, Competitor(name, 1, score), Competitor(title), "a", "completed")
    picture = render(Bracket(title, ((match,),)), language=language)
    parsed(picture)
    assert ElementTree.fromstring(picture.encode()).tag == f"{SVG}svg"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_picture_refers_to_nothing_outside_itself(theme: Literal["light", "dark"]) -> None:
    picture = render(tree(12, third_place=True), theme=theme)
    assert picture.count("http") == 1
    assert not re.search(r"<style|<script|<image|<use|<foreignObject|href|url\(|style=|\son\w+=|\sid=", picture)


def test_themes_differ_in_colours_only() -> None:
    light, dark = (render(tree(8), theme=theme) for theme in ("light", "dark"))  # type: ignore[arg-type]
    assert light != dark
    assert re.sub(r"#[0-9a-f]{6}", "#", light) == re.sub(r"#[0-9a-f]{6}", "#", dark)


def test_picture_has_a_name_for_those_who_cannot_see_it() -> None:
    root = parsed(render(replace(tree(4), title="جام میدان"), language="fa"))
    assert (root.attrib["role"], root.attrib["aria-label"], root.attrib["lang"]) == ("img", "جام میدان", "fa")
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "جام میدان"
    tips = [group.findtext(f"{SVG}title") for group in root.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]
    assert tips[0] == "\u2068team 1.0a\u2069 ۲ – \u2068team 1.0b\u2069 ۱"


def test_picture_is_deterministic_and_ignores_the_order_within_a_round() -> None:
    bracket = tree(16, third_place=True)
    shuffled = replace(bracket, rounds=tuple(tuple(reversed(matches)) for matches in bracket.rounds))
    assert render(bracket) == render(bracket) == render(shuffled)


@pytest.mark.parametrize(
    "rounds",
    [
        (),
        ((),),
        tree(8).rounds[:2],
        tree(8).rounds[1:] + tree(8).rounds[:1],
        (tree(4).rounds[0] * 2, tree(4).rounds[1]),
        (tree(4).rounds[0], ()),
        (*tree(8).rounds[:1], tree(8).rounds[1][:1], tree(8).rounds[2]),
        (tree(2).rounds[0],) * 9,
    ],
)
def test_brackets_that_are_none_are_refused(rounds: tuple[tuple[BracketMatch, ...], ...]) -> None:
    with pytest.raises(ValueError, match="round"):
        render(Bracket("Cup", rounds))
