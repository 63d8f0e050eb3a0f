"""Leaderboards as index scans, where one player stands on them, and what somebody has played."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.utils.translation import get_language

from matches.enums import MatchStatus
from matches.models import Match
from matches.services.rows import RESULTS
from players.enums import Metric
from players.ladder import DEFAULT, Ladder, Rung
from players.models import Achievement, Board, PlayerStanding, Rank, Season, TeamStanding
from tournaments.enums import HOLDING_A_SEAT, TournamentStatus, TournamentType
from tournaments.models import Entrant, RosterMember, Scoring
from users.enums import Audience
from users.models import User


@dataclass(frozen=True, slots=True)
class BoardKey:
    """Which leaderboard: of a game or all (None), of a season or all time (None), and what it is ordered by."""

    game_id: int | None = None
    season_id: int | None = None
    metric: Metric = Metric.SCORE
    type: TournamentType = TournamentType.INDIVIDUAL

    @property
    def column(self) -> str:
        if self.metric == Metric.RATING:
            return f"{self.type}_rating"
        return {Metric.SCORE: "score", Metric.WINNINGS: "winnings_rial"}[self.metric]


def top_players(key: BoardKey, *, size: int, after: int | None = None) -> list[PlayerStanding]:
    """The best of a board that want to be seen, with their users; ``after`` a user id. Nobody with nothing is on it.

    The first page is one statement, the next ones are two. Who has hidden a moment ago may be missing from a page.
    """
    column = key.column
    standings = _on(key).filter(is_listed=True, **{f"{column}__gt": 0}).select_related("user__privacy")
    if after is not None:
        value = _on(key).filter(user=after).values_list(column, flat=True).first()
        if value is None:
            return []
        tied = Q(**{f"{column}__lt": value}) | Q(user__gt=after)
        standings = standings.filter(tied, **{f"{column}__lte": value})
    return [standing for standing in standings.order_by(f"-{column}", "user")[:size] if _is_shown(standing.user)]


def _is_shown(user: User) -> bool:
    """``is_listed`` keeps the hidden out of the indexes; this is true at once, also while a tournament is recorded."""
    privacy = getattr(user, "privacy", None)
    return user.is_active and (privacy is None or privacy.history == Audience.EVERYONE)


def _on(key: BoardKey) -> QuerySet[PlayerStanding]:
    return PlayerStanding.objects.filter(
        board=Board.objects.filter(game=key.game_id, season=key.season_id).values("pk")[:1]
    )


def positions(standings: Sequence[PlayerStanding], column: str) -> dict[int, int | None]:
    """Standing id → position on its board; equals share one. None beyond the first LEADERBOARD_POSITIONS.

    One statement that counts index entries, each time at most so many.
    """
    if not standings:
        return {}
    name = connection.ops.quote_name(column)
    sql = f"""
        SELECT mine.id, (
            SELECT count(*) FROM (
                SELECT 1 FROM players_playerstanding other
                WHERE other.board_id = mine.board_id AND other.is_listed AND other.{name} > mine.{name} LIMIT %s
            ) better
        )
        FROM players_playerstanding mine WHERE mine.id = ANY(%s)
    """  # noqa: S608  (a column's own name)
    most = settings.LEADERBOARD_POSITIONS
    with connection.cursor() as cursor:
        cursor.execute(sql, [most, [standing.pk for standing in standings]])
        return {pk: better + 1 if better < most else None for pk, better in cursor.fetchall()}


def page_positions(key: BoardKey, page: Sequence[PlayerStanding], *, is_first: bool) -> list[int | None]:
    """The position of each row of a page of ``top_players``."""
    if not page:
        return []
    column, most = key.column, settings.LEADERBOARD_POSITIONS
    values = [getattr(standing, column) for standing in page]
    better, ordinal = 0, 0
    if not is_first:
        board = PlayerStanding.objects.filter(board=page[0].board_id, is_listed=True)
        better = board.filter(**{f"{column}__gt": values[0]})[:most].count()
        ordinal = better + board.filter(**{column: values[0]}, user__lt=page[0].user_id)[:most].count()
    found: list[int | None] = []
    for index, value in enumerate(values):
        if index and value != values[index - 1]:
            better = ordinal + index
        found.append(better + 1 if better < most else None)
    return found


def standings_of(user_id: int, season_id: int | None = None) -> list[PlayerStanding]:
    """Where a user stands: over all games first, then game by game."""
    rows = PlayerStanding.objects.filter(user=user_id, board__season=season_id)
    return list(rows.select_related("board__game").order_by("board__game__name", "pk"))


def scores(user_ids: Sequence[int], game_id: int) -> dict[int, int]:
    """User id → score in a game, of all time; 0 for who has none."""
    rows = PlayerStanding.objects.filter(user__in=user_ids, board__game=game_id, board__season=None)
    return dict.fromkeys(user_ids, 0) | dict(rows.values_list("user_id", "score"))


def ladders(game_ids: Collection[int | None]) -> dict[int | None, Ladder]:
    """Game id → its ladder; None is all games together."""
    by_game: dict[int | None, list[Rung]] = defaultdict(list)
    in_persian = get_language() == "fa"
    for rank in Rank.objects.filter(Q(game=None) | Q(game__in=[pk for pk in game_ids if pk])).order_by(
        "required_score"
    ):
        name = rank.name_fa if in_persian else rank.name
        by_game[rank.game_id].append(Rung(name, rank.required_score, rank.color, rank.icon))
    made = {game_id: Ladder(rungs) for game_id, rungs in by_game.items()}
    return {game_id: made.get(game_id) or made.get(None) or DEFAULT for game_id in game_ids}


def seasons(game_id: int | None) -> QuerySet[Season]:
    """The newest first; of one game and those of all games, or all there are."""
    found = Season.objects.select_related("game").order_by("-starts_at", "-pk")
    return found if game_id is None else found.filter(Q(game=game_id) | Q(game=None))


def top_teams(key: BoardKey, size: int) -> list[TeamStanding]:
    """The best open teams of a board."""
    board = Board.objects.filter(game=key.game_id, season=key.season_id).values("pk")[:1]
    rows = TeamStanding.objects.filter(board=board, team__closed_at=None, **{f"{key.column}__gt": 0})
    return list(rows.select_related("team").order_by(f"-{key.column}", "team")[:size])


def achievements_of(user_id: int) -> QuerySet[Achievement]:
    return Achievement.objects.filter(user=user_id).select_related("tournament__tournament")


def entries_of(user_id: int) -> QuerySet[Entrant]:
    """The user's places in tournaments that have begun, each with what it brought the user in ``own_scorings``."""
    entries = Entrant.objects.filter(
        roster__user=user_id,
        roster__is_active=True,
        status__in=HOLDING_A_SEAT,
        tournament__status__in=[TournamentStatus.ONGOING, TournamentStatus.COMPLETED],
    )
    own = Prefetch("scorings", Scoring.objects.filter(user=user_id), to_attr="own_scorings")
    return entries.select_related("tournament__game", "team").prefetch_related(own)


