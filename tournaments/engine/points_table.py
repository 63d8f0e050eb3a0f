"""Formats in which points decide: from the results of a stage to the table that is ranked, and to the places."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, cast

from .events import DqMode
from .format import Option, one_of
from .ranking import (
    Meeting,
    MeetingKind,
    Points,
    Record,
    Table,
    annul,
    parse_ranking,
    rank,
    ranking_of,
    settle_withdrawals,
)
from .types import (
    EntrantId,
    Kind,
    MatchSpec,
    MatchState,
    OptionValue,
    Outcome,
    PlaceRange,
    Side,
    Standing,
    Status,
)
from .view import StageView

PLAYED = frozenset({Kind.PLAYED, Kind.DRAW, Kind.ADMIN})
"""The kinds of outcome of a match that took place."""


def points_option(default: tuple[OptionValue, ...]) -> Option:
    """The points for a win, a draw, a loss and a bye, each a multiple of a half; a bye left out counts as a win."""
    return Option("points", default, _points)


def _points(value: object) -> OptionValue:
    if not isinstance(value, list | tuple) or len(value) not in (3, 4):
        raise ValueError("not the points for a win, a draw and a loss")
    numbers = tuple(_half_points(number) for number in value)
    win, draw, loss = numbers[:3]
    if not win >= draw >= loss >= 0 or win == 0 or min(numbers) < 0:
        raise ValueError("a win is worth more than nothing and no less than a draw, a draw no less than a loss")
    return (*(_number(half) for half in numbers), *((_number(win),) if len(numbers) == 3 else ()))


def _half_points(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    if not -1000 <= value <= 1000 or 2 * value != int(2 * value):
        raise ValueError("not a multiple of a half")
    return int(2 * value)


def _number(half_points: int) -> int | float:
    return half_points / 2 if half_points % 2 else half_points // 2


def scheme_of(points: OptionValue) -> Points:
    """The ``points`` option as half points."""
    return Points(*(_half_points(number) for number in cast(tuple[OptionValue, ...], points)))


def ranking_option(default: str) -> Option:
    """A preset's name, or metric codes; see :func:`~.ranking.parse_ranking`."""
    return Option("ranking", default, parse_ranking)


def withdrawn_option() -> Option:
    """What the results of an entrant who left the stage count: ``forfeit``: as they are, ``annul``: nothing, ``half``:
    nothing unless at least half of its matches were played."""
    return Option("withdrawn", "half", one_of("half", "forfeit", "annul"))


def table_of(view: StageView, scheme: Points, *, rounds: int, legs: int = 1, all_play_all: bool = False) -> Table:
    """The decided matches, byes and absences of all entrants.

    A match that was not played out counts as a forfeit and brings no games; games are counted from the list of games
    if there is one, otherwise from the score. A match that nobody needs to play counts for nobody.
    """
    meetings: dict[EntrantId, list[Meeting]] = {entrant: [] for entrant in view.plan.seeds}
    for position, state in enumerate(view.states.in_order()):
        if state.outcome is not None and isinstance(state.a, str) and isinstance(state.b, str):
            spec = view.plan.matches[position]
            if state.status is not Status.VOID:
                meetings[state.a].append(_meeting(spec, state, state.outcome, "a", scheme))
                meetings[state.b].append(_meeting(spec, state, state.outcome, "b", scheme))
    table = Table(
        records=tuple(
            Record(
                entrant=entrant,
                seed=seed,
                meetings=tuple(sorted(meetings[entrant], key=lambda meeting: meeting.round)),
                adjustment=sum(event.points for event in view.adjustments if event.entrant == entrant),
                penalty=sum(event.penalty for event in view.adjustments if event.entrant == entrant),
                withdrawn=entrant in view.gone,
            )
            for seed, entrant in enumerate(view.plan.seeds, start=1)
        ),
        rounds=rounds,
        scheme=scheme,
        legs=legs,
        all_play_all=all_play_all,
    )
    return annul(table, *(entrant for entrant, mode in view.gone.items() if mode is DqMode.VOID_ALL))


