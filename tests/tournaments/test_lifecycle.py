from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.factories.games import GameFactory
from tests.factories.tournaments import fill, join, make_tournament, play_out, running_tournament, start
from tests.factories.users import UserFactory
from tournaments.engine import FORMATS, commitment, shuffle
from tournaments.models import Entrant, Scoring, Tournament
from tournaments.services import credentials, formats, get_tournament_winners, lifecycle, prizes
from users.models import User
from wallet.selectors import balance, balances
from wallet.services.checking import check

LIST = "/api/tournaments/tournaments/"
FEE = 1_000_000


def url(tournament: Tournament, action: str = "") -> str:
    return f"{LIST}{tournament.pk}/{action}{'/' if action else ''}"


def body(**changes: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "name": "جام جمعه",
        "game": GameFactory().pk,
        "registration_start_date": now.isoformat(),
        "registration_end_date": (now + timedelta(hours=1)).isoformat(),
        "start_date": (now + timedelta(hours=2)).isoformat(),
        **changes,
    }


def broken_books() -> list[Any]:
    return [finding for finding in check() if finding.broken]


def test_create_makes_a_draft_that_only_its_organiser_sees(client_for: Callable[..., Any], user: User) -> None:
    made = client_for(user).post(LIST, body())
    assert made.status_code == 201, made.json()
    assert (made.json()["status"], made.json()["format"], made.json()["slug"]) == (
        "draft", "single_elimination", "جام-جمعه",
    )  # fmt: skip
    path = f"{LIST}{made.json()['id']}/"
    assert client_for(user).get(path).status_code == 200
    assert client_for(UserFactory()).get(path).status_code == 404
    assert client_for(None).get(path).status_code == 404
    assert client_for(UserFactory()).patch(path, {"name": "mine"}).status_code == 404
    assert client_for(None).get(LIST).json()["count"] == 0


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"start_date": "2020-01-01T00:00:00Z"}, "dates_invalid", None),
        ({"format": "hexagon"}, "invalid", "format"),
        ({"format_options": {"nonsense": 1}}, "invalid", "format"),
        ({"format_options": {"third_place": {"a": []}}}, "invalid", "format"),
        ({"max_participants": 1}, "invalid", "max_participants"),
        ({"max_participants": 99_999}, "invalid", "max_participants"),
        ({"min_participants": 9, "max_participants": 8}, "invalid", "max_participants"),
        ({"prize_distribution": [5000, 4999]}, "invalid", "prize_distribution"),
        ({"prize_distribution": [-1, 10_000]}, "invalid", "prize_distribution.0"),
        ({"prize_distribution": "x"}, "invalid", "prize_distribution"),
        ({"type": "team", "team_size": 0}, "invalid", "team_size"),
        ({"team_size": 2}, "invalid", "team_size"),
        ({"confirmation_minutes": 4}, "invalid", "confirmation_minutes"),
        ({"best_of": 2}, "invalid", "format"),
        ({"entry_fee": -1}, "invalid", "entry_fee"),
        ({"entry_fee": 1.5}, "invalid", "entry_fee"),
        ({"entry_fee": True}, "invalid", "entry_fee"),
        ({"entry_fee": 10**30}, "malformed_body", None),
        ({"game": 10**12}, "invalid", "game"),
        ({"name": "\u202e"}, "invalid", "name"),
        ({"name": None}, "invalid", "name"),
        ({"color": "red"}, "invalid", "color"),
        ({"prize_pool": 10}, "prize_needs_staff", None),
        ({"prize_pool": 10, "prize_source": "entry_pool"}, "invalid", "prize_pool"),
        ({"check_in_start_date": "2090-01-01T00:00:00Z"}, "invalid", "check_in_start_date"),
    ],
)
def test_create_refuses_what_does_not_fit(
    client_for: Callable[..., Any], user: User, changes: dict[str, Any], code: str, field: str | None
) -> None:
    answer = client_for(user).post(LIST, body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (403 if code == "prize_needs_staff" else 400, code)
    assert list(answer.json()["errors"]) == ([field] if field else [])
    assert Tournament.objects.count() == 0


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - formats.PLAYED))
def test_create_refuses_a_format_that_is_not_played(client_for: Callable[..., Any], user: User, name: str) -> None:
    answer = client_for(user).post(LIST, body(format=name))
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]["format"]] == ["format_not_played"]
    assert Tournament.objects.count() == 0


