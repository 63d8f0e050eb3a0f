"""What people tell of a stage, one entry of a document's ``results`` at a time: matches by pair, not by id."""

from dataclasses import dataclass, replace

from .decoding import (
    as_half_points,
    as_int,
    as_list,
    as_object,
    as_one_of,
    as_pair,
    as_text,
    games_from_data,
    heat_row_from_data,
    optional,
)
from .errors import EngineError, ErrorCode
from .events import Adjustment, Disqualification, DqMode, Policy, Withdrawal
from .heats.rows import HeatRow
from .series import ABSENT_SCORE
from .types import EntrantId, Kind, MatchId, Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """A result as people tell it: these two met, and so it ended; ``score`` and the sides of ``games`` are in the
    order a, b. With a ``policy`` it corrects what was told before."""

    a: int
    b: int
    outcome: Outcome
    policy: Policy | None


@dataclass(frozen=True, slots=True)
class ManyResult:
    """A game of many entrants; without an id it is the earliest open one in which all of these play. Whoever plays in
    it and has no row was absent."""

    heat_id: MatchId | None
    rows: tuple[HeatRow, ...]


Told = Report | ManyResult | Withdrawal | Disqualification | Adjustment


def entrant_numbered(number: int) -> EntrantId:
    return EntrantId(str(number))


def _numbered(data: object, where: str) -> EntrantId:
    return entrant_numbered(as_int(data, where))


def told_from_data(data: object) -> Told | EngineError:
    """One entry of ``results``: ``{"a", "b", "winner", …}``, ``{"rows": […]}``, ``{"withdraw": 5}``,
    ``{"disqualify": 5, "mode"}`` or ``{"adjust": 5, "points", "penalty", "reason"}``; the error for an entry that is
    understood and cannot be, such as the place 0.

    :raises EngineError: ``invalid_document``.
    """
    try:
        return _told(as_object(data, "results"))
    except EngineError as error:
        if error.code is ErrorCode.INVALID_DOCUMENT:
            raise
        return error


def _told(entry: dict[str, object]) -> Told:
    if "withdraw" in entry:
        return Withdrawal(entrant_numbered(as_int(entry["withdraw"], "results.withdraw")))
    if "disqualify" in entry:
        mode = as_one_of(DqMode, entry.get("mode", DqMode.FORWARD.value), "results.mode")
        return Disqualification(entrant_numbered(as_int(entry["disqualify"], "results.disqualify")), mode)
    if "adjust" in entry:
        return Adjustment(
            entrant=entrant_numbered(as_int(entry["adjust"], "results.adjust")),
            points=as_half_points(entry.get("points", 0), "results.points"),
            reason=as_text(entry.get("reason"), "results.reason"),
            penalty=as_int(entry.get("penalty", 0), "results.penalty"),
        )
    if "rows" in entry:
        heat = optional(as_text, entry.get("heat"), "results.heat")
        rows = tuple(heat_row_from_data(row, _numbered) for row in as_list(entry["rows"], "results.rows"))
        return ManyResult(None if heat is None else MatchId(heat), rows)
    a, b = as_int(entry.get("a"), "results.a"), as_int(entry.get("b"), "results.b")
    winner = optional(as_int, entry.get("winner"), "results.winner")
    kind = as_one_of(Kind, entry.get("kind", Kind.PLAYED.value), "results.kind")
    score = optional(as_pair, entry.get("score"), "results.score")
    if kind is Kind.PLAYED and score is not None:
        kind = _kind_by_score(score, None if winner is None else winner == a)
    outcome = Outcome(
        winner=None if winner is None else entrant_numbered(winner),
        kind=kind,
        score=score,
        games=games_from_data(entry.get("games", [])),
    )
    policy = as_one_of(Policy, entry["correct"], "results.correct") if "correct" in entry else None
    return Report(a, b, outcome, policy)


def _kind_by_score(score: tuple[int, int], a_won: bool | None) -> Kind:
    """Records often tell only by the score that nobody won, or (-1) that the loser did not come."""
    if a_won is None:
        return Kind.DRAW if score[0] == score[1] else Kind.PLAYED
    won, lost = score if a_won else (score[1], score[0])
    return Kind.NO_SHOW if won >= 0 and lost == ABSENT_SCORE else Kind.PLAYED


def as_told(told: list[Told | EngineError]) -> list[Told | EngineError]:
    """The same, where a loser by ``dq`` of whom more results follow forfeits only this match: the document tells itself
    what became of the others."""
    last = {
        number: index for index, entry in enumerate(told) if isinstance(entry, Report) for number in (entry.a, entry.b)
    }
    taken: list[Told | EngineError] = []
    for index, entry in enumerate(told):
        if isinstance(entry, Report) and entry.outcome.kind is Kind.DQ and entry.policy is None:
            loser = entry.b if entry.outcome.winner == str(entry.a) else entry.a
            if last[loser] > index:
                entry = replace(entry, outcome=replace(entry.outcome, kind=Kind.FORFEIT))
        taken.append(entry)
    return taken
