"""Exact matchings on small graphs: two sides by cheapest cost, or one pool into pairs.

Vertices are numbered from 0 and sets of vertices are integers: bit i stands for vertex i. Nothing here is random, and
equal inputs give equal outputs.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from operator import sub

Pair = tuple[int, int]
Costs = Sequence[Sequence[int | None]]


def members(mask: int) -> Iterator[int]:
    """The vertices of a set, the smallest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def match_all(choices: Sequence[int], wished: Sequence[int | None] = ()) -> list[int] | None:
    """A right vertex of its own for every left vertex i, out of the set ``choices[i]``, or None if there is none.

    ``wished`` are right vertices to begin with where they can be had. Augmenting paths (Kuhn), O(vertices * edges).
    """
    right_of = [-1] * len(choices)
    left_of: dict[int, int] = {}
    for left, right in enumerate(wished):
        if right is not None and right not in left_of and choices[left] >> right & 1:
            right_of[left], left_of[right] = right, left
    for start, matched in enumerate(right_of):
        if matched >= 0:
            continue
        via: dict[int, int] = {}
        reached = [start]
        seen = 0
        goal = -1
        while reached and goal < 0:
            left = reached.pop()
            for right in members(choices[left] & ~seen):
                seen |= 1 << right
                via[right] = left
                if right not in left_of:
                    goal = right
                    break
                reached.append(left_of[right])
        if goal < 0:
            return None
        while goal >= 0:
            left = via[goal]
            left_of[goal] = left
            right_of[left], goal = goal, right_of[left]
    return right_of


def cheapest_assignment(costs: Costs) -> tuple[int, ...] | None:
    """The column of each row in the assignment of least total cost, and the lexicographically first of several; None
    when there is none.

    ``costs`` is square and not negative; None forbids a cell. Hungarian method with potentials, O(rows ** 3).
    """
    size = len(costs)
    prohibitive = 1 + sum(max((cost for cost in row if cost is not None), default=0) for row in costs)
    cells = [[prohibitive if cost is None else cost for cost in row] for row in costs]
    row_of = [-1] * size
    row_potential = [0] * size
    column_potential = [0] * size
    for new_row in range(size):
        row_potential[new_row] = min(map(sub, cells[new_row], column_potential))
        distance = [cost - row_potential[new_row] - column_potential[at] for at, cost in enumerate(cells[new_row])]
        via = [-1] * size
        ahead = list(range(size))
        reached: list[int] = []
        while True:
            last = min(ahead, key=distance.__getitem__)
            ahead.remove(last)
            row = row_of[last]
            if row < 0:
                break
            reached.append(last)
            for column in ahead:
                length = distance[last] + cells[row][column] - row_potential[row] - column_potential[column]
                if length < distance[column]:
                    distance[column], via[column] = length, last
        row_potential[new_row] += distance[last]
        for column in reached:
            row_potential[row_of[column]] += distance[last] - distance[column]
            column_potential[column] -= distance[last] - distance[column]
        while via[last] >= 0:
            row_of[last] = row_of[via[last]]
            last = via[last]
        row_of[last] = new_row
    tight = [
        sum(1 << at for at, cost in enumerate(row) if cost == row_potential[number] + column_potential[at])
        for number, row in enumerate(cells)
    ]
    column_of = _first_matching(tight, sorted(range(size), key=row_of.__getitem__))
    return None if any(costs[row][column] is None for row, column in enumerate(column_of)) else column_of


def _first_matching(choices: list[int], column_of: list[int]) -> tuple[int, ...]:
    """The lexicographically first perfect matching, given any; the cheapest assignments are those of tight cells."""
    for row in range(len(choices)):
        for column in members(choices[row]):
            trial = [choice & ~(1 << column) for choice in choices]
            trial[row] = 1 << column
            matched = column_of if column == column_of[row] else match_all(trial, column_of)
            if matched is not None:
                choices, column_of = trial, matched
                break
    return tuple(column_of)


