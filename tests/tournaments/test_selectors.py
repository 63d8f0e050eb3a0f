from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from games.models import GameImage, GameStatus
from tests.factories.games import GameFactory
from tests.factories.tournaments import fill, join, make_tournament, play_out, running_tournament
from tests.factories.users import StaffFactory, UserFactory
from tournaments import selectors
from tournaments.enums import Phase, TournamentStatus
from tournaments.models import Tournament
from users.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
GAMES = "/api/tournaments/games/"
hours = st.integers(-3, 3).map(lambda number: NOON + timedelta(hours=number))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from(TournamentStatus.values),
    dates=st.lists(hours, min_size=3, max_size=3, unique=True).map(sorted),
    check_in=st.none() | hours,
    now=hours,
)
def test_the_database_and_the_model_agree_on_the_phase(
    db: None, status: str, dates: list[datetime], check_in: datetime | None, now: datetime
) -> None:
    tournament = Tournament.objects.first() or make_tournament()
    opens, closes, starts = dates
    Tournament.objects.filter(pk=tournament.pk).update(
        status=status,
        registration_start_at=opens,
        registration_end_at=closes,
        start_at=starts,
        check_in_start_at=check_in,
    )
    tournament.refresh_from_db()
    phase = tournament.phase(now)
    found = [name for name in Phase.values if Tournament.objects.filter(selectors.in_phase(name, now)).exists()]
    assert found == [phase]


@pytest.mark.parametrize(
    ("now", "check_in", "phase"),
    [
        (NOON - timedelta(microseconds=1), None, "upcoming"),
        (NOON, None, "registration_open"),
        (NOON + timedelta(hours=1, microseconds=-1), None, "registration_open"),
        (NOON + timedelta(hours=1), None, "upcoming"),
        (NOON + timedelta(hours=9), None, "upcoming"),
        (NOON, NOON, "check_in"),
        (NOON, NOON + timedelta(microseconds=1), "registration_open"),
        (NOON + timedelta(hours=9), NOON, "check_in"),
    ],
)
def test_phase_at_the_very_moment(now: datetime, check_in: datetime | None, phase: str) -> None:
    tournament = make_tournament(
        registration_start_at=NOON,
        registration_end_at=NOON + timedelta(hours=1),
        start_at=NOON + timedelta(hours=2),
        check_in_start_at=check_in,
    )
    assert tournament.phase(now) == phase
    assert Tournament.objects.filter(selectors.in_phase(phase, now)).get() == tournament


def test_a_draft_is_visible_to_its_organiser_and_staff_alone() -> None:
    draft, shown = make_tournament(published=False), make_tournament()
    everybody = [AnonymousUser(), UserFactory(), draft.creator, StaffFactory()]
    seen = [set(selectors.visible(caller)) for caller in everybody]
    assert seen == [{shown}, {shown}, {draft, shown}, {draft, shown}]


@pytest.mark.parametrize("key", ["", "x", "٣", "-1", "9" * 19, "1.0", "0x1"])
def test_find_answers_not_found_for_odd_keys(key: str) -> None:
    make_tournament()
    with pytest.raises(selectors.NotFound):
        selectors.find(AnonymousUser(), key)


def test_taken_part_in_holds_own_events_and_seats_but_not_those_given_up(now: datetime) -> None:
    from tournaments.services import registration

    user = UserFactory()
    own, joined, left = make_tournament(creator=user), make_tournament(), make_tournament()
    make_tournament()
    join(joined, user)
    join(left, user)
    registration.leave(tournament_id=left.pk, actor=user, now=now)
    assert set(selectors.taken_part_in(user)) == {own, joined}


def test_totals_count_what_was_completed_and_paid(staff: User) -> None:
    assert selectors.totals() == {"prize_money": 0, "tournaments": 0}
    play_out(running_tournament(4, creator=staff, prize_pool_rial=1_000))
    running_tournament(4)
    assert selectors.totals() == {"prize_money": 1_000, "tournaments": 1}


def test_games_are_listed_with_how_many_tournaments_they_hold(
    client_for: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    chess, go = GameFactory(name="Chess"), GameFactory(name="Go")
    GameFactory(status=GameStatus.INACTIVE)
    GameImage.objects.create(game=chess, image_type="icon", image="games/chess.png")
    play_out(running_tournament(2, game=chess, prize_distribution=[10_000]))
    make_tournament(game=chess)
    make_tournament(game=chess, published=False)
    with django_assert_num_queries(3):
        rows = client_for(None).get(GAMES).json()["results"]
    assert [(row["name"], row["tournaments_count"]) for row in rows] == [
        ("Chess", {"held": 1, "active": 1}), ("Go", {"held": 0, "active": 0}),
    ]  # fmt: skip
    assert [image["image_type"] for image in rows[0]["images"]] == ["icon"]
    assert set(rows[0]) == {"id", "name", "slug", "description", "images", "status", "tournaments_count"}
    assert client_for(None).get(f"{GAMES}{go.slug}/").json() == client_for(None).get(f"{GAMES}{go.pk}/").json()


@pytest.mark.parametrize("key", ["0", "no-game", "9" * 30])
def test_a_game_that_is_not_there_or_switched_off_is_404(client_for: Callable[..., Any], key: str) -> None:
    hidden = GameFactory(status=GameStatus.INACTIVE)
    assert client_for(None).get(f"{GAMES}{key}/").status_code == 404
    assert client_for(None).get(f"{GAMES}{hidden.pk}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_games_are_not_written_through_the_api(client_for: Callable[..., Any], staff: User, method: str) -> None:
    game = GameFactory()
    client = client_for(staff)
    path = GAMES if method == "post" else f"{GAMES}{game.pk}/"
    assert getattr(client, method)(path, {"name": "x"}).status_code == 405
    game.refresh_from_db()
    assert game.name != "x"


def test_entrants_come_seeded_first_then_by_joining() -> None:
    tournament = make_tournament()
    one, two, three = fill(tournament, 3)
    three.seed = 1
    three.save()
    assert list(selectors.entrants(tournament.pk)) == [three, one, two]
