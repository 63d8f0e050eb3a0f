"""Bracket and standings as people and caches ask for them."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from matches.models import Match
from matches.services import results
from tests.factories.tournaments import (
    fill,
    make_tournament,
    play,
    play_out,
    player_of,
    running_tournament,
    start,
    submit,
)
from tests.factories.users import StaffFactory, UserFactory
from tournaments.models import Entrant, Tournament
from users.models import User

pytestmark = pytest.mark.django_db
HOSTILE = "</text><script>alert(1)</script>&\"'"
PARTS = ["bracket/", "bracket.svg", "standings/"]


def url(tournament: Tournament, part: str, key: Any = None) -> str:
    return f"/api/tournaments/tournaments/{key or tournament.pk}/{part}"


def texts(svg: str) -> str:
    return " ".join(element.text or "" for element in ElementTree.fromstring(svg).iter())


def test_bracket_lists_every_match_with_where_its_sides_come_from(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(6)
    body = client_for(None).get(url(tournament, "bracket/")).json()
    assert (body["tournament"], body["format"], body["plan_hash"]) == (
        tournament.pk, "single_elimination", tournament.stages.get().plan_hash,
    )  # fmt: skip
    shown = [(match["key"], match["participant1_source"], match["participant2_source"]) for match in body["matches"]]
    assert shown == list(
        tournament.matches.order_by("bracket", "round", "number").values_list("key", "a_source", "b_source")
    )
    assert {source for row in shown for source in row[1:]} >= {"seed:1", "seed:6", "winner:W2.1", "winner:W2.2"}
    assert {match["room_id"] for match in body["matches"]} == {None}


def test_bracket_shows_the_room_to_its_own_players_and_to_staff(client_for: Callable[..., Any], staff: User) -> None:
    tournament = running_tournament(4)
    match = tournament.matches.get(key="W1.1")

    def rooms(user: User | None) -> list[str | None]:
        return [row["room_id"] for row in client_for(user).get(url(tournament, "bracket/")).json()["matches"]]

    assert rooms(player_of(match.entrant_a)) == [match.room_id, None, None]
    assert rooms(UserFactory()) == [None] * 3
    assert rooms(staff)[0] == match.room_id


@pytest.mark.parametrize("part", ["bracket/", "bracket.svg"])
def test_bracket_costs_the_same_queries_at_every_size(
    client_for: Callable[..., Any], django_assert_num_queries: Any, part: str
) -> None:
    expected = {"bracket/": 4, "bracket.svg": 3}[part]
    for tournament in (running_tournament(2, prize_distribution=[10_000]), running_tournament(8)):
        with django_assert_num_queries(expected):
            assert client_for(None).get(url(tournament, part)).status_code == 200


@pytest.mark.parametrize("part", PARTS)
def test_a_draft_is_hidden_from_all_but_its_organiser_and_staff(
    client_for: Callable[..., Any], staff: User, part: str
) -> None:
    draft = make_tournament(published=False)
    for stranger in (None, UserFactory()):
        answer = client_for(stranger).get(url(draft, part))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    expected = 400 if part == "bracket.svg" else 200
    assert client_for(draft.creator).get(url(draft, part)).status_code == expected
    assert client_for(staff).get(url(draft, part)).status_code == expected


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("key", ["0", "99999999999999999999", "no-such-cup", "9" * 18])
def test_a_tournament_that_is_not_there_is_404(client_for: Callable[..., Any], part: str, key: str) -> None:
    tournament = make_tournament()
    assert client_for(None).get(url(tournament, part, key)).status_code == 404


@pytest.mark.parametrize("part", PARTS)
def test_slug_and_id_show_the_same(client_for: Callable[..., Any], part: str) -> None:
    tournament = running_tournament(4)
    client = client_for(None)
    by_id, by_slug = client.get(url(tournament, part)), client.get(url(tournament, part, tournament.slug))
    assert (by_slug.status_code, by_slug.content) == (200, by_id.content)


def test_before_the_draw_there_is_nothing_to_draw(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament()
    client = client_for(None)
    answer = client.get(url(tournament, "bracket.svg"))
    assert (answer.status_code, answer.json()["code"]) == (400, "draw_not_made")
    assert client.get(url(tournament, "bracket/")).json()["matches"] == []
    assert client.get(url(tournament, "standings/")).json() == []


def test_a_bracket_of_more_than_eight_rounds_is_refused_as_a_picture(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(2, prize_distribution=[10_000])
    Match.objects.filter(tournament=tournament).update(round=9)
    answer = client_for(None).get(url(tournament, "bracket.svg"))
    assert (answer.status_code, answer.json()["code"]) == (400, "bracket_too_large")


def test_picture_is_answered_with_304_until_a_match_changes(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(4)
    client, path = client_for(None), url(tournament, "bracket.svg")
    first = client.get(path)
    assert (first.status_code, first["Content-Type"]) == (200, "image/svg+xml")
    again = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    for known in (f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        assert client.get(path, HTTP_IF_NONE_MATCH=known).status_code == 304
    submit(tournament.matches.get(key="W1.1"), tournament.matches.get(key="W1.1").entrant_a)
    changed = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_theme_and_language_are_pictures_of_their_own(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(4)
    path = url(tournament, "bracket.svg")
    english, persian = client_for(None), client_for(None, language="fa")
    answers = {
        "en": english.get(path),
        "en dark": english.get(path, {"theme": "dark"}),
        "fa": english.get(path, {"language": "fa"}),
        "fa dark": english.get(path, {"language": "fa", "theme": "dark"}),
    }
    assert len({answer["ETag"] for answer in answers.values()}) == 4
    assert len({answer.content for answer in answers.values()}) == 4
    assert persian.get(path)["ETag"] == answers["fa"]["ETag"]
    assert "Accept-Language" in persian.get(path)["Vary"]
    assert english.get(path, {"language": "xx", "theme": "neon"})["ETag"] == answers["fa"]["ETag"]
    assert "زنده" in texts(answers["fa"].content.decode())
    assert "LIVE" in texts(answers["en"].content.decode())


def test_hostile_names_are_text_and_nothing_else(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament(name=HOSTILE)
    fill(tournament, 4)
    start(tournament)
    Entrant.objects.filter(tournament=tournament).update(name=HOSTILE)
    svg = client_for(None).get(url(tournament, "bracket.svg")).content.decode()
    assert "<script" not in svg
    assert {element.tag.rsplit("}")[-1] for element in ElementTree.fromstring(svg).iter()} <= {
        "svg", "title", "rect", "text", "path", "g",
    }  # fmt: skip
    rows = client_for(None).get(url(tournament, "standings/"))
    assert rows["Content-Type"].startswith("application/json")
    assert {row["name"] for row in rows.json()} == {HOSTILE}


def test_standings_become_final_as_matches_are_decided(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(4)
    client, path = client_for(None), url(tournament, "standings/")
    seeds = list(Entrant.objects.filter(tournament=tournament).order_by("seed"))
    before = client.get(path).json()
    assert {row["entrant"] for row in before} == {entrant.pk for entrant in seeds}
    assert not any(row["final"] for row in before)
    first = tournament.matches.get(key="W1.1")
    play(first, first.entrant_a)
    out = {row["entrant"]: row for row in client.get(path).json()}[first.entrant_b_id]
    assert (out["place"], out["tied"], out["final"]) == (4, False, False)
    play_out(tournament)
    after = client.get(path).json()
    assert [(row["entrant"], row["place"], row["tied"], row["final"]) for row in after[:2]] == [
        (seeds[0].pk, 1, False, True), (seeds[1].pk, 2, False, True),
    ]  # fmt: skip
    assert [(row["place"], row["tied"], row["final"]) for row in after[2:]] == [(3, True, True)] * 2
    fields = {"place", "tied", "final", "entrant", "name", "group", "group_place", "values", "explain", "reason"}
    assert all(set(row) == fields for row in after)
    assert all(row["explain"]["code"] and row["reason"] for row in after)
    assert [row["values"] for row in after][:2] == [{"wins": 2, "losses": 0}, {"wins": 1, "losses": 1}]


def test_walkover_and_void_matches_can_be_drawn(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(8)
    staff = StaffFactory()
    for match in tournament.matches.filter(round=1, number__lte=2):
        results.resolve(match_id=match.pk, actor=staff, outcome="double_forfeit", now=timezone.now())
    for part in PARTS:
        assert client_for(None).get(url(tournament, part)).status_code == 200


def test_team_brackets_name_teams(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(2, type="team", team_size=2, prize_distribution=[10_000])
    names = list(Entrant.objects.filter(tournament=tournament).order_by("seed").values_list("name", flat=True))
    svg = texts(client_for(None).get(url(tournament, "bracket.svg")).content.decode())
    assert all(name in svg for name in names)