def assignments_by_cost(costs: Costs) -> Iterator[tuple[int, ...]]:
    """Every assignment of rows to columns, the cheapest first, and equal ones in lexicographic order.

    Source: Murty, An algorithm for ranking all the assignments in order of
    increasing cost, Operations Research 16 (1968).
    """
    waiting: list[tuple[int, tuple[int, ...], int, list[list[int | None]]]] = []

    def offer(fixed: int, cells: list[list[int | None]]) -> None:
        best = cheapest_assignment(cells)
        if best is not None:
            total = sum(cells[row][column] or 0 for row, column in enumerate(best))
            heappush(waiting, (total, best, fixed, cells))

    offer(0, [list(row) for row in costs])
    while waiting:
        _, best, fixed, cells = heappop(waiting)
        yield best
        for row in range(fixed, len(best)):
            without = list(cells)
            without[row] = [None if column == best[row] else cost for column, cost in enumerate(cells[row])]
            offer(row, without)
            cells = list(cells)
            cells[row] = [cost if column == best[row] else None for column, cost in enumerate(cells[row])]


class _Pool:
    """A maximum matching of the vertices that are still ``active``, kept up while vertices leave.

    Source: Edmonds, Paths, trees and flowers (1965).
    """

    def __init__(self, allowed: Sequence[int]) -> None:
        self.allowed = allowed
        self.active = (1 << len(allowed)) - 1
        self.mate = [-1] * len(allowed)
        self.exposed = self.active
        self.improve(0)

    def without(self, first: int, second: int, exposed: int) -> "_Pool | None":
        """A copy in which the two have left and at most ``exposed`` vertices have no mate, or None if that cannot
        be."""
        rest = _Pool.__new__(_Pool)
        rest.allowed, rest.mate = self.allowed, self.mate[:]
        gone = 1 << first | 1 << second
        rest.active, rest.exposed = self.active & ~gone, self.exposed & ~gone
        for left in (first, second):
            widowed = self.mate[left]
            if widowed >= 0 and not gone >> widowed & 1:
                rest.mate[widowed] = -1
                rest.exposed |= 1 << widowed
        rest.improve(exposed)
        return rest if rest.exposed.bit_count() <= exposed else None

    def improve(self, enough: int) -> None:
        """Match more vertices until at most ``enough`` are exposed or the matching is maximum."""
        for root in members(self.exposed):
            if self.exposed.bit_count() <= enough:
                return
            if self.exposed >> root & 1:
                self._augment(root)

    def _augment(self, root: int) -> None:
        """Grow an alternating tree from an exposed vertex and shrink its blossoms until another exposed one is met."""
        size = len(self.mate)
        parent = [-1] * size
        base = list(range(size))
        outer = 1 << root
        queue = deque([root])
        goals = self.exposed & ~(1 << root)
        while queue:
            vertex = queue.popleft()
            neighbours = self.allowed[vertex] & self.active
            for met in members(neighbours & goals or neighbours):
                if base[vertex] == base[met] or self.mate[vertex] == met:
                    continue
                if outer >> met & 1:
                    outer |= self._shrink(vertex, met, parent, base, outer, queue)
                elif parent[met] < 0:
                    parent[met] = vertex
                    if self.mate[met] < 0:
                        self.exposed &= ~(1 << root | 1 << met)
                        self._flip(met, parent)
                        return
                    outer |= 1 << self.mate[met]
                    queue.append(self.mate[met])

    def _shrink(self, a: int, b: int, parent: list[int], base: list[int], outer: int, queue: deque[int]) -> int:
        """Make the odd cycle through the edge a-b one vertex; returns the vertices that became outer."""
        top = self._common_base(a, b, parent, base)
        cycle: set[int] = set()
        for start, child in ((a, b), (b, a)):
            vertex, link = start, child
            while base[vertex] != top:
                cycle |= {base[vertex], base[self.mate[vertex]]}
                parent[vertex] = link
                link = self.mate[vertex]
                vertex = parent[link]
        added = 0
        for vertex, its_base in enumerate(base):
            if its_base in cycle:
                base[vertex] = top
                if not outer >> vertex & 1:
                    added |= 1 << vertex
                    queue.append(vertex)
        return added

    def _common_base(self, a: int, b: int, parent: list[int], base: list[int]) -> int:
        seen = set()
        vertex = base[a]
        seen.add(vertex)
        while self.mate[vertex] >= 0:
            vertex = base[parent[self.mate[vertex]]]
            seen.add(vertex)
        vertex = base[b]
        while vertex not in seen:
            vertex = base[parent[self.mate[vertex]]]
        return vertex

    def _flip(self, end: int, parent: list[int]) -> None:
        while end >= 0:
            before = parent[end]
            following = self.mate[before]
            self.mate[end], self.mate[before] = before, end
            end = following


