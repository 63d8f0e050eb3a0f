"""The Dutch system word for word, for small fields.

Every complete pairing is written down. Each bracket keeps those that are best by the criteria, and of these takes the
one that the sequence of candidates (articles 3 and 4) reaches first.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby, permutations

from tournaments.engine.swiss.dutch_colour import allocate
from tournaments.engine.swiss.dutch_player import Colour, Contestant, Float, Strength

Pair = tuple[int, int]
Pairs = frozenset[Pair]

BYE = -1


def may_meet(one: Contestant, two: Contestant, topscore: int | None) -> bool:
    if two.number in one.opponents:
        return False
    if one.strength is two.strength is Strength.ABSOLUTE and one.preference == two.preference:
        return topscore is not None and max(one.points, two.points) > topscore
    return True


def complete_pairings(field: Sequence[Contestant], topscore: int | None) -> list[Pairs]:
    """C1 to C3; (player, BYE) is the bye."""

    def extend(left: tuple[int, ...]) -> Iterator[tuple[Pair, ...]]:
        if not left:
            yield ()
            return
        first, rest = left[0], left[1:]
        for other in rest:
            if may_meet(field[first], field[other], topscore):
                for pairs in extend(tuple(index for index in rest if index != other)):
                    yield ((first, other), *pairs)
        if len(left) % 2 and field[first].may_take_bye:
            for pairs in extend(rest):
                yield ((first, BYE), *pairs)

    return [frozenset(pairs) for pairs in extend(tuple(range(len(field))))]


def descending(values: Iterator[int]) -> tuple[int, ...]:
    return tuple(sorted(values, reverse=True))


class BookBracket:
    def __init__(
        self, field: Sequence[Contestant], moved: Sequence[int], residents: Sequence[int], following: Sequence[int]
    ) -> None:
        self.field, self.moved, self.residents, self.following = field, moved, residents, following
        self.members = {*moved, *residents}
        self.nearby = {*self.members, *following}

    def inside(self, pairing: Pairs, members: set[int]) -> Pairs:
        return frozenset(pair for pair in pairing if set(pair) <= members)

    def outside(self, pairing: Pairs, members: set[int]) -> list[int]:
        paired = {index for pair in self.inside(pairing, members) for index in pair}
        return sorted(members - paired)

    def floaters(self, pairing: Pairs, members: set[int]) -> tuple[int, tuple[int, ...]]:
        outside = self.outside(pairing, members)
        return len(outside), descending(self.field[index].points for index in outside)

    def failures(self, pairing: Pairs, first_colour: Colour) -> tuple[object, ...]:
        """C6 to C21."""
        field = self.field
        inside = self.inside(pairing, self.members)
        floating = self.outside(pairing, self.members)
        after = self.floaters(pairing, self.nearby - {index for pair in inside for index in pair})
        unplayed = 0
        if len(floating) == 1 and (floating[0], BYE) in pairing:
            unplayed = field[floating[0]].unplayed
        beyond = thrice = denied = strong = 0
        for one, two in inside:
            white, black, _ = allocate(field[one], field[two], first_colour)
            for player, colour, step in ((white, "w", 1), (black, "b", -1)):
                if player.preference not in (None, colour):
                    beyond += abs(player.difference + step) > 2
                    thrice += player.colours[-2:] == (colour, colour)
                    denied += 1
                    strong += player.strength is Strength.STRONG
        resident_floaters = [index for index in floating if index in self.residents]
        meetings = [(one, two) for one, two in inside if one in self.moved]
        bottom = field[self.residents[0]].points
        difference = {one: field[one].points - bottom for one, _ in meetings} | {
            index: 1000 + field[index].points for index in floating
        }
        counts = []
        sizes = []
        for back in (0, 1):
            counts.append(sum(field[index].floats[back] is Float.DOWN for index in resident_floaters))
            counts.append(sum(field[two].floats[back] is Float.UP for _, two in meetings))
            sizes.append(descending(difference[x] for x in self.moved if field[x].floats[back] is Float.DOWN))
            sizes.append(descending(difference[one] for one, two in meetings if field[two].floats[back] is Float.UP))
        own = self.floaters(pairing, self.members)
        return (*own, *after, unplayed, beyond, thrice, denied, strong, *counts, *sizes)

    def candidates(self, pairs: int, meetings: int) -> Iterator[Pairs]:
        """Article 3.7: sets of moved-down players, orders of their opponents, then the remainder."""
        if not meetings:
            yield from map(frozenset, self.remainder(self.residents, pairs))
            return
        for upper in combinations(self.moved, meetings):
            for lower in permutations(self.residents, meetings):
                left = [index for index in self.residents if index not in lower]
                for rest in self.remainder(left, pairs - meetings):
                    yield frozenset({*zip(upper, lower, strict=True), *rest})

    def remainder(self, players: Sequence[int], pairs: int) -> Iterator[set[Pair]]:
        """Article 3.6: exchanges of the two subgroups, and for each the transpositions of the second."""
        numbers = range(1, len(players) + 1)
        upper, lower = numbers[:pairs], numbers[pairs:]
        exchanges = [
            (down, up)
            for count in range(min(len(upper), len(lower)) + 1)
            for down in combinations(upper, count)
            for up in combinations(lower, count)
        ]
        exchanges.sort(
            key=lambda moved: (len(moved[0]), sum(moved[1]) - sum(moved[0]), _largest_first(moved[0]), moved[1])
        )
        for down, up in exchanges:
            first = sorted({*upper, *up} - {*down})
            second = sorted({*lower, *down} - {*up})
            for order in permutations(second, pairs):
                meeting = zip(first, order, strict=True)
                yield {(players[min(pair) - 1], players[max(pair) - 1]) for pair in meeting}

    def choose(self, pairings: Sequence[Pairs], first_colour: Colour) -> Pairs:
        scores = {pairing: self.failures(pairing, first_colour) for pairing in pairings}
        best = min(scores.values())
        left = {self.inside(pairing, self.members) for pairing, score in scores.items() if score == best}
        some = next(iter(left))
        meetings = sum(one in self.moved for one, _ in some)
        return next(candidate for candidate in self.candidates(len(some), meetings) if candidate in left)


def _largest_first(moved: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-number for number in sorted(moved, reverse=True))


def pair_by_the_book(
    field: Sequence[Contestant], topscore: int | None, first_colour: Colour
) -> tuple[set[tuple[int, int]], int | None] | None:
    """(white, black) numbers and the bye; None when there is no pairing. ``field`` is in ranking order."""
    pairings = complete_pairings(field, topscore)
    if not pairings:
        return None
    taker = {pairing: next((one for one, two in pairing if two == BYE), None) for pairing in pairings}
    lowest = min(-1 if one is None else field[one].points for one in taker.values())
    pairings = [p for p in pairings if taker[p] is None or field[taker[p]].points == lowest]  # type: ignore[index]
    groups = [tuple(group) for _, group in groupby(range(len(field)), key=lambda index: field[index].points)]
    chosen: set[Pair] = set()
    moved: list[int] = []
    for residents, following in zip(groups, [*groups[1:], ()], strict=True):
        now = BookBracket(field, moved, residents, following).choose(pairings, first_colour)
        pairings = [pairing for pairing in pairings if now <= pairing]
        chosen |= now
        paired = {index for pair in now for index in pair}
        moved = [index for index in (*moved, *residents) if index not in paired]
    games = [allocate(field[one], field[two], first_colour) for one, two in chosen]
    return {(game.white.number, game.black.number) for game in games}, field[moved[0]].number if moved else None
