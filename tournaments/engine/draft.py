"""Changes on top of a view, not yet visible to anyone: what each event does to a stage."""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from .advance import Settlement, moves_of, settle
from .errors import EngineError, ErrorCode
from .events import (
    MOST_POINTS,
    Adjustment,
    Disqualification,
    DqMode,
    Effect,
    Event,
    MatchDecided,
    MatchOpened,
    Result,
    RoundPaired,
    SlotFilled,
    Withdrawal,
)
from .heats.rows import HeatResult
from .match_table import BYE_CODE
from .plan import StagePlan
from .registry import format_named
from .series import check_outcome
from .types import BYE, TBD, EntrantId, Kind, MatchState, Occupant, Outcome, SlotState, Status, Target, Tbd
from .view import Log, StageView, StateMap

_LOCKED = MatchState(TBD, TBD, Status.LOCKED)
_NOT_PLAYED = Settlement(Status.VOID, Outcome(None, Kind.WALKOVER))


def opened(plan: StagePlan) -> "Draft":
    """A stage that has just begun. O(matches)."""
    table, seeds = plan.matches, plan.seeds
    states = [_LOCKED] * len(table)
    dead: list[tuple[int, Settlement]] = []
    for position, (code_a, code_b) in enumerate(zip(table.a, table.b, strict=True)):
        if code_a & 3 and code_b & 3 and code_a != BYE_CODE and code_b != BYE_CODE:
            continue
        a, b = _known(seeds, code_a), _known(seeds, code_b)
        settlement = settle(a, b)
        states[position] = _undecided(a, b, settlement)
        if settlement.outcome is not None:
            dead.append((position, settlement))
    format_ = format_named(plan.config.format)
    view = StageView(plan, StateMap.of(plan, states), len(states))
    draft = Draft(view if format_.heats is None else replace(view, undecided=format_.heats.left(view)))
    for position, settlement in dead:
        draft.decide(position, settlement)
    return draft


def _known(seeds: tuple[EntrantId, ...], code: int) -> SlotState:
    if not code & 3:
        return seeds[(code >> 2) - 1]
    return BYE if code == BYE_CODE else TBD


def _undecided(a: SlotState, b: SlotState, settlement: Settlement) -> MatchState:
    """A match that its slots decide is locked for the moment, until ``decide`` comes to it."""
    return MatchState(a, b, Status.READY if settlement.status is Status.READY else Status.LOCKED)


