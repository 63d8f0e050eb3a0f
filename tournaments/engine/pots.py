"""The draw of groups from pots, with limits on who may share a group, in steps that anyone can repeat.

Balls are drawn pot by pot, the best pot first. Each draw is checked before it is made: a group is possible for a ball
only if all balls that are still in the pots can be placed after it. So the draw never has to be undone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from .errors import EngineError, ErrorCode
from .matching import match_all, members
from .rng import DrawRng
from .types import EntrantId

MAX_SEARCH = 20_000
"""How many partial placements one draw may look at, a few seconds; ordinary draws need a few per step."""

MAX_BALLS = 256

Tag = tuple[str, str]
Plan = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Ball:
    """One entrant in a pot. ``tags`` are (kind, value) pairs such as ("region", "EU"); several values of one kind are
    allowed."""

    entrant: EntrantId
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class TagLimit:
    """At most ``most`` entrants of a group may have the same value of this kind. A limit with a ``value`` is for that
    value only and takes the place of the general one: ("region", 1) and ("region", 2, "EU")."""

    kind: str
    most: int
    value: str | None = None


@dataclass(frozen=True, slots=True)
class DrawStep:
    """One ball: the pot it came from, the groups that were possible and the one that was drawn, all counted from 1."""

    pot: int
    entrant: EntrantId
    possible: tuple[int, ...]
    group: int


@dataclass(frozen=True, slots=True)
class PotDraw:
    """``groups[i]`` are the entrants of group i + 1 by pot; ``steps`` is the protocol of the draw."""

    groups: tuple[tuple[EntrantId, ...], ...]
    steps: tuple[DrawStep, ...]


def draw_pots(
    pots: Sequence[Sequence[Ball]],
    groups: int,
    limits: Sequence[TagLimit],
    draw_seed: bytes,
    purpose: str = "pots",
) -> PotDraw:
    """Draw one entrant of each pot into each group; only the last pot may have fewer balls than there are groups.

    All numbers come from ``DrawRng(draw_seed, purpose)``, two for each ball: which of the pot's remaining balls,
    ordered by entrant id (``below(balls)``), then which of its possible groups, ascending (``below(groups)``). The
    order of balls within a pot and of limits does not matter. As in any draw ball by ball, not all
    final results are equally likely when limits bind.

    :raises EngineError: ``invalid_size`` (groups), ``invalid_pots`` (sizes, balls), ``too_many_entrants`` (256),
        ``duplicate_entrant``, ``invalid_limit``, ``invalid_option`` (purpose), ``invalid_draw_seed``,
        ``draw_seed_required``, ``search_too_long`` (more than 20,000 partial placements: several kinds of limits that
        leave almost no room); ``infeasible_constraints`` when no placement exists: ``entrants`` cannot be placed,
        ``groups`` is the number of groups. Either they share the tag ``tag`` and ``most`` is its limit, so that
        ``places`` < entrants; or ``tags`` lists the limited tags among them, and without any one of these entrants
        the others can be placed.
    """
    if not isinstance(purpose, str):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "purpose"})
    balls = _checked_balls(pots, groups)
    tag_limits = _tag_limits(limits, balls)
    rng = DrawRng(draw_seed, purpose)
    table = _Table(balls, groups, tag_limits)
    waiting = sorted(range(len(balls)), key=lambda ball: (balls[ball][0], balls[ball][1].entrant))
    plan = table.completion(waiting)
    if plan is None:
        raise EngineError(ErrorCode.INFEASIBLE_CONSTRAINTS, _certificate(balls, groups, tag_limits))
    steps = []
    drawn: list[list[EntrantId]] = [[] for _ in range(groups)]
    while waiting:
        pot = balls[waiting[0]][0]
        in_pot = sum(balls[ball][0] == pot for ball in waiting)
        ball = waiting.pop(rng.below(in_pot))
        ways = table.ways(ball, waiting, plan)
        possible = tuple(sorted(ways))
        group = possible[rng.below(len(possible))]
        plan = {other: at for other, at in ways[group].items() if other != ball}
        table.place(ball, group)
        drawn[group].append(balls[ball][1].entrant)
        steps.append(DrawStep(pot + 1, balls[ball][1].entrant, tuple(number + 1 for number in possible), group + 1))
    return PotDraw(tuple(map(tuple, drawn)), tuple(steps))


class _Table:
    """The groups while they are filled. Balls, groups and limited tags are numbers from 0."""

    def __init__(self, balls: Sequence[tuple[int, Ball]], groups: int, limits: Mapping[Tag, int]) -> None:
        self.groups = groups
        pots = 1 + max(pot for pot, _ in balls)
        self.pot = [pot for pot, _ in balls]
        numbers = {tag: number for number, tag in enumerate(sorted(limits))}
        self.tags = [tuple(sorted({numbers[tag] for tag in ball.tags if tag in numbers})) for _, ball in balls]
        self.vacant = [(1 << groups) - 1] * pots
        self.room = [[limits[tag]] * groups for tag in sorted(limits)]
        self.open = [(1 << groups) - 1] * len(self.room)
        self.looked_at = 0

    def place(self, ball: int, group: int, back: bool = False) -> None:
        """Put the ball into the group, or take it back out."""
        self.vacant[self.pot[ball]] ^= 1 << group
        for tag in self.tags[ball]:
            self.room[tag][group] += 1 if back else -1
            if self.room[tag][group]:
                self.open[tag] |= 1 << group
            else:
                self.open[tag] &= ~(1 << group)

    def ways(self, ball: int, others: Sequence[int], plan: Plan) -> dict[int, Plan]:
        """The groups that the ball can take, each with a placement of all other balls; ``plan`` is one for all."""
        found: dict[int, Plan] = {}
        kinds: dict[tuple[int, ...], int | None] = {}
        tags = sorted({tag for member in self._limited([ball, *others]) for tag in self.tags[member]})
        for group in members(self._domain(ball)):
            kind = self._kind(group, tags)
            if kind not in kinds:
                placed = self._repaired(ball, group, plan) or self._searched(ball, group, others)
                kinds[kind] = None if placed is None else group
                if placed is not None:
                    found[group] = placed
            elif (twin := kinds[kind]) is not None:
                names = {group: twin, twin: group}
                found[group] = {other: names.get(at, at) for other, at in found[twin].items()}
        return found

    def _repaired(self, ball: int, group: int, plan: Plan) -> Plan | None:
        """The plan changed pot by pot so that the ball gets this group: found quickly, but not always if there is one.

        Each pot is placed around the others of the plan, or else around those before it only.
        """
        repaired = {**plan, ball: group}
        taken = Counter((tag, at) for other, at in repaired.items() for tag in self.tags[other])
        for pot in range(self.pot[ball], len(self.vacant)):
            here = [other for other in repaired if self.pot[other] == pot and other != ball]
            taken.subtract((tag, repaired[other]) for other in here for tag in self.tags[other])
            later = Counter(
                (tag, at) for other, at in plan.items() if self.pot[other] > pot for tag in self.tags[other]
            )
            vacant = self.vacant[pot] & ~(1 << group if pot == self.pot[ball] else 0)
            placed = self._around(taken, here, vacant, plan) or self._around(taken - later, here, vacant, plan)
            if placed is None:
                return None
            repaired.update(placed)
            taken.update((tag, at) for other, at in placed.items() for tag in self.tags[other])
        return repaired

    def _around(self, taken: Mapping[tuple[int, int], int], balls: list[int], vacant: int, plan: Plan) -> Plan | None:
        """Groups for the balls of one pot, where the ones in ``taken`` leave room."""
        full: dict[int, int] = {}
        for (tag, group), count in taken.items():
            if count >= self.room[tag][group]:
                full[tag] = full.get(tag, 0) | 1 << group
        domains = []
        for ball in balls:
            closed = 0
            for tag in self.tags[ball]:
                closed |= full.get(tag, 0) | ~self.open[tag]
            domains.append(vacant & ~closed)
        placed = match_all(domains, [plan.get(ball) for ball in balls])
        return None if placed is None else dict(zip(balls, placed, strict=True))

    def _searched(self, ball: int, group: int, others: Sequence[int]) -> Plan | None:
        self.place(ball, group)
        placed = self.completion(others)
        self.place(ball, group, back=True)
        return None if placed is None else {**placed, ball: group}

    def completion(self, waiting: Sequence[int]) -> Plan | None:
        """A group for each waiting ball whose limits may bind, or None if there is none; the other balls fit anyhow."""
        limited = self._limited(waiting)
        plan: dict[int, int] = {}
        return plan if self._search(limited, plan, set()) else None

    def _limited(self, waiting: Sequence[int]) -> list[int]:
        left: dict[int, int] = {}
        for ball in waiting:
            for tag in self.tags[ball]:
                left[tag] = left.get(tag, 0) + 1
        binding = {tag for tag, count in left.items() if count > min(self.room[tag])}
        return [ball for ball in waiting if not binding.isdisjoint(self.tags[ball])]

    def _domain(self, ball: int) -> int:
        domain = self.vacant[self.pot[ball]]
        for tag in self.tags[ball]:
            domain &= self.open[tag]
        return domain

    def _kind(self, group: int, tags: Sequence[int]) -> tuple[int, ...]:
        """Groups of one kind are interchangeable for balls with these tags."""
        vacancies = sum((vacant >> group & 1) << pot for pot, vacant in enumerate(self.vacant))
        return vacancies, *(self.room[tag][group] for tag in tags)

    def _search(self, waiting: list[int], plan: dict[int, int], dead: set[tuple[object, ...]]) -> bool:
        """Place the ball with the fewest groups first; states already found dead, up to the names of groups, are not
        searched again."""
        if not waiting:
            return True
        self.looked_at += 1
        if self.looked_at > MAX_SEARCH:
            raise EngineError(ErrorCode.SEARCH_TOO_LONG, {"limit": MAX_SEARCH})
        domains = {ball: self._domain(ball) for ball in waiting}
        if not self._hopeful(domains):
            return False
        tags = sorted({tag for ball in waiting for tag in self.tags[ball]})
        kinds = {group: self._kind(group, tags) for group in range(self.groups)}
        state = (*sorted(kinds.values()), *sorted((self.pot[ball], self.tags[ball]) for ball in waiting))
        if state in dead:
            return False
        ball = min(waiting, key=lambda ball: (domains[ball].bit_count(), ball))
        rest = [other for other in waiting if other != ball]
        for group in {kinds[group]: group for group in members(domains[ball])}.values():
            plan[ball] = group
            self.place(ball, group)
            found = self._search(rest, plan, dead)
            self.place(ball, group, back=True)
            if found:
                return True
        del plan[ball]
        dead.add(state)
        return False

    def _hopeful(self, domains: Mapping[int, int]) -> bool:
        """Whether each pot alone has a placement, and each tag has room enough in the groups its balls can take."""
        by_pot: dict[int, list[int]] = {}
        by_tag: dict[int, list[int]] = {}
        for ball, domain in domains.items():
            by_pot.setdefault(self.pot[ball], []).append(domain)
            for tag in self.tags[ball]:
                by_tag.setdefault(tag, []).append(domain)
        for tag, wanted in by_tag.items():
            reachable = reduce(or_, wanted)
            if len(wanted) > reachable.bit_count() and len(wanted) > sum(
                min(self.room[tag][group], sum(domain >> group & 1 for domain in wanted))
                for group in members(reachable)
            ):
                return False
        return all(match_all(domains) is not None for domains in by_pot.values())


def _certificate(balls: Sequence[tuple[int, Ball]], groups: int, limits: Mapping[Tag, int]) -> dict[str, object]:
    """One tag with more entrants than places, or else entrants of whom none can be left out of the contradiction."""
    for tag, most in sorted(limits.items()):
        same = sorted(ball.entrant for _, ball in balls if tag in ball.tags)
        if len(same) > most * groups:
            return {
                "tag": tag, "entrants": tuple(same), "groups": groups, "most": most, "places": most * groups,
            }  # fmt: skip
    table = _Table(balls, groups, limits)
    core = list(range(len(balls)))
    for ball in sorted(core, key=lambda ball: balls[ball][1].entrant):
        fewer = [other for other in core if other != ball]
        if table.completion(fewer) is None:
            core = fewer
    tags = sorted({tag for ball in core for tag in balls[ball][1].tags if tag in limits})
    return {
        "entrants": tuple(sorted(balls[ball][1].entrant for ball in core)), "groups": groups, "tags": tuple(tags),
    }  # fmt: skip


def _checked_balls(pots: Sequence[Sequence[Ball]], groups: int) -> list[tuple[int, Ball]]:
    """Each ball with the number of its pot."""
    if not isinstance(groups, int) or isinstance(groups, bool) or groups < 1:
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": groups})
    if not isinstance(pots, list | tuple) or len(pots) < 2 or not all(isinstance(pot, list | tuple) for pot in pots):
        raise EngineError(ErrorCode.INVALID_POTS, {"reason": "not_lists"})
    entrants = sum(map(len, pots))
    if entrants > MAX_BALLS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_BALLS, "given": entrants})
    for number, pot in enumerate(pots, start=1):
        if len(pot) != groups and not (number == len(pots) and 1 <= len(pot) < groups):
            raise EngineError(
                ErrorCode.INVALID_POTS, {"reason": "size", "pot": number, "expected": groups, "given": len(pot)}
            )
    seen: set[EntrantId] = set()
    balls = []
    for number, ball in _numbered(pots):
        if not isinstance(ball, Ball) or not isinstance(ball.entrant, str) or not ball.entrant or not _are_tags(ball):
            raise EngineError(ErrorCode.INVALID_POTS, {"reason": "ball", "pot": number + 1})
        if ball.entrant in seen:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": ball.entrant})
        seen.add(ball.entrant)
        balls.append((number, ball))
    return balls


def _numbered(pots: Sequence[Sequence[Ball]]) -> Iterator[tuple[int, Ball]]:
    return ((number, ball) for number, pot in enumerate(pots) for ball in pot)


def _are_tags(ball: Ball) -> bool:
    return isinstance(ball.tags, tuple) and all(
        isinstance(tag, tuple) and len(tag) == 2 and all(isinstance(part, str) for part in tag) for tag in ball.tags
    )


def _tag_limits(limits: Sequence[TagLimit], balls: Sequence[tuple[int, Ball]]) -> dict[Tag, int]:
    """The limit of each tag that some ball has and that has one."""
    if not isinstance(limits, list | tuple):
        raise EngineError(ErrorCode.INVALID_LIMIT)
    given: dict[tuple[str, str | None], int] = {}
    for limit in limits:
        valid = (
            isinstance(limit, TagLimit)
            and isinstance(limit.kind, str)
            and isinstance(limit.most, int)
            and not isinstance(limit.most, bool)
            and limit.most >= 1
            and (limit.value is None or isinstance(limit.value, str))
        )
        if not valid or (limit.kind, limit.value) in given:
            raise EngineError(ErrorCode.INVALID_LIMIT, {"limit": len(given) + 1})
        given[limit.kind, limit.value] = limit.most
    tags = {tag for _, ball in balls for tag in ball.tags}
    found = {tag: given.get(tag, given.get((tag[0], None))) for tag in sorted(tags)}
    return {tag: most for tag, most in found.items() if most is not None}
