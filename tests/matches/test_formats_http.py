"""Every format played over HTTP, from the draft to the prizes."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import ApiClient
from tests.factories.games import GameFactory
from tests.factories.tournaments import screenshot
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit
from users.models import User

pytestmark = pytest.mark.django_db
TOURNAMENTS = "/api/tournaments/tournaments/"
MATCHES = "/api/tournaments/matches/"
FEE = 1_000_000


class Cup:
    """A tournament, its organiser and its players, all seen from outside; player 1 is the best seed."""

    def __init__(self, client_for: Callable[..., Any], count: int, **fields: Any) -> None:
        now = timezone.now()
        self.organiser: ApiClient = client_for(UserFactory())
        self.users: list[User] = UserFactory.create_batch(count)
        self.players: dict[int, ApiClient] = {user.pk: client_for(user) for user in self.users}
        made = self.organiser.post(
            TOURNAMENTS,
            {
                "name": "Cup",
                "game": GameFactory().pk,
                "max_participants": count,
                "entry_fee": FEE,
                "prize_source": "entry_pool",
                "prize_distribution": [6000, 4000],
                "registration_start_date": now.isoformat(),
                "registration_end_date": (now + timedelta(hours=1)).isoformat(),
                "start_date": (now + timedelta(hours=2)).isoformat(),
                **fields,
            },
        )
        assert made.status_code == 201, made.json()
        self.path = f"{TOURNAMENTS}{made.json()['id']}/"
        self.id = made.json()["id"]
        assert self.organiser.post(f"{self.path}publish/").status_code == 200
        self.entrants: dict[int, int] = {}
        for user in self.users:
            deposit(user, FEE)
            joined = self.players[user.pk].post(f"{self.path}join/")
            assert joined.status_code == 201, joined.json()
            self.entrants[user.pk] = joined.json()["id"]
        seeded = self.organiser.post(f"{self.path}participants/seed/", {"order": list(self.entrants.values())})
        assert seeded.status_code == 204
        started = self.organiser.post(f"{self.path}start/")
        assert started.status_code == 200, started.json()

    def get(self, part: str = "", **query: Any) -> Any:
        answer = self.organiser.get(f"{self.path}{part}", query)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    def matches(self, **query: Any) -> list[dict[str, Any]]:
        found = self.organiser.get(MATCHES, {"tournament": self.id, "page_size": 100, **query}).json()["results"]
        return sorted(found, key=lambda match: match["id"])

    def seed_of(self, user_id: int) -> int:
        return [user.pk for user in self.users].index(user_id) + 1

    def play(self, match: dict[str, Any], winner: int | None, games: Any = ()) -> dict[str, Any]:
        """The winner (a user id) submits and the other side confirms; None is a draw."""
        one, two = match["participant1_user"]["id"], match["participant2_user"]["id"]
        submitter, other = (two, one) if winner == two else (one, two)
        claim = {"is_draw": "true"} if winner is None else {"winner_id": winner}
        body = {**claim, "result_proof": screenshot(), **({"games": json.dumps(games)} if games else {})}
        path = f"{MATCHES}{match['id']}/"
        claimed = self.players[submitter].post(f"{path}submit_result/", body, format="multipart")
        assert claimed.status_code == 200, claimed.json()
        done = self.players[other].post(f"{path}confirm_result/")
        assert (done.status_code, done.json()["status"]) == (200, "completed"), done.json()
        return done.json()

    def better(self, match: dict[str, Any]) -> int:
        return min(match["participant1_user"]["id"], match["participant2_user"]["id"], key=self.seed_of)

    def play_out(self) -> int:
        """The better seed wins every match; returns how many were played."""
        played = 0
        while ongoing := self.matches(status="ongoing"):
            self.play(ongoing[0], self.better(ongoing[0]))
            played += 1
        assert self.get()["status"] == "completed"
        return played

    def places(self) -> list[tuple[int, int]]:
        """(place, seed) of everybody, from the standings."""
        names = {user.username: number for number, user in enumerate(self.users, start=1)}
        return [(row["place"], names[row["name"]]) for row in self.get("standings/")]


# format, options, players, matches that are played when the better seed always wins, places by seed
WHOLE: list[tuple[str, dict[str, Any], int, int, list[int]]] = [
    ("single_elimination", {"third_place": True}, 5, 5, [1, 2, 3, 4, 5]),
    ("double_elimination", {}, 6, 10, [1, 2, 3, 4, 5, 5]),
    ("gsl", {}, 4, 5, [1, 2, 3, 4]),
    ("stepladder", {}, 4, 3, [1, 2, 3, 4]),
    ("single_elimination", {"reseed": True}, 6, 5, [1, 2, 3, 3, 5, 5]),
    ("round_robin", {}, 4, 6, [1, 2, 3, 4]),
    ("groups", {"group_count": 2}, 6, 6, [1, 1, 3, 3, 5, 5]),
    ("swiss", {"rounds": 3}, 5, 6, [1, 2, 3, 4, 5]),
    ("swiss", {"rounds": 3, "pairing": "dutch"}, 4, 6, [1, 2, 3, 4]),
    ("swiss_limited", {"wins": 2, "losses": 2}, 8, 10, [1, 2, 3, 4, 5, 6, 7, 8]),
]


@pytest.mark.parametrize(("name", "options", "count", "matches", "places"), WHOLE)
def test_format_is_played_over_http(
    client_for: Callable[..., Any], name: str, options: dict[str, Any], count: int, matches: int, places: list[int]
) -> None:
    cup = Cup(client_for, count, format=name, format_options=options)
    assert cup.get("bracket/")["format"] == name

    assert cup.play_out() == matches

    assert cup.places() == [(place, seed) for seed, place in enumerate(places, start=1)]
    winners = cup.get("winners/")
    assert [(row["place"], row["prize"]) for row in winners][:1] == [(1, winners[0]["prize"])]
    assert sum(row["prize"] for row in winners) + cup.get("payout-plan/")["platform_fee"] == count * FEE
    assert all(row["final"] for row in cup.get("standings/"))
    assert_ledger_holds()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"format": "gsl", "max_participants": 8}, "max_participants", "too_many_entrants"),
        ({"format": "stepladder", "max_participants": 65}, "max_participants", "too_many_entrants"),
        ({"format": "double_elimination", "max_participants": 2}, "max_participants", "too_few_entrants"),
        (
            {"format": "swiss", "max_participants": 4, "format_options": {"rounds": 9}},
            "max_participants",
            "invalid_option",
        ),
        (
            {"format": "groups", "max_participants": 4096, "format_options": {"group_count": 64}},
            "max_participants",
            "too_many_matches",
        ),
        ({"format": "double_elimination", "format_options": {"grand_final": "x"}}, "format", "invalid_option"),
        ({"format": "gsl", "max_participants": 4, "format_options": {"third_place": True}}, "format", "unknown_option"),
    ],
)
def test_format_that_cannot_be_played_so_is_refused(
    client_for: Callable[..., Any], user: User, changes: dict[str, Any], field: str, code: str
) -> None:
    now = timezone.now()
    body = {
        "name": "Cup",
        "game": GameFactory().pk,
        "registration_start_date": now.isoformat(),
        "registration_end_date": (now + timedelta(hours=1)).isoformat(),
        "start_date": (now + timedelta(hours=2)).isoformat(),
        "prize_distribution": [10_000],
    }
    answer = client_for(user).post(TOURNAMENTS, body | changes)
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"][field]] == [code]


def test_start_needs_as_many_as_the_format_does(client_for: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match="too_few_entrants"):
        Cup(client_for, 3, format="gsl", max_participants=4)


def test_other_brackets_than_single_elimination_have_no_picture(client_for: Callable[..., Any]) -> None:
    cup = Cup(client_for, 4, format="gsl")
    answer = cup.organiser.get(f"{cup.path}bracket.svg")
    assert (answer.status_code, answer.json()["code"]) == (400, "bracket_not_drawn")
