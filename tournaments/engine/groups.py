"""Groups: the entrants are dealt into groups, and each group plays a format of its own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import cast

from .double import DOUBLE_ELIMINATION
from .errors import EngineError, ErrorCode
from .format import Format, Option, Options, one_of, whole_number
from .group_seeding import distribute_groups
from .gsl import GSL
from .match_table import NOWHERE, MatchTable, Round
from .plan import StagePlan
from .points_table import placements_of
from .rng import derived
from .round_robin import ROUND_ROBIN
from .single import SINGLE_ELIMINATION
from .stepladder import STEPLADDER
from .types import EntrantId, Explanation, MatchId, OptionValue, PlaceRange, StageConfig, Standing, Status
from .view import StageView, StateMap

INNER_FORMATS: Mapping[str, Format] = MappingProxyType(
    {format_.name: format_ for format_ in (ROUND_ROBIN, GSL, DOUBLE_ELIMINATION, SINGLE_ELIMINATION, STEPLADDER)}
)
MANUAL = "manual"
SEEDINGS = ("snake", "seed_optimized", "effort_balanced", "bracket_optimized", MANUAL)


def _members(value: object) -> OptionValue:
    """The seeds of each group; they are checked against the number of entrants when the stage is planned."""
    if not isinstance(value, list | tuple):
        raise ValueError("not a list of groups")
    return tuple(_seeds(group) for group in value)


def _seeds(group: object) -> tuple[int, ...]:
    if not isinstance(group, list | tuple) or not all(type(seed) is int for seed in group):
        raise ValueError("not a list of seeds")
    return tuple(group)


def inner_format(options: Mapping[str, object]) -> Format:
    """The format that the groups play, the default where the option is not a legal one."""
    return INNER_FORMATS.get(str(options.get("inner_format")), ROUND_ROBIN)


def group_name(index: int) -> str:
    """A … Z, AA, AB …; ``index`` counts from 0."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """The matches of group A, then of group B, and so on; brackets and ids are those of the inner format after the name
    of the group and a dot: ``A.R2.1``.

    :raises EngineError: ``invalid_size`` unless every group gets at least one entrant, ``too_few_entrants`` and
        ``too_many_entrants`` when a group has not as many as its format takes, ``invalid_groups`` for groups given by
        hand that do not hold every seed once, ``unsupported_option`` for a format that pairs round by round.
    """
    members = group_members(options, entrants)
    inner = inner_format(options)
    smallest, largest = min(map(len, members)), max(map(len, members))
    if smallest < inner.min_entrants:
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"minimum": inner.min_entrants, "given": smallest})
    if largest > inner.max_entrants:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": inner.max_entrants, "given": largest})
    rounds: list[Round] = []
    a: list[int] = []
    b: list[int] = []
    winner_to: list[int] = []
    loser_to: list[int] = []
    for index, seeds in enumerate(members):
        table = inner.plan(options, len(seeds), derived(draw_seed, f"group|{group_name(index)}"))
        if any(round_.drawn for round_ in table.rounds):
            raise EngineError(ErrorCode.UNSUPPORTED_OPTION, {"option": "inner_format"})
        start, name = len(a), group_name(index)
        a += [_moved_slot(code, seeds, start) for code in table.a]
        b += [_moved_slot(code, seeds, start) for code in table.b]
        winner_to += [_moved_target(code, start) for code in table.winner_to]
        loser_to += [_moved_target(code, start) for code in table.loser_to]
        rounds += [_of_group(round_, name) for round_ in table.rounds]
    return MatchTable(rounds, a, b, winner_to, loser_to)


def group_members(options: Options, entrants: int) -> tuple[tuple[int, ...], ...]:
    """The seeds of each group, best first.

    :raises EngineError: as ``plan``.
    """
    by_hand = cast(tuple[tuple[int, ...], ...], options["groups"])
    return _members_of(entrants, cast(int, options["group_count"]), str(options["seeding"]), by_hand)


@lru_cache(maxsize=16)
def _members_of(
    entrants: int, count: int, seeding: str, by_hand: tuple[tuple[int, ...], ...]
) -> tuple[tuple[int, ...], ...]:
    return distribute_groups(entrants, count, seeding, by_hand if seeding == MANUAL else ())


def _moved_slot(code: int, seeds: tuple[int, ...], start: int) -> int:
    number, kind = divmod(code, 4)
    if kind == 0:
        return 4 * seeds[number - 1]
    return code if kind == 3 else code + 4 * start


def _moved_target(code: int, start: int) -> int:
    return code if code == NOWHERE else code + 2 * start


def _of_group(round_: Round, name: str) -> Round:
    conditional = round_.conditional and MatchId(f"{name}.{round_.conditional}")
    return replace(round_, bracket=f"{name}.{round_.bracket}", label=f"{name}.{round_.label}", conditional=conditional)


@dataclass(frozen=True, slots=True)
class Group:
    """One group as a stage of its own: the ids of its matches have no group in front."""

    name: str
    view: StageView
    standings: tuple[Standing, ...]


def group_views(view: StageView) -> tuple[Group, ...]:
    """The groups of a stage in the format ``groups``, in order. Lots are drawn for each from a secret of its own
    (``rng.derived`` with "group|A"). O(matches).

    :raises EngineError: ``unknown_format`` for a stage of another format.
    """
    config = view.plan.config
    if config.format != "groups":
        raise EngineError(ErrorCode.UNKNOWN_FORMAT, {"format": config.format})
    inner = inner_format(config.options)
    options = {option.name: config.options[option.name] for option in inner.options}
    states = list(view.states.in_order())
    groups = []
    start = 0
    for index, seeds in enumerate(group_members(config.options, len(view.plan.seeds))):
        entrants = tuple(view.plan.seeds[seed - 1] for seed in seeds)
        secret = derived(view.plan.draw_seed, f"group|{group_name(index)}")
        table = inner.plan(options, len(seeds), secret)
        plan_ = StagePlan(StageConfig(inner.name, options), entrants, table, draw_seed=secret)
        part = states[start : start + len(table)]
        start += len(table)
        group = StageView(
            plan=plan_,
            states=StateMap.of(plan_, part),
            undecided=sum(state.status in (Status.LOCKED, Status.READY) for state in part),
            gone={entrant: mode for entrant, mode in view.gone.items() if entrant in entrants},
            adjustments=tuple(event for event in view.adjustments if event.entrant in entrants),
        )
        groups.append(Group(group_name(index), group, inner.standings(group)))
    return tuple(groups)


def standings(view: StageView) -> tuple[Standing, ...]:
    """Everybody by the place in the own group: all group winners share the first places, all seconds the next ones.

    ``explain`` is that of the group's own standings, with the ``group`` and the ``group_place``.
    """
    rows = [(group.name, row) for group in group_views(view) for row in group.standings]
    seed_of = {entrant: seed for seed, entrant in enumerate(view.plan.seeds)}
    rows.sort(key=lambda named: (named[1].place, seed_of[named[1].entrant]))
    sizes = Counter(row.place for _, row in rows)
    ahead = dict(zip(sizes, accumulate(sizes.values(), initial=0), strict=False))
    first_open = min((row.place for _, row in rows if not row.final), default=len(rows) + 1)
    return tuple(
        replace(
            row,
            place=ahead[row.place] + 1,
            tied=sizes[row.place] > 1,
            final=row.place < first_open,
            explain=Explanation(row.explain.code, (*row.explain.params, ("group", name), ("group_place", row.place))),
        )
        for name, row in rows
    )


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """The final places, shared by everybody who has the same place in a group."""
    return placements_of(standings(view))


def champion(view: StageView) -> EntrantId | None:
    """Nobody: groups have winners, and what follows them decides."""
    return None


GROUPS = Format(
    name="groups",
    min_entrants=2,
    max_entrants=4096,
    options=(
        Option("group_count", 4, whole_number(1, 512)),
        Option("seeding", "snake", one_of(*SEEDINGS)),
        Option("inner_format", ROUND_ROBIN.name, one_of(*INNER_FORMATS)),
        Option("groups", (), _members),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
    inner=inner_format,
)