def test_organiser_edits_until_players_rely_on_it(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(creator=user, published=False)
    client = client_for(user)
    assert client.patch(url(tournament), {"entry_fee": 5}).json()["entry_fee"] == 5
    client.post(url(tournament, "publish"))
    locked = client.patch(url(tournament), {"entry_fee": 6, "name": "New"})
    assert (locked.status_code, locked.json()["code"]) == (400, "field_locked")
    tournament.refresh_from_db()
    assert (tournament.entry_fee_rial, tournament.name) == (5, "Friday Cup")
    assert client.patch(url(tournament), {"name": "New"}).json()["name"] == "New"
    stale = client.patch(url(tournament), {"name": "Newer", "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")


def test_only_a_draft_is_thrown_away(client_for: Callable[..., Any], user: User) -> None:
    draft, published = make_tournament(creator=user, published=False), make_tournament(creator=user)
    assert client_for(UserFactory()).delete(url(draft)).status_code == 404
    assert client_for(user).delete(url(draft)).status_code == 204
    refused = client_for(user).delete(url(published))
    assert (refused.status_code, refused.json()["code"]) == (400, "tournament_state")
    assert list(Tournament.objects.all()) == [published]


def test_capacity_cannot_fall_below_the_seats_taken(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(creator=user, max_participants=4)
    fill(tournament, 3)
    answer = client_for(user).patch(url(tournament), {"max_participants": 2})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert client_for(user).patch(url(tournament), {"max_participants": 3}).json()["spots_left"] == 0


@pytest.mark.parametrize("action", ["publish", "start", "cancel", "start_countdown", "generate_matches"])
@pytest.mark.parametrize("who", ["anonymous", "stranger", "player"])
def test_only_the_organiser_or_staff_move_a_tournament(
    client_for: Callable[..., Any], user: User, action: str, who: str
) -> None:
    tournament = make_tournament()
    fill(tournament, 2)
    if who == "player":
        join(tournament, user=user)
    answer = client_for(None if who == "anonymous" else user).post(url(tournament, action), {})
    assert answer.status_code == (401 if who == "anonymous" else 403)
    tournament.refresh_from_db()
    assert (tournament.status, tournament.version) == ("published", 2)


def test_start_needs_enough_entrants_and_changes_nothing_otherwise(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(creator=user, min_participants=3)
    fill(tournament, 2)
    answer = client_for(user).post(url(tournament, "start"))
    assert (answer.status_code, answer.json()["code"]) == (400, "too_few_entrants")
    assert answer.json()["params"] == {"least": 3, "count": 2}
    tournament.refresh_from_db()
    assert tournament.status == "published"
    assert tournament.matches.count() == 0


@pytest.mark.django_db
def test_start_twice_makes_one_bracket() -> None:
    tournament = running_tournament(4)
    with pytest.raises(lifecycle.errors.TournamentStateError):
        lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now())
    assert tournament.matches.count() == 3


def test_draw_can_be_checked_by_anybody(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament()
    entrants = fill(tournament, 5)
    client = client_for(None)
    before = client.get(url(tournament, "draw/proof")).json()
    assert (before["draw_seed"], before["seeds"]) == (None, [])
    start(tournament, seeded=False)
    after = client.get(url(tournament, "draw/proof")).json()
    secret = bytes.fromhex(after["draw_seed"])
    assert commitment(secret) == before["commitment"] == client.get(url(tournament)).json()["draw_commitment"]
    drawn = shuffle(entrants, secret, after["purpose"])
    assert [row["entrant"] for row in after["seeds"]] == [entrant.pk for entrant in drawn]
    assert len(after["plan_hash"]) == 64


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 3, 4, 5, 7, 8])
def test_tournament_plays_itself_out_and_pays(count: int) -> None:
    tournament = running_tournament(
        count,
        entry_fee_rial=FEE,
        prize_source="entry_pool",
        prize_distribution=[7000, 3000],
        format_options={"third_place": count >= 4},
    )
    play_out(tournament)
    pool = count * FEE * 9 // 10
    winners = get_tournament_winners(tournament)
    assert [(row["place"], row["entrant"].seed, row["prize"]) for row in winners] == [
        (1, 1, pool * 7 // 10),
        (2, 2, pool * 3 // 10),
    ]
    champion = winners[0]["entrant"].captain
    assert balances(champion).winnings == pool * 7 // 10
    assert balance(tournament.pk) == 0
    assert Scoring.objects.filter(tournament=tournament).count() == count
    assert broken_books() == []


@pytest.mark.django_db
def test_team_prize_is_shared_with_the_remainder_for_the_captain() -> None:
    tournament = running_tournament(
        2, type="team", team_size=3, entry_fee_rial=1001, prize_source="entry_pool", prize_distribution=[10_000],
        platform_fee_bps=0,
    )  # fmt: skip
    play_out(tournament)
    champion = Entrant.objects.get(tournament=tournament, place_first=1)
    shares = {row.user_id: balances(row.user).winnings for row in champion.roster.select_related("user")}
    captain = shares.pop(champion.captain_id)
    assert (captain, set(shares.values())) == (668, {667})
    assert broken_books() == []


@pytest.mark.django_db
def test_sponsored_prize_is_funded_at_the_start(staff: User) -> None:
    tournament = make_tournament(
        creator=staff, prize_pool_rial=10_000_000, prize_source="sponsor", prize_distribution=[5000, 3000, 2000]
    )
    fill(tournament, 4)
    start(tournament)
    assert balance(tournament.pk) == 10_000_000
    play_out(tournament)
    places = Entrant.objects.filter(tournament=tournament).order_by("seed").values_list("place_first", "prize_rial")
    assert list(places) == [(1, 5_000_000), (2, 3_000_000), (3, 1_000_000), (3, 1_000_000)]
    assert broken_books() == []


@pytest.mark.parametrize("running", [False, True])
def test_cancel_returns_every_fee(client_for: Callable[..., Any], user: User, running: bool) -> None:
    tournament = make_tournament(creator=user, entry_fee_rial=FEE, prize_source="entry_pool")
    entrants = fill(tournament, 3)
    if running:
        start(tournament)
    answer = client_for(user).post(url(tournament, "cancel"), {"reason": "no power"})
    assert answer.json()["status"] == "cancelled"
    assert [balances(entrant.captain).deposited for entrant in entrants] == [FEE] * 3
    assert set(tournament.matches.values_list("status", flat=True)) <= {"cancelled"}
    assert client_for(user).post(url(tournament, "cancel"), {}).json()["code"] == "tournament_state"
    assert broken_books() == []


def test_payout_plan_is_public_before_the_start(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool", prize_distribution=[5000, 3000, 2000])
    fill(tournament, 2)
    plan = client_for(None).get(url(tournament, "payout-plan")).json()
    assert (plan["prize_pool"], plan["platform_fee"], plan["final"]) == (1_800_000, 200_000, False)
    assert [row["amount"] for row in plan["places"]] == [900_000, 540_000, 360_000]
    assert prizes.payout_plan(start(tournament))["prize_pool"] == 1_800_000


def test_credentials_reach_every_player_once(client_for: Callable[..., Any], user: User, sms_outbox: list[Any]) -> None:
    tournament = make_tournament(creator=user)
    entrants = fill(tournament, 2)
    organiser, player = client_for(user), client_for(entrants[0].captain)
    path = url(tournament, "credentials")
    assert player.put(path, {"lobby_id": "x"}).status_code == 403
    assert organiser.put(path, {"lobby_id": "LOBBY-7", "lobby_password": "رمز۱۲"}).status_code == 200
    assert (player.get(path).status_code, player.get(path).json()["code"]) == (403, "credentials_not_released")
    assert client_for(UserFactory()).get(path).json()["code"] == "not_a_participant"

    organiser.post(url(tournament, "start"))
    lobby = [message for message in sms_outbox if "LOBBY-7" in message.text]
    assert sorted(message.to for message in lobby) == sorted(entrant.captain.phone_number for entrant in entrants)
    assert player.get(path).json()["lobby_id"] == "LOBBY-7"
    credentials.send(tournament_id=tournament.pk, now=timezone.now())
    assert len([message for message in sms_outbox if "LOBBY-7" in message.text]) == 2


def test_countdown_releases_when_it_ends(
    client_for: Callable[..., Any], user: User, django_capture_on_commit_callbacks: Any, sms_outbox: list[Any]
) -> None:
    tournament = make_tournament(creator=user)
    join(tournament)
    organiser = client_for(user)
    assert organiser.post(url(tournament, "start_countdown")).json()["code"] == "no_credentials"
    organiser.put(url(tournament, "credentials"), {"lobby_id": "LOBBY-8"})
    assert organiser.post(url(tournament, "start_countdown")).json()["countdown_start_time"] is not None
    now = timezone.now()
    assert credentials.release_due(now=now) == 0
    Tournament.objects.update(credentials_release_at=now)
    with django_capture_on_commit_callbacks(execute=True):
        assert credentials.release_due(now=now) == 1
    assert credentials.release_due(now=now) == 0
    assert len([message for message in sms_outbox if "LOBBY-8" in message.text]) == 1


def test_list_filters_and_counts_queries(
    client_for: Callable[..., Any], user: User, django_assert_num_queries: Any
) -> None:
    client = client_for(None)
    make_tournament(creator=user, name="Alpha")
    with django_assert_num_queries(3):
        assert client.get(LIST).json()["count"] == 1
    make_tournament(creator=user, name="Beta", entry_fee_rial=5, prize_source="entry_pool")
    make_tournament(creator=user, name="Gamma", check_in_start_at=timezone.now())
    with django_assert_num_queries(3):
        assert client.get(LIST).json()["count"] == 3

    def names(query: str) -> list[str]:
        return [row["name"] for row in client.get(f"{LIST}?ordering=name&{query}").json()["results"]]

    assert names("status=registration_open") == ["Alpha", "Beta"]
    assert names("status=check_in") == ["Gamma"]
    assert names("status=upcoming") == ["Alpha", "Beta", "Gamma"]
    assert names("status=live") == names("status=finished") == []
    assert names("is_free=false") == ["Beta"]
    assert names("search=alph") == ["Alpha"]
    assert client.get(f"{LIST}?status=nonsense").status_code == 400
    assert client.get(f"{LIST}?game=999999999999999999999").status_code == 400
    assert client.get(f"{LIST}?page=0").status_code == 404
    assert set(client.get(f"{LIST}?fields=id,name").json()["results"][0]) == {"id", "name"}


def test_slug_finds_the_tournament(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament(name="Night Cup 2")
    assert client_for(None).get(f"{LIST}{tournament.slug}/").json()["id"] == tournament.pk
    assert client_for(None).get(f"{LIST}{10**17}/").status_code == 404
    assert client_for(None).get(f"{LIST}no-such-cup/").status_code == 404
