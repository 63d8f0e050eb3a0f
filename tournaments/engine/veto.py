"""The map veto before a series: two sides ban and pick in turn, and what they leave is the decider.

Side a is the one that chose to begin (usually the better seed). The same machine serves heroes, weapons or landing
spots: "map" is whatever the pool holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce

from .errors import EngineError, ErrorCode
from .rng import DrawRng
from .types import Side

MAX_POOL = 256
"""The most maps of a pool."""


class VetoAction(StrEnum):
    """What a step does: ``ban`` and ``pick`` a map; ``decider``: the map that is left is played; ``side``: choose the
    starting side on the map chosen just before."""

    BAN = "ban"
    PICK = "pick"
    DECIDER = "decider"
    SIDE = "side"


class Actor(StrEnum):
    """Whose step it is: side ``a`` or ``b``; the ``other`` side than in the step before; the ``loser`` or ``winner``
    of the game on the map chosen last; ``nobody`` (a decider)."""

    A = "a"
    B = "b"
    OTHER = "other"
    LOSER = "loser"
    WINNER = "winner"
    NOBODY = "nobody"


_CHOOSES_MAP = (VetoAction.PICK, VetoAction.DECIDER)
_NEEDS_GAME = (Actor.LOSER, Actor.WINNER)


@dataclass(frozen=True, slots=True)
class VetoStep:
    """One step of a template."""

    action: VetoAction
    by: Actor


@dataclass(frozen=True, slots=True)
class VetoTemplate:
    """The steps of a veto over a pool of ``maps``.

    Each map is banned, picked or decided by exactly one step; with ``leaves_maps`` some may be left over, and a decider
    is then drawn among them. A decider is the last step with a map and belongs to nobody; every other step has an
    actor. A ``side`` step follows the step that chose the map. ``sides`` are the names of the starting sides.

    :raises EngineError: ``invalid_veto_template``, ``unknown_map`` (not a text), ``duplicate_map``.
    """

    steps: tuple[VetoStep, ...]
    maps: tuple[str, ...]
    sides: tuple[str, ...] = ("ct", "t")
    leaves_maps: bool = False

    def __post_init__(self) -> None:
        _check_names(self.maps, MAX_POOL, ErrorCode.UNKNOWN_MAP, ErrorCode.DUPLICATE_MAP)
        _check_names(self.sides, MAX_POOL, ErrorCode.INVALID_VETO_TEMPLATE, ErrorCode.INVALID_VETO_TEMPLATE)
        if not isinstance(self.steps, tuple) or not all(_is_step(step) for step in self.steps):
            raise EngineError(ErrorCode.INVALID_VETO_TEMPLATE)
        before: VetoStep | None = None
        maps_chosen = maps_used = 0
        decided = False
        for index, step in enumerate(self.steps):
            chooses = step.action is not VetoAction.SIDE
            legal = (step.action is VetoAction.DECIDER) == (step.by is Actor.NOBODY)
            legal = legal and (step.by is not Actor.OTHER or (before is not None and before.by is not Actor.NOBODY))
            legal = legal and (step.by not in _NEEDS_GAME or maps_chosen > 0) and not (decided and chooses)
            legal = legal and (chooses or (before is not None and before.action in _CHOOSES_MAP))
            if not legal:
                raise EngineError(ErrorCode.INVALID_VETO_TEMPLATE, {"step": index})
            maps_used += chooses
            maps_chosen += step.action in _CHOOSES_MAP
            decided = decided or step.action is VetoAction.DECIDER
            before = step
        if maps_used > len(self.maps) or (maps_used < len(self.maps) and self.leaves_maps is not True):
            raise EngineError(ErrorCode.INVALID_VETO_TEMPLATE, {"steps": maps_used, "maps": len(self.maps)})


@dataclass(frozen=True, slots=True)
class VetoMove:
    """The event "this step was taken": ``choice`` is a map, or a starting side in a ``side`` step.

    ``by`` is None for a decider. ``auto``: drawn or forced, not chosen by the side.
    """

    action: VetoAction
    by: Side | None
    choice: str
    auto: bool = False


@dataclass(frozen=True, slots=True)
class GameLost:
    """The event "the game on the next map not yet played was lost by this side"; only steps of a ``loser`` or
    ``winner`` need it."""

    by: Side


VetoEvent = VetoMove | GameLost


@dataclass(frozen=True, slots=True)
class ChosenMap:
    """A map to be played. ``picked_by`` is None for a decider.

    ``starting_side`` is where ``side_chosen_by`` starts; both are None until it is chosen, or for good where the
    template has no such step.
    """

    map: str
    picked_by: Side | None
    side_chosen_by: Side | None = None
    starting_side: str | None = None


@dataclass(frozen=True, slots=True)
class VetoState:
    """A veto at one moment: the log, and what follows from it.

    ``step`` counts the steps taken; ``chosen`` are the maps to play, in that order; ``losers`` the losers of the games
    played so far.
    """

    template: VetoTemplate
    log: tuple[VetoEvent, ...] = ()
    step: int = 0
    banned: tuple[str, ...] = ()
    chosen: tuple[ChosenMap, ...] = ()
    losers: tuple[Side, ...] = ()
    last_by: Side | None = None

    @property
    def remaining(self) -> tuple[str, ...]:
        """The maps neither banned nor chosen, in the order of the pool."""
        used = {*self.banned, *(chosen.map for chosen in self.chosen)}
        return tuple(name for name in self.template.maps if name not in used)

    @property
    def finished(self) -> bool:
        return self.step == len(self.template.steps)


@dataclass(frozen=True, slots=True)
class VetoTurn:
    """What comes next: step ``index`` (from 0), its ``action``, the side whose turn it is (None for a decider, and
    while the step waits for the game on the map chosen last), and the ``options`` to choose from."""

    index: int
    action: VetoAction
    by: Side | None
    options: tuple[str, ...]
    waits_for_game: bool


def start_veto(template: VetoTemplate) -> VetoState:
    """:raises EngineError: ``invalid_veto_template``."""
    if not isinstance(template, VetoTemplate):
        raise EngineError(ErrorCode.INVALID_VETO_TEMPLATE)
    return VetoState(template)


def next_step(state: VetoState) -> VetoTurn | None:
    """What comes next, None when the veto is finished.

    :raises EngineError: ``invalid_veto_template`` when it is not a state.
    """
    if not isinstance(state, VetoState):
        raise EngineError(ErrorCode.INVALID_VETO_TEMPLATE)
    if state.finished:
        return None
    step = state.template.steps[state.step]
    options = state.template.sides if step.action is VetoAction.SIDE else state.remaining
    waits = step.by in _NEEDS_GAME and len(state.losers) < len(state.chosen)
    return VetoTurn(state.step, step.action, None if waits else _actor(step.by, state), options, waits)


def apply_veto(state: VetoState, event: VetoEvent) -> VetoState:
    """The state after one more event.

    :raises EngineError: ``invalid_veto_action`` (not an event; a starting side that does not exist; a game that was
        not due, or one that the step still waits for), ``veto_finished``, ``wrong_veto_action``, ``wrong_side``,
        ``unknown_map``, ``map_used``.
    """
    turn = next_step(state)
    if isinstance(event, GameLost):
        if event.by not in ("a", "b") or len(state.losers) >= len(state.chosen):
            raise EngineError(ErrorCode.INVALID_VETO_ACTION, {"games": len(state.losers)})
        return replace(state, log=(*state.log, event), losers=(*state.losers, event.by))
    if not isinstance(event, VetoMove) or not isinstance(event.auto, bool):
        raise EngineError(ErrorCode.INVALID_VETO_ACTION)
    if turn is None:
        raise EngineError(ErrorCode.VETO_FINISHED)
    if event.action is not turn.action:
        raise EngineError(ErrorCode.WRONG_VETO_ACTION, {"step": turn.index, "expected": turn.action.value})
    if turn.waits_for_game:
        raise EngineError(ErrorCode.INVALID_VETO_ACTION, {"step": turn.index, "games": len(state.losers)})
    if event.by != turn.by:
        raise EngineError(ErrorCode.WRONG_SIDE, {"step": turn.index, "expected": turn.by})
    _check_choice(state, turn, event.choice)
    after = replace(state, log=(*state.log, event), step=state.step + 1, last_by=event.by)
    if turn.action is VetoAction.BAN:
        return replace(after, banned=(*state.banned, event.choice))
    if turn.action is VetoAction.SIDE:
        *earlier, last = state.chosen
        return replace(after, chosen=(*earlier, replace(last, side_chosen_by=event.by, starting_side=event.choice)))
    return replace(after, chosen=(*state.chosen, ChosenMap(event.choice, event.by)))


def auto_move(state: VetoState, draw_seed: bytes, purpose: str) -> VetoMove:
    """The move for a decider or for a side whose time is up: the only option, or one drawn among all of them by
    ``DrawRng(draw_seed, "<purpose>|veto|<step>")``.

    :raises EngineError: ``veto_finished``, ``invalid_veto_action`` (the step waits for a game; the purpose is not a
        text), ``invalid_draw_seed``, and ``draw_seed_required`` when there is more than one option.
    """
    turn = next_step(state)
    if turn is None:
        raise EngineError(ErrorCode.VETO_FINISHED)
    if turn.waits_for_game or not isinstance(purpose, str):
        raise EngineError(ErrorCode.INVALID_VETO_ACTION, {"step": turn.index})
    if not isinstance(draw_seed, bytes):
        raise EngineError(ErrorCode.INVALID_DRAW_SEED)
    options = turn.options
    at = DrawRng(draw_seed, f"{purpose}|veto|{turn.index}").below(len(options)) if len(options) > 1 else 0
    return VetoMove(turn.action, turn.by, options[at], auto=True)


def replay_veto(template: VetoTemplate, log: Iterable[VetoEvent]) -> VetoState:
    """The state that the events of ``log`` lead to.

    :raises EngineError: as ``start_veto`` and ``apply_veto``.
    """
    if not isinstance(log, Iterable):
        raise EngineError(ErrorCode.INVALID_VETO_ACTION)
    return reduce(apply_veto, log, start_veto(template))


def standard_template(best_of: int, maps: Sequence[str], side_choice: bool = True) -> VetoTemplate:
    """The veto of the Counter-Strike Majors for 7 maps, and its like for any odd ``best_of`` and any larger pool.

    Best of 1 with 7 maps: a bans 2, b bans 3, a bans 1, the last map is played, b chooses the starting side. Best of 3
    with 7: ban a, ban b, pick a, pick b, ban b, ban a, decider; best of 5: ban a, ban b, pick a, b, a, b, decider.
    The side that did not pick a map starts on the side of its choice; on the decider b chooses.

    Otherwise: as many bans as there are maps too many, about half of them (an even number) before the picks, begun by
    a, the rest after them, begun by b; in a best of 1 the bans simply alternate.

    :raises EngineError: ``invalid_option`` (``best_of`` not odd or above the number of maps; ``side_choice``),
        ``unknown_map``, ``duplicate_map``.
    """
    bans = _surplus(best_of, maps)
    if not isinstance(side_choice, bool):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "side_choice"})
    first = bans if best_of == 1 else min(bans, (bans + 1) // 2 + (bans + 1) // 2 % 2)
    opening = "aabbba" if (best_of, bans) == (1, 6) else _alternating("ab", first)
    steps = [VetoStep(VetoAction.BAN, Actor(by)) for by in opening]
    for by in _alternating("ab", best_of - 1):
        steps.append(VetoStep(VetoAction.PICK, Actor(by)))
        if side_choice:
            steps.append(VetoStep(VetoAction.SIDE, Actor.OTHER))
    steps += [VetoStep(VetoAction.BAN, Actor(by)) for by in _alternating("ba", bans - first)]
    steps.append(VetoStep(VetoAction.DECIDER, Actor.NOBODY))
    if side_choice:
        steps.append(VetoStep(VetoAction.SIDE, Actor.B))
    return VetoTemplate(tuple(steps), tuple(maps))


def loser_picks_template(best_of: int, maps: Sequence[str]) -> VetoTemplate:
    """Bans in turn until ``best_of`` maps are left, begun by b; a picks the first map, and the loser of each game the
    next one.

    :raises EngineError: as ``standard_template``.
    """
    bans = [VetoStep(VetoAction.BAN, Actor(by)) for by in _alternating("ba", _surplus(best_of, maps))]
    picks = [VetoStep(VetoAction.PICK, Actor.LOSER)] * (best_of - 1)
    return VetoTemplate((*bans, VetoStep(VetoAction.PICK, Actor.A), *picks), tuple(maps))


def _surplus(best_of: object, maps: Sequence[str]) -> int:
    """How many maps have to be banned."""
    if not isinstance(maps, list | tuple):
        raise EngineError(ErrorCode.UNKNOWN_MAP)
    if type(best_of) is not int or best_of % 2 == 0 or not 1 <= best_of <= len(maps):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "best_of"})
    return len(maps) - best_of


def _alternating(sides: str, count: int) -> str:
    return (sides * count)[:count]


def _actor(by: Actor, state: VetoState) -> Side | None:
    if by is Actor.A:
        return "a"
    if by is Actor.B:
        return "b"
    if by is Actor.NOBODY:
        return None
    if by is Actor.LOSER:
        return state.losers[-1]
    known = state.losers[-1] if by is Actor.WINNER else state.last_by
    return "b" if known == "a" else "a"


def _check_choice(state: VetoState, turn: VetoTurn, choice: object) -> None:
    if isinstance(choice, str) and choice in turn.options:
        return
    if turn.action is VetoAction.SIDE:
        raise EngineError(ErrorCode.INVALID_VETO_ACTION, {"step": turn.index})
    if isinstance(choice, str) and choice in state.template.maps:
        raise EngineError(ErrorCode.MAP_USED, {"map": choice})
    raise EngineError(ErrorCode.UNKNOWN_MAP, {"map": choice})


def _check_names(names: object, most: int, not_a_name: ErrorCode, repeated: ErrorCode) -> None:
    if not isinstance(names, tuple) or not 1 <= len(names) <= most:
        raise EngineError(ErrorCode.INVALID_VETO_TEMPLATE)
    for name in names:
        if not isinstance(name, str) or not name:
            raise EngineError(not_a_name, {"name": name})
    if len(set(names)) < len(names):
        raise EngineError(repeated)


def _is_step(step: object) -> bool:
    return isinstance(step, VetoStep) and isinstance(step.action, VetoAction) and isinstance(step.by, Actor)