def matches_of_user(user_id: int) -> QuerySet[Match]:
    """The decided matches of a user; ``is_a`` tells the side."""
    return _decided(_entrants_of(user_id))


def matches_of_team(team_id: int) -> QuerySet[Match]:
    """The decided matches of a team; ``is_a`` tells the side."""
    return _decided(list(Entrant.objects.filter(team=team_id).values_list("pk", flat=True)))


def next_matches(user_id: int) -> QuerySet[Match]:
    """What waits for the user now: play, an answer, a decision."""
    waiting = [MatchStatus.ONGOING, MatchStatus.PENDING_CONFIRMATION, MatchStatus.DISPUTED]
    own = _of_entrants(_entrants_of(user_id)).filter(status__in=waiting)
    return own.select_related("tournament", "entrant_a", "entrant_b").order_by("confirm_deadline_at", "pk")


def _entrants_of(user_id: int) -> list[int]:
    return list(RosterMember.objects.filter(user=user_id, is_active=True).values_list("entrant_id", flat=True))


def _of_entrants(entrant_ids: Sequence[int]) -> QuerySet[Match]:
    """Ids instead of a subquery, so that PostgreSQL finds the matches by the indexes of both sides."""
    return Match.objects.filter(Q(entrant_a__in=entrant_ids) | Q(entrant_b__in=entrant_ids))


def _decided(entrant_ids: Sequence[int]) -> QuerySet[Match]:
    sides = [f"entrant_{side}__{who}" for side in "ab" for who in ("user", "team")]
    is_a = ExpressionWrapper(Q(entrant_a__in=entrant_ids), output_field=BooleanField())
    decided = _of_entrants(entrant_ids).filter(outcome__in=RESULTS)
    return decided.select_related("tournament__game", *sides).annotate(is_a=is_a)


@lru_cache(maxsize=1)
def total_players(minute: int) -> int:
    """How many people can sign in; counted once in a minute by each process."""
    return User.objects.filter(is_active=True).count()