def first_pairing(allowed: Sequence[int], prefer: Callable[[int], Iterable[int]]) -> tuple[tuple[Pair, ...], int]:
    """Pair everyone, with as few pairs as possible that are not allowed, and among those pairings the first: vertex 0
    gets the earliest partner in ``prefer(0)`` that it can have, then the next unpaired vertex, and so on.

    ``allowed[i]`` is the set of partners i may have (symmetric); the number of vertices is even; ``prefer(i)`` lists
    at least all vertices after i and gives the same order each time. Returns the pairs and how many are not allowed.
    """
    greedy = _greedy_pairing(allowed, prefer)
    if greedy is not None:
        return greedy, 0
    pool = _Pool(allowed)
    faults = pool.exposed.bit_count() // 2
    budget = faults
    pairs = []
    while pool.active:
        vertex = (pool.active & -pool.active).bit_length() - 1
        for partner in prefer(vertex):
            fault = not allowed[vertex] >> partner & 1
            if partner == vertex or not pool.active >> partner & 1:
                continue
            rest = pool.without(vertex, partner, 2 * (budget - fault))
            if rest is not None:
                pairs.append((vertex, partner))
                pool, budget = rest, budget - fault
                break
    return tuple(pairs), faults


def _greedy_pairing(allowed: Sequence[int], prefer: Callable[[int], Iterable[int]]) -> tuple[Pair, ...] | None:
    active = (1 << len(allowed)) - 1
    pairs = []
    while active:
        vertex = (active & -active).bit_length() - 1
        open_ = allowed[vertex] & active
        partner = next((other for other in prefer(vertex) if open_ >> other & 1), None)
        if partner is None:
            return None
        pairs.append((vertex, partner))
        active ^= 1 << vertex | 1 << partner
    return tuple(pairs)


def uniform_pairing(allowed: Sequence[int], below: Callable[[int], int]) -> tuple[tuple[Pair, ...], int]:
    """One of the pairings with the fewest pairs that are not allowed, each of them equally likely.

    All of them are counted, so the pool must be small: time and memory double with each vertex (16 vertices: at most
    2 ** 15 subsets). ``below(n)`` gives a uniform number in 0..n-1 and is asked once. Returns as :func:`first_pairing`.
    """
    known: dict[int, Pair] = {0: (0, 1)}

    def options(pool: int) -> Iterator[tuple[int, int, int]]:
        """For each partner of the first vertex: the partner, the faults and the number of pairings with it."""
        first = (pool & -pool).bit_length() - 1
        rest = pool ^ 1 << first
        for partner in members(rest):
            faults, ways = count(rest ^ 1 << partner)
            yield partner, faults + (not allowed[first] >> partner & 1), ways

    def count(pool: int) -> Pair:
        """The fewest faults of a pairing of the pool, and how many pairings have so few."""
        found = known.get(pool)
        if found is None:
            all_options = list(options(pool))
            fewest = min(faults for _, faults, _ in all_options)
            found = fewest, sum(ways for _, faults, ways in all_options if faults == fewest)
            known[pool] = found
        return found

    pool = (1 << len(allowed)) - 1
    total_faults, total = count(pool)
    chosen = below(total)
    pairs = []
    while pool:
        fewest, _ = count(pool)
        for partner, faults, ways in options(pool):
            if faults != fewest:
                continue
            if chosen < ways:
                first = (pool & -pool).bit_length() - 1
                pairs.append((first, partner))
                pool ^= 1 << first | 1 << partner
                break
            chosen -= ways
    return tuple(pairs), total_faults
