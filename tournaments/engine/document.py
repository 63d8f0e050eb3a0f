"""The documents of the command line: a question as JSON data in, the answer as JSON data out. Entrants are 1..n."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from .decoding import (
    as_int,
    as_list,
    as_object,
    as_text,
    config_from_data,
    invalid,
)
from .encoding import (
    Json,
    config_to_data,
    heat_row_to_data,
    heat_to_data,
    match_to_data,
    number_to_data,
    outcome_to_data,
    slot_to_data,
    structure_to_data,
)
from .errors import EngineError, ErrorCode
from .events import (
    Correction,
    Effect,
    MatchOpened,
    Policy,
    Result,
    RoundPaired,
)
from .format import RoundPairing
from .groups import GROUPS, group_views
from .heats.rows import HeatResult, HeatRow
from .heats.stage import heat_at, lobby_of, open_games
from .plan import StagePlan
from .reduce import apply, fold
from .registry import format_named
from .stage import check_entrant_count, next_round, placements, plan_stage, standings
from .swiss.fixed import SWISS
from .swiss.history import past_rounds
from .telling import ManyResult, Report, Told, as_told, entrant_numbered, told_from_data
from .types import (
    Explanation,
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
NO_SECRET = b"\0"
"""What is drawn from when a document asks for a draw and gives no ``draw_seed``: known to all, the same every time."""


def answer_plan(document: object) -> Json:
    """The matches of the stage and the hash of its structure.

    :raises EngineError: the document cannot be understood, or no such stage can be planned.
    """
    plan = _plan(as_object(document, "document"))
    structure = structure_to_data(plan.config, len(plan.seeds), plan.matches, plan.heats)
    return {**structure, "plan_hash": plan.plan_hash}


def answer_replay(document: object) -> tuple[Json, bool]:
    """The stage after the document's results, and whether all of them were accepted.

    :raises EngineError: the document cannot be understood, or no such stage can be planned.
    """
    question = as_object(document, "document")
    told = as_told([told_from_data(entry) for entry in as_list(question.get("results"), "results")])
    replay = _Replay(fold(_plan(question)))
    rejected: list[Json] = []
    for index, entry in enumerate(told):
        try:
            if isinstance(entry, EngineError):
                raise entry
            replay.record(entry)
        except EngineError as error:
            params: dict[str, Json] = {
                name: value if isinstance(value, int) else str(value) for name, value in error.params.items()
            }
            rejected.append({"index": index, "code": error.code.value, "params": params})
    return _answer(replay, rejected), not rejected


def _plan(question: dict[str, object]) -> StagePlan:
    config = config_from_data(question)
    count = as_int(question.get("entrants"), "entrants")
    check_entrant_count(format_named(config.format), count)
    seeds = [entrant_numbered(number) for number in range(1, count + 1)]
    draw_seed = _draw_seed(question)
    try:
        return plan_stage(config, seeds, draw_seed)
    except EngineError as error:
        if error.code is not ErrorCode.DRAW_SEED_REQUIRED or "draw_seed" in question:
            raise
        return plan_stage(config, seeds, NO_SECRET)


def _draw_seed(question: dict[str, object]) -> bytes:
    try:
        return bytes.fromhex(as_text(question.get("draw_seed", ""), "draw_seed"))
    except ValueError as error:
        raise invalid("draw_seed") from error


class _Replay:
    """A stage that is told results by pair, not by match; the next round is paired as soon as it can be."""

    def __init__(self, view: StageView) -> None:
        self.view = view
        self.pairings: list[RoundPairing] = []
        self._open: dict[_Pair, deque[MatchId]] = {}
        self._decided: dict[_Pair, MatchId] = {}
        self._look_around()

    def record(self, told: Told) -> None:
        """Give a result to the earliest open match of the pair, a correction to the match that it decided last.

        :raises EngineError: ``unknown_entrant``, ``match_already_decided``, ``no_open_match``, and what ``apply``
            raises.
        """
        if isinstance(told, Report):
            self._report(told)
        elif isinstance(told, ManyResult):
            self._game(told)
        else:
            self.view, _ = apply(self.view, told)
            self._look_around()
        while self.view.round_to_pair is not None:
            pairing = next_round(self.view)
            self.view, effects = apply(self.view, pairing.event)
            self.pairings.append(pairing)
            self._open_matches(effects)

    def _report(self, report: Report) -> None:
        for number in (report.a, report.b):
            if not 1 <= number <= len(self.view.plan.seeds):
                raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": number})
        pair = _pair(entrant_numbered(report.a), entrant_numbered(report.b))
        if report.policy is not None:
            return self._correct(pair, report, report.policy)
        waiting = self._open.get(pair)
        if not waiting:
            code = ErrorCode.MATCH_ALREADY_DECIDED if pair in self._decided else ErrorCode.NO_OPEN_MATCH
            raise EngineError(code, {"a": report.a, "b": report.b})
        match_id = waiting[0]
        self.view, effects = apply(self.view, Result(match_id, self._as_sides(match_id, report)))
        waiting.popleft()
        self._decided[pair] = match_id
        self._open_matches(effects)
        if report.outcome.kind is Kind.DQ:
            self._look_around()
        return None

    def _game(self, game: ManyResult) -> None:
        heat_id, rows = game.heat_id, game.rows
        playing = {row.entrant for row in rows}
        for spec in open_games(self.view) if rows and self.view.plan.heats else ():
            lobby = lobby_of(self.view, spec)
            if heat_id in (None, spec.id) and playing.issubset(lobby):
                heat_id = spec.id
                absent = [entrant for entrant in lobby if entrant not in playing]
                rows += tuple(HeatRow(entrant, len(lobby), absent=True) for entrant in absent)
                break
        if heat_id is None:
            raise EngineError(ErrorCode.NO_OPEN_MATCH, {"entrants": len(game.rows)})
        self.view, _ = apply(self.view, HeatResult(heat_id, rows))

    def _correct(self, pair: _Pair, report: Report, policy: Policy) -> None:
        match_id = self._decided.get(pair)
        if match_id is None:
            raise EngineError(ErrorCode.MATCH_NOT_DECIDED, {"a": report.a, "b": report.b})
        self.view, _ = apply(self.view, Correction(match_id, self._as_sides(match_id, report), policy))
        self._look_around()

    def _as_sides(self, match_id: MatchId, report: Report) -> Outcome:
        same_sides = self.view.states[match_id].a == str(report.a)
        return report.outcome if same_sides else _mirrored(report.outcome)

    def _open_matches(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, MatchOpened):
                state = self.view.states[effect.match_id]
                self._open.setdefault(_pair(state.a, state.b), deque()).append(effect.match_id)

    def _look_around(self) -> None:
        """Find the open matches anew after an event that closed or reopened several."""
        self._open.clear()
        self._open_matches(MatchOpened(match_id) for match_id in self.view.ready)


def _pair(a: SlotState, b: SlotState) -> _Pair:
    return frozenset((a, b))


def _mirrored(outcome: Outcome) -> Outcome:
    games = tuple(replace(game, winner=_OTHER[game.winner], score=_swapped(game.score)) for game in outcome.games)
    return replace(outcome, score=_swapped(outcome.score), games=games)


def _swapped(score: tuple[int, int] | None) -> tuple[int, int] | None:
    return None if score is None else (score[1], score[0])


def _answer(replay: _Replay, rejected: list[Json]) -> Json:
    view = replay.view
    ready: list[Json] = [_match(view, view.plan.match(match_id)) for match_id in view.ready]
    matches: list[Json] = [_match(view, spec) for spec in view.plan.matches]
    answer: dict[str, Json] = {
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
    if view.plan.heats:
        answer["heats"] = [_game(view, result) for result in view.heats]
        answer["open"] = [] if view.complete else [heat_to_data(spec) for spec in open_games(view)]
    if replay.pairings:
        answer["rounds"] = [*_first_round(view), *(_round(pairing) for pairing in replay.pairings)]
        answer["stale_rounds"] = list(view.stale_rounds)
    if view.plan.config.format == GROUPS.name:
        answer["groups"] = {group.name: [_standing(row) for row in group.standings] for group in group_views(view)}
    return answer


def _game(view: StageView, result: HeatResult) -> Json:
    rows: list[Json] = [{**heat_row_to_data(row), "entrant": int(row.entrant)} for row in result.rows]
    return {**heat_to_data(heat_at(view.plan, result.heat_id)), "rows": rows}


def _first_round(view: StageView) -> list[Json]:
    """Round 1 of a Swiss, which is planned and not paired by an event."""
    if view.plan.config.format != SWISS.name:
        return []
    bye = past_rounds(view)[0].bye
    return [_round(RoundPairing(RoundPaired(1, (), bye)))]


def _round(pairing: RoundPairing) -> Json:
    return {
        "round": pairing.event.round,
        "bye": None if pairing.event.bye is None else int(pairing.event.bye),
        "relaxed": pairing.relaxed,
        "floats": [{"entrant": int(entrant), "direction": direction} for entrant, direction in pairing.floats],
        "why": [_explanation(reason) for reason in pairing.why],
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
        "explain": _explanation(row.explain),
    }


def _explanation(explanation: Explanation) -> Json:
    return {"code": explanation.code, **{name: _param(value) for name, value in explanation.params}}


def _param(value: str | int | Fraction) -> Json:
    return value if isinstance(value, str) else number_to_data(value)
