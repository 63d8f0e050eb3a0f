"""From the standings of one stage to the seeds of the next.

A link says who goes on and in what order. It can be read before the groups are over: the seeds are then labels such as
"winner of group A" that show an empty bracket. A stage without groups is one group; a match is a group of two, its
winner ranked 1 and its loser 2 (:func:`match_groups`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from .errors import EngineError, ErrorCode
from .seeding import inner_outer
from .separation import keep_apart
from .types import EntrantId, Explanation, Standing

MAX_ENTRANTS = 4096
MAX_ROUNDS = 12
PLAYED = "PLAYED"
"""The value of the standings that counts the matches behind the others."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """The ranks ``first``..``last`` of every group: ``Ranks(1, 2)`` are the best two."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class BestOfRank:
    """The best ``count`` of those ranked ``rank`` in their groups, compared by the criteria of the link."""

    rank: int
    count: int


WINNERS = Ranks(1, 1)
LOSERS = Ranks(2, 2)
Selector = Ranks | BestOfRank


@dataclass(frozen=True, slots=True)
class Criterion:
    """A value of the standings by which entrants of different groups are compared: the highest is best, or the lowest.

    ``per_match`` divides it by the value ``PLAYED`` as an exact fraction, so that groups of different sizes compare;
    an entrant who has not played counts as 0.
    """

    metric: str
    per_match: bool = True
    lowest_first: bool = False


class LinkSeeding(StrEnum):
    """``by_rank``: group rank, then the criteria, then the order of the groups. ``cross``: groups in pairs, A1-B2 in
    one half of the bracket and B1-A2 in the other; only for full brackets. ``manual``: as listed."""

    BY_RANK = "by_rank"
    CROSS = "cross"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a seed comes from: the entrant ranked ``rank`` in ``group``. ``group`` None: the ``nth`` best of all who
    are ranked so, which is known only when the groups are over."""

    group: str | None
    rank: int
    nth: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Who goes on, and as which seed.

    ``apart_until`` r: entrants of one group cannot meet before round r of an elimination bracket (1: no such rule).
    """

    selectors: tuple[Selector, ...]
    seeding: LinkSeeding | str = LinkSeeding.BY_RANK
    criteria: tuple[Criterion, ...] = ()
    manual: tuple[Origin, ...] = ()
    apart_until: int = 1


@dataclass(frozen=True, slots=True)
class LinkedSeed:
    """One seed of the next stage. ``explain`` is ``seeded``, or ``moved`` with the seed it would have had (``due``)
    if entrants of one group could meet at once; both name the group and the rank in it."""

    seed: int
    entrant: EntrantId
    origin: Origin
    explain: Explanation


def link_seeds(link: Link, groups: Mapping[str, Sequence[Standing]]) -> tuple[LinkedSeed, ...]:
    """The seeds of the next stage, the best first. The order of ``groups`` is the order of the groups, and the rows of
    a group are its ranks from 1.

    Entrants that must be kept apart change seeds only with entrants of the same rank, as few places as possible, the
    better ranks first (:func:`separation.keep_apart`).

    :raises EngineError: ``invalid_link``, ``invalid_groups``, ``too_many_entrants``, ``duplicate_entrant``;
        ``unresolved_tie`` when entrants of equal place, or equal in all criteria, stand on both sides of a cut;
        ``infeasible_constraints``, ``search_too_long`` (as in :func:`separation.keep_apart`).
    """
    _check_link(link)
    _check_groups(groups)
    sizes = {group: len(rows) for group, rows in groups.items()}
    due = _origins(link, sizes)
    field = _Field(link, groups)
    origins = [field.resolved(origin) for origin in due]
    _check_cuts(set(origins), groups)
    return tuple(
        LinkedSeed(number, groups[str(origin.group)][origin.rank - 1].entrant, origin, _explain(origin, due, number))
        for number, (origin, due) in enumerate(_kept_apart(origins, link.apart_until), start=1)
    )


def link_labels(link: Link, sizes: Mapping[str, int]) -> tuple[Origin, ...]:
    """The seeds of the next stage as origins, known from the sizes of the groups alone.

    Where criteria decide, the origin is "the nth best of rank r", and it is not moved to keep groups apart.

    :raises EngineError: ``invalid_link``, ``invalid_groups``, ``too_many_entrants``, ``infeasible_constraints``,
        ``search_too_long``.
    """
    _check_link(link)
    _check_sizes(sizes)
    origins = _origins(link, sizes)
    if any(origin.group is None for origin in origins):
        return tuple(origins)
    return tuple(origin for origin, _ in _kept_apart(origins, link.apart_until))


