"""Formats in which points decide: from the results of a stage to the table that is ranked, and to the places."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from types import MappingProxyType
from typing import Literal, cast

from .events import DqMode
from .format import Option, one_of
from .match_table import Round
from .ranking import (
    RULES,
    RULES_2026,
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
from .ranking.presets import LOT
from .types import (
    EntrantId,
    Kind,
    OptionValue,
    Outcome,
    PlaceRange,
    Standing,
    Status,
)
from .view import StageView

PLAYED = frozenset({Kind.PLAYED, Kind.DRAW, Kind.ADMIN})
"""The kinds of outcome of a match that took place."""


def points_option(default: tuple[OptionValue, ...]) -> Option:
    """The points for a win, a draw, a loss and a bye, each a multiple of a half, in this order or by name; a bye left
    out counts as a win."""
    return Option("points", default, _points)


def _points(value: object) -> OptionValue:
    if isinstance(value, Mapping) and {"win", "draw", "loss"} <= value.keys() <= {"win", "draw", "loss", "bye"}:
        value = [value[name] for name in ("win", "draw", "loss", "bye") if name in value]
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


def tie_breaks_option() -> Option:
    """The version of FIDE C.07 by which tie-breaks count unplayed rounds."""
    return Option("tie_breaks", RULES_2026, one_of(*RULES))


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
    states = view.states.in_order()
    for round_ in view.plan.matches.rounds:
        for state in islice(states, round_.count):
            a, b, outcome = state.a, state.b, state.outcome
            if outcome is None or not isinstance(a, str) or not isinstance(b, str) or state.status is Status.VOID:
                continue
            of_a, of_b = _meetings(round_, a, b, outcome, scheme)
            meetings[a].append(of_a)
            meetings[b].append(of_b)
    table = Table(
        records=tuple(
            Record(
                entrant=entrant,
                seed=seed,
                meetings=tuple(meetings[entrant]),
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
    annulled = [entrant for entrant, mode in view.gone.items() if mode is DqMode.VOID_ALL]
    return annul(table, *annulled) if annulled else table


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


def _meetings(round_: Round, a: EntrantId, b: EntrantId, outcome: Outcome, scheme: Points) -> tuple[Meeting, Meeting]:
    """The match as side a and as side b saw it."""
    number, winner = round_.round, outcome.winner
    points = points_of(outcome, winner == a, scheme), points_of(outcome, winner == b, scheme)
    results = _result(outcome, winner == a), _result(outcome, winner == b)
    if outcome.kind not in PLAYED:
        kind = MeetingKind.FORFEIT if winner is not None else MeetingKind.DOUBLE_FORFEIT
        return (
            Meeting(number, b, kind, points[0], results[0], side="a"),
            Meeting(number, a, kind, points[1], results[1], side="b"),
        )
    (games_a, games_b), (score_a, score_b) = _counts(round_.best_of, outcome)
    played = MeetingKind.PLAYED
    return (
        Meeting(number, b, played, points[0], results[0], games_a, games_b, score_a, score_b, "a"),
        Meeting(number, a, played, points[1], results[1], games_b, games_a, score_b, score_a, "b"),
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


def _counts(best_of: int, outcome: Outcome) -> tuple[tuple[int, int], tuple[int, int]]:
    """Games and score of side a and side b."""
    score = outcome.score or (0, 0)
    if not outcome.games:
        return score, score
    won = (sum(game.winner == "a" for game in outcome.games), sum(game.winner == "b" for game in outcome.games))
    inside = [game.score for game in outcome.games if game.score is not None]
    if inside:
        return won, (sum(a for a, _ in inside), sum(b for _, b in inside))
    return won, score if best_of == 1 else won


def standings_of(view: StageView, table: Table) -> tuple[Standing, ...]:
    """The table by the ``ranking`` and ``tie_breaks`` of the stage, tied ones by seed; every row is final when the
    stage is complete, and none before. ``values`` end with ``PLAYED``, the matches that count.

    Without a draw seed no lot is drawn: whom only a lot could separate share a place.

    :raises EngineError: ``draw_seed_required`` when there is no draw seed and the ranking is nothing but a lot.
    """
    options = view.plan.config.options
    preset = ranking_of(cast(str, options["ranking"]))
    metrics, residual = preset.metrics, preset.residual
    if not view.plan.draw_seed:
        metrics = tuple(code for code in metrics if code != LOT) or metrics
        residual = "shared" if residual == "lot" else residual
    rows = rank(table, metrics, residual, view.plan.draw_seed, rules=str(options["tie_breaks"]))
    seed_of = {entrant: seed for seed, entrant in enumerate(view.plan.seeds)}
    played = {
        record.entrant: sum(meeting.opponent is not None for meeting in record.meetings) for record in table.records
    }
    return tuple(
        replace(row, final=view.complete, values=_with_played(row, played))
        for row in sorted(rows, key=lambda row: (row.place, seed_of[row.entrant]))
    )


def _with_played(row: Standing, played: Mapping[EntrantId, int]) -> tuple[tuple[str, int | Fraction], ...]:
    if row.entrant not in played or "PLAYED" in dict(row.values):
        return row.values
    return (*row.values, ("PLAYED", played[row.entrant]))


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
