"""Standings are sums of contributions. They are made again for those whom a tournament concerned, and come out the same
in whichever way the contributions came about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from common.db import needs_transaction
from players.achievements import is_podium
from players.models import (
    Board,
    Contribution,
    PlayerContribution,
    PlayerStanding,
    Season,
    Standing,
    TeamContribution,
    TeamStanding,
)
from players.services import playing
from tournaments.engine.rating import Rating
from tournaments.enums import TournamentType
from users.enums import Audience
from users.models import User

Key = tuple[int | None, int | None]
"""Of a board: the game and the season, None for all."""
SUMS = ["score", "winnings_rial", "tournaments", "titles", "podiums", "wins", "draws", "losses", "streak",
        "best_streak"]  # fmt: skip
RATINGS = [f"{type}_{name}" for type in TournamentType.values for name in ("rating", "value", "deviation")]


@needs_transaction
def project_players(*, user_ids: Collection[int], game_id: int) -> None:
    """Make the standings of these users on the boards of the game and of all games again. The caller is alone."""
    boards = _Boards(game_id)
    listed = set(listed_users().filter(pk__in=user_ids).values_list("pk", flat=True))
    standings: list[PlayerStanding] = []
    rows = PlayerContribution.objects.filter(user__in=user_ids).order_by("user", "completed_at", "tournament")
    for user_id, history in groupby(rows.iterator(2000), attrgetter("user_id")):
        for key, part in boards.split(history):
            standing = PlayerStanding(user_id=user_id, board_id=boards.id_of(key), is_listed=user_id in listed)
            _sum_up(standing, part)
            if key[0] is not None:
                _rate(standing, part)
            standings.append(standing)
    _save(PlayerStanding, "user", user_ids, boards, standings, [*SUMS, *RATINGS, "is_listed"])


@needs_transaction
def project_teams(*, team_ids: Collection[int], game_id: int) -> None:
    """The same for teams."""
    boards = _Boards(game_id)
    standings: list[TeamStanding] = []
    rows = TeamContribution.objects.filter(team__in=team_ids).order_by("team", "completed_at", "tournament")
    for team_id, history in groupby(rows.iterator(2000), attrgetter("team_id")):
        for key, part in boards.split(history):
            standing = TeamStanding(team_id=team_id, board_id=boards.id_of(key))
            _sum_up(standing, part)
            standings.append(standing)
    _save(TeamStanding, "team", team_ids, boards, standings, SUMS)


def listed_users() -> QuerySet[User]:
    """Whom public lists may show: active users who show their history to everybody."""
    hidden = Q(privacy__isnull=False) & ~Q(privacy__history=Audience.EVERYONE)
    return User.objects.filter(is_active=True).exclude(hidden)


@needs_transaction
def relist(*, user_id: int, is_gone: bool = False) -> None:
    """Put a user on public boards, or off them, as their privacy says now."""
    is_listed = not is_gone and listed_users().filter(pk=user_id).exists()
    PlayerStanding.objects.filter(user=user_id).update(is_listed=is_listed)


class _Boards:
    """The boards of one game and of all games, and which of them a contribution belongs to."""

    def __init__(self, game_id: int) -> None:
        self.game_id = game_id
        self._seasons = list(Season.objects.filter(Q(game=game_id) | Q(game=None)))
        self._ids: dict[Key, int] = {}

    def split(self, history: Iterable[Any]) -> Iterable[tuple[Key, list[Any]]]:
        parts: dict[Key, list[Any]] = defaultdict(list)
        for one in history:
            for key in self._keys(one):
                parts[key].append(one)
        return parts.items()

    def _keys(self, one: Contribution) -> Iterable[Key]:
        here = one.game_id == self.game_id
        yield None, None
        if here:
            yield self.game_id, None
        for season in self._seasons:
            if season.starts_at <= one.completed_at < season.ends_at:
                if season.game_id is None:
                    yield None, season.pk
                if here:
                    yield self.game_id, season.pk

    def id_of(self, key: Key) -> int:
        if key not in self._ids:
            which: dict[str, Any] = {"game_id": key[0], "season_id": key[1]}
            self._ids[key] = Board.objects.get_or_create(**which)[0].pk
        return self._ids[key]


def _sum_up(standing: Standing, history: Sequence[Contribution]) -> None:
    for one in history:
        standing.score += one.points
        standing.winnings_rial += one.winnings_rial
        standing.tournaments += one.counts
        standing.titles += one.is_title
        standing.podiums += is_podium(one)
        standing.wins += one.wins
        standing.draws += one.draws
        standing.losses += one.losses
        standing.best_streak = max(standing.best_streak, one.best_wins, standing.streak + one.first_wins)
        unbroken = one.first_wins == one.wins + one.draws + one.losses
        standing.streak = standing.streak + one.first_wins if unbroken else one.last_wins


def _rate(standing: PlayerStanding, history: Sequence[PlayerContribution]) -> None:
    for one in history:
        if one.rating_value is None or one.rating_deviation is None:
            continue
        rating = Rating(one.rating_value, one.rating_deviation)
        setattr(standing, f"{one.type}_rating", playing.worth(playing.MODELS[one.type], rating))
        setattr(standing, f"{one.type}_value", rating.value)
        setattr(standing, f"{one.type}_deviation", rating.deviation)


def _save(
    model: Any, owner: str, owner_ids: Collection[int], boards: _Boards, standings: Sequence[Any], fields: list[str]
) -> None:
    written = model.objects.bulk_create(
        standings, batch_size=1000, update_conflicts=True, unique_fields=[owner, "board"], update_fields=fields
    )
    on_these = Q(board__game=boards.game_id) | Q(board__game=None)
    kept = [standing.pk for standing in written]
    model.objects.filter(on_these, **{f"{owner}__in": owner_ids}).exclude(pk__in=kept).delete()