def match_groups(
    decided: Mapping[str, tuple[EntrantId, EntrantId]],
) -> Mapping[str, tuple[Standing, Standing]]:
    """Matches, given as (winner, loser) by match id, as groups of two: select from them :data:`WINNERS` or
    :data:`LOSERS`.

    :raises EngineError: ``invalid_groups``.
    """
    if not isinstance(decided, Mapping):
        raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "not_a_mapping"})
    groups = {}
    for match_id, pair in decided.items():
        if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(entrant, str) for entrant in pair):
            raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "match", "group": match_id})
        winner, loser = pair
        groups[match_id] = (
            Standing(winner, 1, False, True, (), Explanation("won", (("match", match_id),))),
            Standing(loser, 2, False, True, (), Explanation("lost", (("match", match_id),))),
        )
    return MappingProxyType(groups)


class _Field:
    """The standings, and for each rank the groups in the order in which the criteria put them."""

    def __init__(self, link: Link, groups: Mapping[str, Sequence[Standing]]) -> None:
        self.groups = groups
        self.criteria = link.criteria
        self.order: dict[int, list[str]] = {}
        for selector in link.selectors:
            if isinstance(selector, BestOfRank):
                self._check_best(selector)

    def resolved(self, origin: Origin) -> Origin:
        if origin.nth is None:
            return origin
        return Origin(self._ranked(origin.rank)[origin.nth - 1], origin.rank)

    def _ranked(self, rank: int) -> list[str]:
        if rank not in self.order:
            having = [group for group, rows in self.groups.items() if len(rows) >= rank]
            self.order[rank] = sorted(having, key=lambda group: self._worth(group, rank))
        return self.order[rank]

    def _worth(self, group: str, rank: int) -> tuple[Fraction, ...]:
        """The smaller the better."""
        values = dict(self.groups[group][rank - 1].values)
        worth = []
        for criterion in self.criteria:
            needed = (criterion.metric, PLAYED) if criterion.per_match else (criterion.metric,)
            for name in needed:
                if not isinstance(values.get(name), int | Fraction):
                    raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "value", "group": group, "metric": name})
            value = Fraction(values[criterion.metric])
            if criterion.per_match:
                value = value / values[PLAYED] if values[PLAYED] else Fraction(0)
            worth.append(value if criterion.lowest_first else -value)
        return tuple(worth)

    def _check_best(self, selector: BestOfRank) -> None:
        ranked = self._ranked(selector.rank)
        if selector.count < len(ranked):
            last = self._worth(ranked[selector.count - 1], selector.rank)
            tied = [group for group in ranked if self._worth(group, selector.rank) == last]
            if self._worth(ranked[selector.count], selector.rank) == last:
                entrants = tuple(self.groups[group][selector.rank - 1].entrant for group in tied)
                raise EngineError(ErrorCode.UNRESOLVED_TIE, {"rank": selector.rank, "entrants": entrants})


def _origins(link: Link, sizes: Mapping[str, int]) -> list[Origin]:
    """Who goes on, in seed order, before anybody is moved."""
    selected: dict[int, list[Origin]] = {}
    for selector in link.selectors:
        ranks = range(selector.first, selector.last + 1) if isinstance(selector, Ranks) else (selector.rank,)
        for rank in ranks:
            having = [group for group, size in sizes.items() if size >= rank]
            count = len(having) if isinstance(selector, Ranks) else selector.count
            if rank in selected or not 0 < count <= len(having):
                raise EngineError(ErrorCode.INVALID_LINK, {"reason": "rank", "rank": rank})
            compared = isinstance(selector, BestOfRank) or (link.seeding == LinkSeeding.BY_RANK and link.criteria)
            selected[rank] = (
                [Origin(None, rank, nth) for nth in range(1, count + 1)]
                if compared
                else [Origin(group, rank) for group in having]
            )
    by_rank = [origin for _, origins in sorted(selected.items()) for origin in origins]
    if len(by_rank) > MAX_ENTRANTS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_ENTRANTS, "given": len(by_rank)})
    if link.seeding == LinkSeeding.CROSS:
        return _crossed(by_rank, sizes)
    if link.seeding == LinkSeeding.MANUAL:
        if len(set(link.manual)) != len(link.manual) or set(link.manual) != set(by_rank):
            raise EngineError(ErrorCode.INVALID_LINK, {"reason": "manual"})
        return list(link.manual)
    return by_rank