class Draft:
    """``record`` events, then take the ``view``. After an error the draft is of no use any more."""

    def __init__(self, view: StageView) -> None:
        self._base = view
        self._plan = view.plan
        self._format = format_named(view.plan.config.format)
        inner = self._format.inner
        self._table = (self._format if inner is None else inner(view.plan.config.options)).table
        self._changes: dict[int, MatchState] = {}
        self._undecided = view.undecided
        self._gone = view.gone
        self._pairings = view.pairings
        self._adjustments = view.adjustments
        self._stale = view.stale_rounds
        self._heats = view.heats
        self._log = view.log

    def view(self) -> StageView:
        view = StageView(
            plan=self._plan,
            states=self._base.states.replaced(self._changes) if self._changes else self._base.states,
            undecided=self._undecided,
            gone=self._gone,
            pairings=self._pairings,
            adjustments=self._adjustments,
            stale_rounds=self._stale,
            heats=self._heats,
            log=self._log,
        )
        champion = self._format.champion(view)
        return view if champion is None else replace(view, champion=champion)

    def state(self, position: int) -> MatchState:
        changed = self._changes.get(position)
        return self._base.states.at(position) if changed is None else changed

    def has_left(self, entrant: EntrantId) -> bool:
        return entrant in self._gone

    def mark_stale(self, rounds: tuple[int, ...]) -> None:
        """These rounds, as far as they are still paired, were paired from a result that has been corrected."""
        paired = {pairing.round for pairing in self._pairings}
        self._stale = tuple(sorted({*self._stale, *rounds} & paired))

    def record(self, event: Event) -> list[Effect]:
        """:raises EngineError: as ``apply``."""
        match event:
            case Result():
                effects = self._result(event)
            case HeatResult():
                effects = self._heat(event)
            case RoundPaired():
                effects = self._pair(event)
            case Withdrawal():
                effects = self._leave(event.entrant, DqMode.FORWARD)
            case Disqualification():
                if not isinstance(event.mode, DqMode):
                    raise EngineError(ErrorCode.INVALID_EVENT)
                effects = self._leave(event.entrant, event.mode)
            case Adjustment():
                effects = self._adjust(event)
            case _:
                raise EngineError(ErrorCode.INVALID_EVENT)
        self._log = Log(self._log, event)
        return effects

    def _result(self, event: Result) -> list[Effect]:
        position = self._plan.position(event.match_id)
        if not isinstance(event.outcome, Outcome):
            raise EngineError(ErrorCode.INVALID_OUTCOME, {"match": event.match_id})
        state = self.state(position)
        if state.status is Status.LOCKED:
            raise EngineError(ErrorCode.MATCH_NOT_READY, {"match": event.match_id})
        if state.status is not Status.READY:
            raise EngineError(ErrorCode.MATCH_ALREADY_DECIDED, {"match": event.match_id})
        if self._format.decisive and event.outcome.kind is Kind.DOUBLE_FORFEIT:
            raise EngineError(ErrorCode.WINNER_REQUIRED, {"match": event.match_id, "kind": event.outcome.kind.value})
        effects = self.decide(position, Settlement(Status.COMPLETED, event.outcome))
        if event.outcome.kind is Kind.DQ:
            loser = state.b if event.outcome.winner == state.a else state.a
            if isinstance(loser, str) and loser not in self._gone:
                effects += self._leave(loser, DqMode.FORWARD)
        return effects

    def _heat(self, event: HeatResult) -> list[Effect]:
        rules = self._format.heats
        if rules is None:
            raise EngineError(ErrorCode.INVALID_EVENT)
        rules.check(self.view(), event)
        self._heats = (*self._heats, event)
        self._undecided = rules.left(self.view())
        return []

    def decide(self, position: int, settlement: Settlement) -> list[Effect]:
        """Close one match, and all matches that this leaves with a dead slot."""
        effects: list[Effect] = []
        waiting = deque([(position, settlement)])
        while waiting:
            position, settlement = waiting.popleft()
            if settlement.outcome is None:
                continue
            spec, state = self._plan.matches[position], self.state(position)
            if isinstance(state.a, Tbd) or isinstance(state.b, Tbd):
                raise EngineError(ErrorCode.MATCH_NOT_READY, {"match": spec.id})
            if settlement.status is Status.COMPLETED:
                check_outcome(spec, settlement.outcome, state.a, state.b)
            moves = moves_of(spec, settlement.outcome, state.a, state.b)
            self._changes[position] = MatchState(state.a, state.b, settlement.status, settlement.outcome)
            self._undecided -= 1
            effects.append(MatchDecided(spec.id, settlement.status, settlement.outcome))
            for move in moves:
                effects.append(move)
                follower, next_settlement = self._fill(move.target, move.occupant)
                if next_settlement.outcome is not None:
                    waiting.append((follower, next_settlement))
                elif next_settlement.status is Status.READY:
                    effects.append(MatchOpened(move.target.match_id))
        return effects

    def _fill(self, target: Target, occupant: Occupant) -> tuple[int, Settlement]:
        position = self._plan.position(target.match_id)
        state = self.state(position)
        a, b = (occupant, state.b) if target.side == "a" else (state.a, occupant)
        settlement = self._settle(a, b)
        self._changes[position] = _undecided(a, b, settlement)
        return position, settlement

    def _settle(self, a: SlotState, b: SlotState) -> Settlement:
        """As ``settle``, where whoever has left cannot win; if both have and the format needs a winner, side a."""
        settlement = settle(a, b)
        if not self._gone or settlement.status is Status.LOCKED:
            return settlement
        here = [side for side in (a, b) if isinstance(side, str) and side not in self._gone]
        if len(here) == 2 or settlement.status is Status.VOID:
            return settlement
        if not here:
            better = a if self._format.decisive and isinstance(a, str) else None
            return _NOT_PLAYED if better is None else Settlement(Status.WALKOVER, Outcome(better, Kind.WALKOVER))
        absent = b if here[0] == a else a
        planned = self._table and self._format.entrants_to_pair is None
        if planned and isinstance(absent, str) and self._gone[absent] is not DqMode.FORWARD:
            return _NOT_PLAYED
        return Settlement(Status.WALKOVER, Outcome(here[0], Kind.WALKOVER))

    def _leave(self, entrant: EntrantId, mode: DqMode) -> list[Effect]:
        if entrant not in self._plan.seeds:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": entrant})
        if entrant in self._gone:
            raise EngineError(ErrorCode.ENTRANT_ALREADY_OUT, {"entrant": entrant})
        gone = {**self._gone, entrant: mode}
        self._gone = MappingProxyType(dict(sorted(gone.items())))
        effects: list[Effect] = []
        for position in range(len(self._plan.matches)):
            state = self.state(position)
            if state.status is Status.READY and entrant in (state.a, state.b):
                effects += self.decide(position, self._settle(state.a, state.b))
        return effects

    def _adjust(self, event: Adjustment) -> list[Effect]:
        if event.entrant not in self._plan.seeds:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": event.entrant})
        if not all(type(number) is int and abs(number) <= MOST_POINTS for number in (event.points, event.penalty)):
            raise EngineError(ErrorCode.INVALID_EVENT)
        if event.penalty + sum(past.penalty for past in self._adjustments if past.entrant == event.entrant) < 0:
            raise EngineError(ErrorCode.INVALID_EVENT)
        if not self._table or not isinstance(event.reason, str) or not event.reason.strip():
            raise EngineError(ErrorCode.INVALID_EVENT)
        if self._format.heats is not None:
            self._format.heats.check_adjustment(event)
        self._adjustments = (*self._adjustments, event)
        return []

    def _pair(self, event: RoundPaired) -> list[Effect]:
        """Put the pairs into the matches of the round, in order; matches that are left over will not be played."""
        if type(event.round) is not int:
            raise EngineError(ErrorCode.INVALID_EVENT)
        view = self.view()
        if view.pairings and event.round == view.pairings[-1].round:
            self._unpair(event.round)
            view = self.view()
        if self._format.entrants_to_pair is None or view.round_to_pair != event.round:
            raise EngineError(ErrorCode.ROUND_NOT_OPEN, {"round": event.round, "open": view.round_to_pair})
        self._check_pairs(event, self._format.entrants_to_pair(view))
        if self._format.may_be_paired is not None and not self._format.may_be_paired(view, event.pairs):
            raise EngineError(ErrorCode.INVALID_PAIRING, {"round": event.round})
        self._pairings = (*self._pairings, event)
        self._stale = tuple(round_ for round_ in self._stale if round_ != event.round)
        lines: list[tuple[Occupant, Occupant]] = list(event.pairs)
        if event.bye is not None and not self._table:
            lines.append((event.bye, BYE))
        positions = self._round_positions(event.round)
        lines += [(BYE, BYE)] * (len(positions) - len(lines))
        effects: list[Effect] = []
        for position, (a, b) in zip(positions, lines, strict=True):
            match_id = self._plan.matches.id_at(position)
            effects += [SlotFilled(Target(match_id, "a"), a), SlotFilled(Target(match_id, "b"), b)]
            settlement = self._settle(a, b)
            self._changes[position] = _undecided(a, b, settlement)
            if settlement.outcome is None:
                effects.append(MatchOpened(match_id))
            else:
                effects += self.decide(position, settlement)
        return effects

    def _round_positions(self, round_number: int) -> range:
        table = self._plan.matches
        rounds = [
            (start, start + round_.count)
            for round_, start in zip(table.rounds, table.starts, strict=False)
            if round_.drawn and round_.round == round_number
        ]
        return range(rounds[0][0], rounds[-1][1])

    def _unpair(self, round_number: int) -> None:
        """Take the pairs of the latest round back, as long as it has no result."""
        for position in self._round_positions(round_number):
            state = self.state(position)
            if state.status is Status.COMPLETED:
                raise EngineError(ErrorCode.ROUND_ALREADY_STARTED, {"round": round_number})
            self._undecided += state.outcome is not None
            self._changes[position] = _LOCKED
        self._pairings = self._pairings[:-1]

    def _check_pairs(self, event: RoundPaired, expected: tuple[EntrantId, ...]) -> None:
        pairs = event.pairs
        if not isinstance(pairs, tuple) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
            raise EngineError(ErrorCode.INVALID_PAIRING, {"round": event.round})
        named = [entrant for pair in pairs for entrant in pair]
        if event.bye is not None:
            named.append(event.bye)
        if not all(isinstance(entrant, str) for entrant in named) or sorted(named) != sorted(expected):
            raise EngineError(ErrorCode.INVALID_PAIRING, {"round": event.round})


def states_changed(before: StageView, after: StageView) -> Mapping[int, tuple[MatchState, MatchState]]:
    """Plan position → (state before, state after) of each match that is not the same. O(matches)."""
    pairs = zip(before.states.in_order(), after.states.in_order(), strict=True)
    return {position: (old, new) for position, (old, new) in enumerate(pairs) if old != new}
