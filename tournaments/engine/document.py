"""The documents of the command line: a question as JSON data in, the answer as JSON data out. Entrants are 1..n."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .decoding import as_int, as_list, as_object, as_one_of, as_pair, config_from_data, games_from_data, optional
from .encoding import (
    Json,
    config_to_data,
    match_to_data,
    number_to_data,
    outcome_to_data,
    slot_to_data,
    structure_to_data,
)
from .errors import EngineError, ErrorCode
from .events import MatchOpened, Result
from .plan import StagePlan
from .reduce import apply, fold
from .registry import format_named
from .stage import check_entrant_count, placements, plan_stage, standings
from .types import (
    EntrantId,
    Kind,
    MatchId,
    MatchSpec,
    Outcome,
    Seed,
    Side,
    Slot,
    SlotState,
    Standing,
    Tbd,
)
from .view import StageView

_Pair = frozenset[SlotState]
_OTHER: Mapping[Side, Side] = {"a": "b", "b": "a"}


@dataclass(frozen=True, slots=True)
class _Report:
    """A result as people tell it: these two met, and so it ended; ``score`` and the sides of ``games`` are in the
    order a, b."""

    a: int
    b: int
    outcome: Outcome


def answer_plan(document: object) -> Json:
    """The matches of the stage and the hash of its structure.

    :raises EngineError: the document cannot be understood, or no such stage can be planned.
    """
    plan = _plan(as_object(document, "document"))
    structure = structure_to_data(plan.config, len(plan.seeds), plan.matches)
    return {**structure, "plan_hash": plan.plan_hash}


def answer_replay(document: object) -> tuple[Json, bool]:
    """The stage after the document's results, and whether all of them were accepted.

    :raises EngineError: the document cannot be understood, or no such stage can be planned.
    """
    question = as_object(document, "document")
    reports = [_report(entry) for entry in as_list(question.get("results"), "results")]
    replay = _Replay(fold(_plan(question)))
    rejected: list[Json] = []
    for index, report in enumerate(reports):
        try:
            replay.record(report)
        except EngineError as error:
            params: dict[str, Json] = {
                name: value if isinstance(value, int) else str(value) for name, value in error.params.items()
            }
            rejected.append({"index": index, "code": error.code.value, "params": params})
    return _answer(replay.view, rejected), not rejected


def _plan(question: dict[str, object]) -> StagePlan:
    config = config_from_data(question)
    count = as_int(question.get("entrants"), "entrants")
    check_entrant_count(format_named(config.format), count)
    return plan_stage(config, [EntrantId(str(number)) for number in range(1, count + 1)])


def _report(data: object) -> _Report:
    entry = as_object(data, "results")
    winner = optional(as_int, entry.get("winner"), "results.winner")
    outcome = Outcome(
        winner=None if winner is None else EntrantId(str(winner)),
        kind=as_one_of(Kind, entry.get("kind", Kind.PLAYED.value), "results.kind"),
        score=optional(as_pair, entry.get("score"), "results.score"),
        games=games_from_data(entry.get("games", [])),
    )
    return _Report(as_int(entry.get("a"), "results.a"), as_int(entry.get("b"), "results.b"), outcome)


class _Replay:
    """A stage that is told results by pair, not by match."""

    def __init__(self, view: StageView) -> None:
        self.view = view
        self._open: dict[_Pair, deque[MatchId]] = {}
        self._decided: set[_Pair] = set()
        for match_id in view.ready:
            self._open_match(match_id)

    def record(self, report: _Report) -> None:
        """Give the result to the earliest open match of the pair.

        :raises EngineError: ``unknown_entrant``, ``match_already_decided``, ``no_open_match``, and what ``apply``
            raises.
        """
        for number in (report.a, report.b):
            if not 1 <= number <= len(self.view.plan.seeds):
                raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": number})
        pair = _pair(EntrantId(str(report.a)), EntrantId(str(report.b)))
        waiting = self._open.get(pair)
        if not waiting:
            code = ErrorCode.MATCH_ALREADY_DECIDED if pair in self._decided else ErrorCode.NO_OPEN_MATCH
            raise EngineError(code, {"a": report.a, "b": report.b})
        match_id = waiting[0]
        same_sides = self.view.states[match_id].a == str(report.a)
        outcome = report.outcome if same_sides else _mirrored(report.outcome)
        self.view, effects = apply(self.view, Result(match_id, outcome))
        waiting.popleft()
        self._decided.add(pair)
        for effect in effects:
            if isinstance(effect, MatchOpened):
                self._open_match(effect.match_id)

    def _open_match(self, match_id: MatchId) -> None:
        state = self.view.states[match_id]
        self._open.setdefault(_pair(state.a, state.b), deque()).append(match_id)


def _pair(a: SlotState, b: SlotState) -> _Pair:
    return frozenset((a, b))


def _mirrored(outcome: Outcome) -> Outcome:
    games = tuple(replace(game, winner=_OTHER[game.winner], score=_swapped(game.score)) for game in outcome.games)
    return replace(outcome, score=_swapped(outcome.score), games=games)


def _swapped(score: tuple[int, int] | None) -> tuple[int, int] | None:
    return None if score is None else (score[1], score[0])


def _answer(view: StageView, rejected: list[Json]) -> Json:
    ready: list[Json] = [_match(view, view.plan.match(match_id)) for match_id in view.ready]
    matches: list[Json] = [_match(view, spec) for spec in view.plan.matches]
    return {
        **config_to_data(view.plan.config),
        "entrants": len(view.plan.seeds),
        "complete": view.complete,
        "champion": None if view.champion is None else int(view.champion),
        "open": ready,
        "rejected": rejected,
        "placements": {entrant: place.first for entrant, place in placements(view).items()},
        "standings": [_standing(row) for row in standings(view)],
        "matches": matches,
        "plan_hash": view.plan.plan_hash,
    }


def _match(view: StageView, spec: MatchSpec) -> Json:
    state = view.states[spec.id]
    data = {**match_to_data(spec), "status": state.status.value}
    data["a"], data["b"] = slot_to_data(_standing_in(spec.a, state.a)), slot_to_data(_standing_in(spec.b, state.b))
    if state.outcome is None:
        return data
    outcome = outcome_to_data(state.outcome)
    return {**data, **outcome, "winner": None if state.outcome.winner is None else int(state.outcome.winner)}


def _standing_in(planned: Slot, state: SlotState) -> Slot:
    """The slot as it is now: the seed or bye that stands in it, or where its occupant will come from."""
    if isinstance(state, str):
        return Seed(int(state))
    return planned if isinstance(state, Tbd) else state


def _standing(row: Standing) -> Json:
    return {
        "entrant": int(row.entrant),
        "place": row.place,
        "tied": row.tied,
        "final": row.final,
        "values": {name: number_to_data(value) for name, value in row.values},
        "explain": {"code": row.explain.code, **dict(row.explain.params)},
    }