def _crossed(by_rank: Sequence[Origin], sizes: Mapping[str, int]) -> list[Origin]:
    """Groups in pairs, X with its neighbour Y. The bracket has one section for each group, those of the first of each
    pair in the upper half; the section of X has X's odd ranks and Y's even ranks: X1-Y2, or X1-Y4 and Y2-X3."""
    names = list(sizes)
    ranks, count = len(by_rank) // len(names), len(names)
    full = [Origin(group, rank) for rank in range(1, ranks + 1) for group in names]
    if list(by_rank) != full or any(number < 2 or number & (number - 1) for number in (ranks, count)):
        raise EngineError(ErrorCode.INVALID_LINK, {"reason": "cross", "groups": count, "entrants": len(by_rank)})
    partner = {group: names[at ^ 1] for at, group in enumerate(names)}
    sections = [*names[0::2], *names[1::2]]
    seeds: dict[int, Origin] = {}
    for position, seed in enumerate(inner_outer(len(by_rank))):
        group, rank = sections[position // ranks], (seed - 1) // count + 1
        seeds[seed] = Origin(group if rank % 2 else partner[group], rank)
    return [seeds[seed] for seed in range(1, len(by_rank) + 1)]


def _kept_apart(origins: Sequence[Origin], apart_until: int) -> list[tuple[Origin, int]]:
    """The origins in seed order, each with the seed it was due to have."""
    groups, ranks = [str(origin.group) for origin in origins], [origin.rank for origin in origins]
    return [(origins[due - 1], due) for due in keep_apart(groups, ranks, apart_until)]


def _explain(origin: Origin, due: int, seed: int) -> Explanation:
    where = (("group", str(origin.group)), ("rank", origin.rank))
    return Explanation("seeded", where) if due == seed else Explanation("moved", (*where, ("due", due)))


def _check_cuts(selected: Collection[Origin], groups: Mapping[str, Sequence[Standing]]) -> None:
    """Nobody who goes on shares a place with one who does not."""
    for group, rows in groups.items():
        for rank, (above, below) in enumerate(pairwise(rows), start=1):
            cut = (Origin(group, rank) in selected) != (Origin(group, rank + 1) in selected)
            if cut and above.place == below.place:
                entrants = (above.entrant, below.entrant)
                raise EngineError(ErrorCode.UNRESOLVED_TIE, {"group": group, "rank": rank, "entrants": entrants})


def _check_link(link: Link) -> None:
    if not isinstance(link, Link):
        raise EngineError(ErrorCode.INVALID_LINK, {"reason": "not_a_link"})
    seeding = isinstance(link.seeding, str) and link.seeding in tuple(LinkSeeding)
    best = any(isinstance(selector, BestOfRank) for selector in _listed(link.selectors))
    valid = {
        "selectors": _listed(link.selectors) and all(map(_is_selector, link.selectors)),
        "seeding": seeding,
        "criteria": all(map(_is_criterion, _listed(link.criteria, [None]))) and (bool(link.criteria) or not best),
        "manual": all(map(_is_origin, _listed(link.manual, [None])))
        and (seeding and link.seeding == LinkSeeding.MANUAL) == bool(link.manual),
        "apart_until": _is_positive(link.apart_until, MAX_ROUNDS),
    }
    for reason, fulfilled in valid.items():
        if not fulfilled:
            raise EngineError(ErrorCode.INVALID_LINK, {"reason": reason})


def _listed(value: object, otherwise: Sequence[object] = ()) -> Sequence[object]:
    return value if isinstance(value, tuple) else otherwise


def _is_positive(value: object, most: int = MAX_ENTRANTS) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _is_selector(value: object) -> bool:
    if isinstance(value, Ranks):
        return _is_positive(value.first) and _is_positive(value.last) and value.first <= value.last
    return isinstance(value, BestOfRank) and _is_positive(value.rank) and _is_positive(value.count)


def _is_criterion(value: object) -> bool:
    return isinstance(value, Criterion) and isinstance(value.metric, str)


def _is_origin(value: object) -> bool:
    if not isinstance(value, Origin) or not _is_positive(value.rank):
        return False
    return isinstance(value.group, str) if value.nth is None else value.group is None and _is_positive(value.nth)


def _check_sizes(sizes: Mapping[str, int]) -> None:
    if not isinstance(sizes, Mapping) or not sizes:
        raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "not_a_mapping"})
    for group, size in sizes.items():
        if not isinstance(group, str) or not _is_positive(size):
            raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "size", "group": group})


def _check_groups(groups: Mapping[str, Sequence[Standing]]) -> None:
    if not isinstance(groups, Mapping) or not all(isinstance(rows, list | tuple) for rows in groups.values()):
        raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "not_a_mapping"})
    _check_sizes({group: len(rows) for group, rows in groups.items()})
    seen: set[EntrantId] = set()
    for group, rows in groups.items():
        for row in rows:
            if not isinstance(row, Standing) or not isinstance(row.entrant, str) or not _are_values(row.values):
                raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "row", "group": group})
            if row.entrant in seen:
                raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": row.entrant})
            seen.add(row.entrant)


def _are_values(values: object) -> bool:
    return isinstance(values, tuple) and all(
        isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) for value in values
    )
