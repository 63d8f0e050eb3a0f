"""Minimum-cost perfect matching in any graph, exact, with integers of any size.

Edmonds' primal-dual method (J. Edmonds, "Paths, trees, and flowers", 1965, and "Maximum matching and a polyhedron with
0,1-vertices", 1965), one alternating tree at a time, with a heap of what becomes tight next. The dual solution is part
of the answer, so anybody can check that it is optimal without trusting the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

_NONE, _OUTER, _INNER = 0, 1, -1
_EDGE, _EXPAND = 0, 1
_ROOT = (-1, -1)
Edges = Sequence[Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Matching:
    """A perfect matching and the proof that none is cheaper.

    ``mate[v]`` is the partner of v. The proof is in units of half a cost: for every edge of cost c, ``potential[v] +
    potential[w] - sum(of the odd sets that hold v and w) <= 2 * c``, with equality for the pairs of the matching; each
    odd set (its vertices, its value >= 0) holds as many pairs as fit into it.
    """

    mate: tuple[int, ...]
    potential: tuple[int, ...]
    odd_sets: tuple[tuple[tuple[int, ...], int], ...]


def min_cost_matching(edges: Edges) -> Matching | None:
    """The cheapest perfect matching, or None when there is no perfect matching.

    ``edges[v]`` lists (partner, cost) and must be symmetric; costs are integers of either sign. Equal input gives equal
    output: among equally cheap matchings the answer depends on the order of the lists only. At most n/2 searches of
    O(m log n) steps and O(n) nested odd sets each.
    """
    search = _Search([[(other, 2 * cost) for other, cost in row] for row in edges])
    for root in range(len(edges)):
        if search.mate[root] < 0 and not search.augment_from(root):
            return None
    return search.matching()


class _Search:
    """The state of the method. Nodes are vertices (0..n-1) and blossoms (n..); a node is outermost if it has no parent.

    While a tree grows, ``clock`` is the total dual change; outer nodes gain it, inner nodes lose it, and the change
    since a node was labelled is only written down (``_settle``) when its label changes.
    """

    def __init__(self, edges: Edges) -> None:
        size = len(edges)
        self.size = size
        self.edges = edges
        self.mate = [-1] * size
        self.top = list(range(size))
        self.base = list(range(size))
        self.parent = [-1] * size
        self.leaves: list[list[int]] = [[vertex] for vertex in range(size)]
        self.children: list[list[int]] = [[] for _ in range(size)]
        self.ties: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        self.value = [0] * size
        self.alive = [True] * size
        self.label = [_NONE] * size
        self.link: list[tuple[int, int]] = [_ROOT] * size
        self.since = [0] * size
        self.clock = 0
        self.limit: int | None = None
        self.heap: list[tuple[int, int, int, int, int]] = []
        self.nearest: dict[int, int] = {}
        self.touched: list[int] = []
        self.potential = [min((cost for _, cost in row), default=0) // 2 for row in edges]
        self._match_greedily()

    def _match_greedily(self) -> None:
        """Raise each free vertex until an edge is tight, and take a tight edge to another free vertex."""
        for vertex, row in enumerate(self.edges):
            if self.mate[vertex] >= 0 or not row:
                continue
            slack = min(cost - self.potential[other] for other, cost in row)
            self.potential[vertex] = slack
            for other, cost in row:
                if self.mate[other] < 0 and cost - self.potential[other] == slack:
                    self.mate[vertex], self.mate[other] = other, vertex
                    break

    def matching(self) -> Matching:
        blossoms = range(self.size, len(self.parent))
        return Matching(
            tuple(self.mate),
            tuple(self.potential),
            tuple(
                (tuple(self.leaves[node]), self.value[node])
                for node in blossoms
                if self.alive[node] and self.value[node]
            ),
        )

    def augment_from(self, root: int) -> bool:
        """Grow a tree from a free vertex until another one is reached, and match both along the way between them."""
        self.clock, self.limit, self.heap, self.nearest, self.touched = 0, None, [], {}, []
        self._label_outer(self.top[root], _ROOT)
        found = False
        while self.heap and not found:
            self.clock, kind, one, two, cost = heappop(self.heap)
            if kind == _EXPAND:
                if self.alive[one] and self.label[one] == _INNER:
                    self._expand(one)
                continue
            node = self.top[two]
            if self.top[one] == node or self.label[node] == _INNER:
                continue
            slack = cost - self._dual(one) - self._dual(two)
            if slack:
                self._push(one, two, cost, slack)
            elif self.label[node] == _OUTER:
                self._contract(one, two)
            elif self.mate[self.base[node]] < 0:
                self._flip(one, two)
                found = True
            else:
                self._grow(one, two)
        self._finish()
        return found

    def _dual(self, vertex: int) -> int:
        node = self.top[vertex]
        return self.potential[vertex] + self.label[node] * (self.clock - self.since[node])

    def _push(self, outer: int, other: int, cost: int, slack: int) -> None:
        node = self.top[other]
        if self.label[node] == _OUTER:
            moment = self.clock + slack // 2
        else:
            moment = self.clock + slack
            known = self.nearest.get(other)
            if known is not None and known <= moment:
                return
            self.nearest[other] = moment
            if self.mate[self.base[node]] < 0 and (self.limit is None or moment < self.limit):
                self.limit = moment
        if self.limit is None or moment <= self.limit:
            heappush(self.heap, (moment, _EDGE, outer, other, cost))

    def _scan(self, vertex: int) -> None:
        """Note when the edges of a vertex that has just become outer will be tight."""
        own, top, label = self.top[vertex], self.top, self.label
        dual = self._dual(vertex)
        for other, cost in self.edges[vertex]:
            node = top[other]
            if node != own and label[node] != _INNER:
                self._push(vertex, other, cost, cost - dual - self._dual(other))

    def _label_outer(self, node: int, link: tuple[int, int]) -> None:
        self.label[node], self.link[node], self.since[node] = _OUTER, link, self.clock
        self.touched.append(node)
        for vertex in self.leaves[node]:
            self._scan(vertex)

    def _label_inner(self, node: int, link: tuple[int, int]) -> None:
        self.label[node], self.link[node], self.since[node] = _INNER, link, self.clock
        self.touched.append(node)
        if node >= self.size:
            heappush(self.heap, (self.clock + self.value[node] // 2, _EXPAND, node, 0, 0))

    def _grow(self, outer: int, other: int) -> None:
        node = self.top[other]
        self._label_inner(node, (outer, other))
        near = self.base[node]
        far = self.mate[near]
        self._label_outer(self.top[far], (near, far))

    def _settle(self, node: int) -> None:
        change = self.label[node] * (self.clock - self.since[node])
        self.since[node] = self.clock
        if change:
            for vertex in self.leaves[node]:
                self.potential[vertex] += change
            if node >= self.size:
                self.value[node] += 2 * change

    def _branch(self, node: int) -> list[int]:
        """The nodes from an outer node up to the root."""
        branch = [node]
        while (link := self.link[branch[-1]]) != _ROOT:
            branch.append(self.top[link[0]])
        return branch

    def _contract(self, one: int, two: int) -> None:
        """Two outer nodes are joined by a tight edge: the odd cycle through it becomes one outer node."""
        left, right = self._branch(self.top[one]), self._branch(self.top[two])
        apex = left[-1]
        while left and right and left[-1] == right[-1]:
            apex = left.pop()
            right.pop()
        children = [apex, *reversed(left), *right]
        ties = [self.link[child] for child in reversed(left)]
        ties.append((one, two))
        ties.extend((inside, above) for above, inside in (self.link[child] for child in right))
        node = len(self.parent)
        new_outer: list[int] = []
        for child in children:
            self._settle(child)
            self.parent[child] = node
            if self.label[child] == _INNER:
                new_outer.extend(self.leaves[child])
            self.label[child] = _NONE
        leaves = [vertex for child in children for vertex in self.leaves[child]]
        for vertex in leaves:
            self.top[vertex] = node
        self.parent.append(-1)
        self.base.append(self.base[apex])
        self.leaves.append(leaves)
        self.children.append(children)
        self.ties.append(ties)
        self.value.append(0)
        self.alive.append(True)
        self.label.append(_OUTER)
        self.link.append(self.link[apex])
        self.since.append(self.clock)
        self.touched.append(node)
        for vertex in new_outer:
            self._scan(vertex)

    def _release(self, node: int) -> list[int]:
        """Take a blossom apart; its children are outermost and without a label."""
        self.alive[node] = False
        for child in self.children[node]:
            self.parent[child] = -1
            self.label[child] = _NONE
            for vertex in self.leaves[child]:
                self.top[vertex] = child
        return self.children[node]

    def _way(self, node: int, position: int) -> tuple[list[int], list[tuple[int, int]]]:
        """The even way around a blossom from one child to the child with the base, and the ties along it."""
        children, ties = self.children[node], self.ties[node]
        if position % 2:
            return [*children[position:], children[0]], ties[position:]
        return children[position::-1], [(two, one) for one, two in ties[position - 1 :: -1]] if position else []

    def _expand(self, node: int) -> None:
        """The value of an inner blossom is used up: the even way through it stays in the tree, the rest leaves it."""
        self._settle(node)
        entry = self.link[node]
        children = self._release(node)
        way, ties = self._way(node, children.index(self.top[entry[1]]))
        self._label_inner(way[0], entry)
        stays = set(way)
        outside = [vertex for child in children if child not in stays for vertex in self.leaves[child]]
        for vertex in outside:
            self.nearest.pop(vertex, None)
        for step in range(1, len(way), 2):
            self._label_inner(way[step + 1], ties[step])
        for step in range(1, len(way), 2):
            self._label_outer(way[step], ties[step - 1])
        for vertex in outside:
            dual = self._dual(vertex)
            for other, cost in self.edges[vertex]:
                if self.label[self.top[other]] == _OUTER:
                    self._push(other, vertex, cost, cost - dual - self._dual(other))

    def _rotate(self, node: int, vertex: int) -> None:
        """Rematch inside a node so that ``vertex`` is the one that is matched outside."""
        work = [(node, vertex)]
        while work:
            node, vertex = work.pop()
            if node < self.size:
                continue
            child = vertex
            while self.parent[child] != node:
                child = self.parent[child]
            work.append((child, vertex))
            position = self.children[node].index(child)
            way, ties = self._way(node, position)
            for step in range(1, len(way), 2):
                one, two = ties[step]
                work += [(way[step], one), (way[step + 1], two)]
                self.mate[one], self.mate[two] = two, one
            self.children[node] = self.children[node][position:] + self.children[node][:position]
            self.ties[node] = self.ties[node][position:] + self.ties[node][:position]
            self.base[node] = vertex

    def _flip(self, outer: int, free: int) -> None:
        """Match the free vertex, and every pair on the way from it to the root anew."""
        self._rotate(self.top[free], free)
        below, above = free, outer
        while True:
            node = self.top[above]
            link = self.link[node]
            self._rotate(node, above)
            self.mate[below], self.mate[above] = above, below
            if link == _ROOT:
                return
            inner = self.top[link[0]]
            above, below = self.link[inner]
            self._rotate(inner, below)

    def _finish(self) -> None:
        """Write the duals down, drop the labels, take apart outermost blossoms without value."""
        for node in self.touched:
            if self.alive[node] and self.parent[node] < 0:
                self._settle(node)
                self.label[node] = _NONE
        worthless = [node for node in self.touched if node >= self.size and self.alive[node] and self.parent[node] < 0]
        while worthless:
            node = worthless.pop()
            if self.alive[node] and node >= self.size and not self.value[node]:
                worthless.extend(self._release(node))