def with_rests(table: Table, paired: Mapping[int, frozenset[EntrantId]], byes: Mapping[int, EntrantId | None]) -> Table:
    """The table of a format that pairs round by round, with the bye of each round and with the absence of those who
    were not paired.

    :param paired: round → who had an opponent.
    """
    annulled = frozenset(table.annulled)
    records = []
    for record in table.records:
        rests = []
        for round_, playing in paired.items():
            if record.entrant not in playing:
                bye = byes[round_] == record.entrant
                kind, points = (MeetingKind.BYE, table.scheme.bye) if bye else (MeetingKind.ABSENT, 0)
                rests.append(Meeting(round_, None, kind, points, "none"))
        if rests and record.entrant not in annulled:
            meetings = sorted((*record.meetings, *rests), key=lambda meeting: meeting.round)
            record = replace(record, meetings=tuple(meetings))
        records.append(record)
    return replace(table, records=tuple(records))


def _meeting(spec: MatchSpec, state: MatchState, outcome: Outcome, side: Side, scheme: Points) -> Meeting:
    me, opponent = (state.a, state.b) if side == "a" else (state.b, state.a)
    won = me == outcome.winner
    kind = MeetingKind.PLAYED
    if outcome.kind not in PLAYED:
        kind = MeetingKind.FORFEIT if outcome.winner is not None else MeetingKind.DOUBLE_FORFEIT
    games, scores = _counts(spec, outcome) if kind is MeetingKind.PLAYED else ((0, 0), (0, 0))
    mine, theirs = (0, 1) if side == "a" else (1, 0)
    return Meeting(
        round=spec.round,
        opponent=opponent if isinstance(opponent, str) else None,
        kind=kind,
        points=points_of(outcome, won, scheme),
        result=_result(outcome, won),
        games_for=games[mine],
        games_against=games[theirs],
        score_for=scores[mine],
        score_against=scores[theirs],
        side=side,
    )


def _result(outcome: Outcome, won: bool) -> Literal["win", "draw", "loss"]:
    if won:
        return "win"
    return "draw" if outcome.kind is Kind.DRAW else "loss"


def points_of(outcome: Outcome, won: bool, scheme: Points) -> int:
    """The half points that the outcome brings one side; both sides of a double forfeit get nothing."""
    if won:
        return scheme.win
    if outcome.kind is Kind.DRAW:
        return scheme.draw
    return 0 if outcome.kind is Kind.DOUBLE_FORFEIT else scheme.loss


def _counts(spec: MatchSpec, outcome: Outcome) -> tuple[tuple[int, int], tuple[int, int]]:
    """Games and score of side a and side b."""
    score = outcome.score or (0, 0)
    if not outcome.games:
        return score, score
    won = (sum(game.winner == "a" for game in outcome.games), sum(game.winner == "b" for game in outcome.games))
    inside = [game.score for game in outcome.games if game.score is not None]
    if inside:
        return won, (sum(a for a, _ in inside), sum(b for _, b in inside))
    return won, score if spec.best_of == 1 else won


def standings_of(view: StageView, table: Table, ranking: OptionValue, purpose: str = "") -> tuple[Standing, ...]:
    """The ranking of the table; every row is final when the stage is complete, and none before.

    :raises EngineError: ``draw_seed_required`` when a lot has to decide and the plan has no draw seed.
    """
    preset = ranking_of(cast(str, ranking))
    rows = rank(table, preset.metrics, preset.residual, view.plan.draw_seed, draw_purpose=f"ranking|lot{purpose}")
    return rows if view.complete else tuple(replace(row, final=False) for row in rows)


def withdrawals_settled(view: StageView, table: Table, rule: OptionValue) -> Table:
    """The table of a round robin after the ``withdrawn`` option."""
    if rule == "annul":
        gone = [record.entrant for record in table.records if record.withdrawn]
        return annul(table, *gone)
    return settle_withdrawals(table) if rule == "half" and view.gone else table


def placements_of(rows: tuple[Standing, ...]) -> Mapping[EntrantId, PlaceRange]:
    """The places of the final rows."""
    sizes: dict[int, int] = {}
    for row in rows:
        sizes[row.place] = sizes.get(row.place, 0) + 1
    return MappingProxyType(
        {row.entrant: PlaceRange(row.place, row.place + sizes[row.place] - 1) for row in rows if row.final}
    )


def champion_of(view: StageView, rows: tuple[Standing, ...]) -> EntrantId | None:
    """The only entrant on the first place of a complete stage."""
    return rows[0].entrant if view.complete and not rows[0].tied else None
