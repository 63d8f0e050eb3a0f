"""Seasons, ranks and rebuilding, as administrators keep them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied as AdminRefused
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from common.errors import PermissionDenied
from common.models import AuditEntry
from games.models import Game
from players.models import PlayedTournament, PlayerStanding, Season
from players.services import seasons
from tests.factories.games import GameFactory
from tests.factories.players import completed, record_all, some_players
from tests.factories.users import StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.get_default_timezone())
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def small_tournaments_count(settings: Any) -> None:
    settings.LEADERBOARD_MIN_ENTRANTS = 4
    settings.LEADERBOARD_MIN_MATCHES = 3


@pytest.fixture
def game() -> Game:
    return GameFactory()


def season(game: Game | None, begins: int, ends: int, name: str = "Spring") -> Season:
    return Season(name=name, game=game, starts_at=NOON + begins * DAY, ends_at=NOON + ends * DAY)


def save(one: Season, actor: User | None = None) -> None:
    with transaction.atomic():
        seasons.save(season=one, actor=actor or StaffFactory(), now=NOON)


def scores(one: Season) -> list[int]:
    rows = PlayerStanding.objects.filter(board__season=one, board__game=one.game_id, score__gt=0)
    return list(rows.order_by("-score").values_list("score", flat=True))


@pytest.mark.parametrize(
    ("begins", "ends", "other_game", "overlaps"),
    [(1, 3, False, True), (-1, 9, False, True), (2, 4, False, False), (-2, 0, False, False), (0, 2, True, False)],
)
def test_seasons_of_one_game_do_not_overlap(
    game: Game, begins: int, ends: int, other_game: bool, overlaps: bool
) -> None:
    season(game, 0, 2).save()
    season(None, -5, 5, "Year").save()
    another = season(GameFactory() if other_game else game, begins, ends, "Summer")
    if not overlaps:
        another.save()
        return
    with pytest.raises(IntegrityError, match="season_no_overlap"), transaction.atomic():
        another.save()


def test_standings_follow_the_dates_of_a_season(game: Game) -> None:
    players = some_players(4)
    for day in range(3):
        completed(players, game=game, at=NOON + day * DAY)
    record_all()
    spring = season(game, 0, 1)
    save(spring)
    assert PlayedTournament.objects.filter(is_due=True).count() == 1
    record_all()
    assert scores(spring) == [200, 100, 50]

    spring.ends_at = NOON + 2 * DAY
    save(spring)
    record_all()
    assert scores(spring) == [400, 200, 100]

    spring.starts_at, spring.ends_at = NOON + 7 * DAY, NOON + 8 * DAY
    save(spring)
    record_all()
    assert scores(spring) == []
    assert AuditEntry.objects.filter(action="season.save", target_id=spring.pk).count() == 3

    with transaction.atomic():
        seasons.delete(season=spring, actor=StaffFactory(), now=NOON)
    assert not Season.objects.exists()
    assert PlayerStanding.objects.filter(board__game=game).count() == 4


def test_only_keepers_change_seasons_and_rebuild(game: Game) -> None:
    kept = season(game, 0, 1)
    kept.save()
    completed(some_players(4), game=game, at=NOON)
    record_all()
    player = UserFactory()
    with transaction.atomic():
        with pytest.raises(PermissionDenied):
            seasons.save(season=season(game, 3, 4), actor=player, now=NOON)
        with pytest.raises(PermissionDenied):
            seasons.delete(season=kept, actor=player, now=NOON)
    with pytest.raises(PermissionDenied):
        seasons.rebuild(actor=player, now=NOON)
    assert Season.objects.count() == 1
    assert not PlayedTournament.objects.filter(is_due=True).exists()


@pytest.fixture
def admin_client(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Signed in as an administrator whose second factor is proved."""
    monkeypatch.setattr(site, "has_permission", lambda request: request.user.is_staff)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(StaffFactory())
    return client


def form(game: Game, begins: int, ends: int) -> dict[str, Any]:
    moments = {"starts_at": NOON + begins * DAY, "ends_at": NOON + ends * DAY}
    parts = {f"{name}_{part}": text for name, at in moments.items()
             for part, text in enumerate((at.strftime("%Y-%m-%d"), at.strftime("%H:%M:%S")))}  # fmt: skip
    return {"name": "Spring", "game": game.pk} | parts


def test_admin_announces_a_season_and_is_told_of_an_overlap(admin_client: Client, game: Game) -> None:
    add = reverse("admin:players_season_add")
    assert admin_client.post(add, form(game, 0, 2)).status_code == 302
    refused = admin_client.post(add, form(game, 1, 3), follow=True)
    assert "There is a season of this game at that time already." in refused.content.decode()
    assert "A season ends after it begins." not in refused.content.decode()
    assert Season.objects.count() == 1
    change = reverse("admin:players_season_delete", args=[Season.objects.get().pk])
    assert admin_client.post(change, {"post": "yes"}).status_code == 302
    assert not Season.objects.exists()


def test_admin_has_standings_made_again(admin_client: Client, game: Game) -> None:
    completed(some_players(4), game=game, at=NOON)
    record_all()
    one = PlayedTournament.objects.get()
    PlayerStanding.objects.update(score=7)
    chosen = {"action": "rebuild", "_selected_action": [one.pk]}
    admin_client.post(reverse("admin:players_playedtournament_changelist"), chosen)
    assert PlayedTournament.objects.get().is_due
    record_all()
    assert scores_of(game) == [200, 100, 50]


def scores_of(game: Game) -> list[int]:
    rows = PlayerStanding.objects.filter(board__game=game, board__season=None, score__gt=0)
    return list(rows.order_by("-score").values_list("score", flat=True))


@pytest.mark.parametrize("name", ["playerstanding", "teamstanding", "achievement", "playedtournament", "rank"])
def test_admin_lists_open(admin_client: Client, game: Game, name: str) -> None:
    completed(some_players(4), game=game, at=NOON)
    record_all()
    assert admin_client.get(reverse(f"admin:players_{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", ["playerstanding", "teamstanding", "achievement", "playedtournament"])
def test_what_follows_from_results_is_not_edited(name: str) -> None:
    (model,) = [model for model in site._registry if model._meta.label_lower == f"players.{name}"]
    request = RequestFactory().get("/")
    request.user = StaffFactory()
    admin = site._registry[model]
    assert (admin.has_add_permission(request), admin.has_change_permission(request)) == (False, False)
    with pytest.raises(AdminRefused):
        admin.add_view(request)
