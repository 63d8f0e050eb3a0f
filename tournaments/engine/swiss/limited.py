"""Win/loss-limited Swiss: so many wins and an entrant is through, so many losses and it is out.

Every round is played inside pools of equal records. Sources: the Counter-Strike Major Supplemental Rulebook
(ValveSoftware/counter-strike_rules_and_regs), as of March 2024; the draw within pools is that of the LoL World
Championship.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.matching import Pair, first_pairing, uniform_pairing
from tournaments.engine.rng import DrawRng, shuffle
from tournaments.engine.types import Explanation

MAX_ENTRANTS = 4096
MAX_LIMIT = 8
LARGEST_COUNTED_POOL = 16

Record = tuple[int, int]
"""Wins and losses."""

PRIORITY_TABLE: tuple[tuple[Pair, ...], ...] = tuple(
    tuple((int(pair[0]) - 1, int(pair[1]) - 1) for pair in row.split())
    for row in (
        "16 25 34", "16 24 35", "15 26 34", "15 24 36", "14 26 35", "14 25 36", "16 23 45", "15 23 46", "13 26 45",
        "13 25 46", "14 23 56", "13 24 56", "12 36 45", "12 35 46", "12 34 56",
    )
)  # fmt: skip
"""The fifteen pairings of a pool of six in the order in which the rulebook tries them; positions count from 0."""


class Rules(StrEnum):
    """How pools are paired after the first round.

    ``valve@2024-03``: the highest meets the lowest it has not met, and from round 4 on pools of six follow the
    priority table. ``greedy``: the highest meets the lowest in every round, as in 2021 and in spring 2022. Both take
    the lexicographically first legal pairing of the whole pool; the rulebook's text can run into a dead end.
    ``draw``: a draw within the pool, in the first round too.
    """

    VALVE = "valve@2024-03"
    GREEDY = "greedy"
    DRAW = "draw"


class FirstRound(StrEnum):
    """``1v9``: the best of the upper half meets the best of the lower half (n = 16). ``1v16``: best against last."""

    SLIDE = "1v9"
    FOLD = "1v16"


class Progress(StrEnum):
    """Whether an entrant has reached one of the limits."""

    THROUGH = "through"
    PLAYING = "playing"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Contender:
    """One entrant so far: ``opponents`` are the seeds it has met, one for each of its wins and losses."""

    seed: int
    wins: int = 0
    losses: int = 0
    opponents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitedRound:
    """One round of the plan: how many entrants have each record, the best record first."""

    number: int
    pools: tuple[tuple[Record, int], ...]

    @property
    def matches(self) -> int:
        return sum(size for _, size in self.pools) // 2


@dataclass(frozen=True, slots=True)
class PoolPairing:
    """The matches of one pool as (higher, lower) seeds, the pair of the highest first.

    ``relaxed`` counts the pairs that are a rematch or forbidden because there is no pairing with fewer of them. ``why``
    is ``first_round`` (rule), ``priority_table`` (row 1..15), ``highest_v_lowest`` (``passed``: how often the lowest
    legal opponent was passed over so that the others could be paired) or ``drawn`` (purpose of the random numbers).
    """

    record: Record
    pairs: tuple[Pair, ...]
    relaxed: int
    why: Explanation


@dataclass(frozen=True, slots=True)
class LimitedPlace:
    """One row of the table. ``explain`` has as code what separates it from the row above, in the first row from the
    one below: ``record``, ``difficulty`` or ``initial_seed``."""

    place: int
    seed: int
    wins: int
    losses: int
    difficulty: int
    progress: Progress
    explain: Explanation


def limited_rounds(entrants: int, *, wins: int = 3, losses: int = 3) -> tuple[LimitedRound, ...]:
    """The pools of every round: 16 entrants, 3 wins and 3 losses give 8, 8, 8, 6 and 3 matches, 33 in all.

    :raises EngineError: ``invalid_option`` (wins, losses not in 1..8), ``invalid_size``, ``too_many_entrants``,
        ``unsupported_entrants`` when a pool would be odd: ``multiple_of`` says which numbers work.
    """
    _check_limits(wins, losses)
    if not _is_integer(entrants) or entrants < 1:
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": entrants})
    if entrants > MAX_ENTRANTS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_ENTRANTS, "given": entrants})
    rounds = _rounds(entrants, wins, losses)
    if rounds is None:
        multiple = 2
        while _rounds(multiple, wins, losses) is None:
            multiple *= 2
        params = {"entrants": entrants, "wins": wins, "losses": losses, "multiple_of": multiple}
        raise EngineError(ErrorCode.UNSUPPORTED_ENTRANTS, params)
    return rounds


def limited_best_of(
    record: Record, *, wins: int = 3, losses: int = 3, best_of: int = 1, best_of_deciding: int = 3
) -> int:
    """``best_of_deciding`` for a pool in which a match sends somebody through or out, otherwise ``best_of``.

    :raises EngineError: ``invalid_option``; ``invalid_contenders`` for a record that does not play any more.
    """
    _check_limits(wins, losses)
    for name, games in (("best_of", best_of), ("best_of_deciding", best_of_deciding)):
        if not _is_integer(games) or not games % 2 or not 0 < games < 100:
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": name})
    valid = isinstance(record, tuple) and len(record) == 2 and all(map(_is_integer, record))
    if not valid or not 0 <= record[0] < wins or not 0 <= record[1] < losses:
        raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "record", "record": record})
    return best_of_deciding if record[0] == wins - 1 or record[1] == losses - 1 else best_of


def difficulties(contenders: Sequence[Contender]) -> Mapping[int, int]:
    """The difficulty of each seed: the sum over its opponents of their wins minus their losses, as of now.

    :raises EngineError: ``invalid_contenders``, ``duplicate_entrant``, ``unknown_entrant``, ``too_many_entrants``.
    """
    _check_contenders(contenders)
    return MappingProxyType(_difficulties(contenders))


def pair_limited(
    contenders: Sequence[Contender],
    *,
    round_number: int,
    wins: int = 3,
    losses: int = 3,
    rules: Rules | str = Rules.VALVE,
    first_round: FirstRound | str = FirstRound.SLIDE,
    draw_seed: bytes = b"",
    purpose: str = "swiss_limited",
    forbidden: Collection[Pair] = (),
) -> tuple[PoolPairing, ...]:
    """Pair the coming round, the pool of the best record first; nobody plays when all are through or out.

    In a pool the order is difficulty, then seed. A pairing has as few rematches and ``forbidden`` pairs of seeds as
    can be, normally none; in a first round with forbidden pairs the opponent nearest to the rule's is taken. A draw
    reads ``DrawRng(draw_seed, "<purpose>|R<round>|<wins>-<losses>")``: in a pool of up to 16 one number chooses among
    all such pairings, each equally likely; a larger pool is shuffled and then paired highest against lowest, so that
    every such pairing can come. The order of ``contenders`` does not matter.

    :raises EngineError: ``invalid_option``, ``invalid_contenders`` (records that do not fit together or the round),
        ``duplicate_entrant``, ``unknown_entrant``, ``too_many_entrants``, ``invalid_size``, ``unsupported_entrants``
        (as in :func:`limited_rounds`, or a ``pool`` that is odd), ``invalid_draw_seed``, ``draw_seed_required``.
    """
    limited_rounds(_check_contenders(contenders), wins=wins, losses=losses)
    for name, value, values in (("rules", rules, Rules), ("first_round", first_round, FirstRound)):
        if not isinstance(value, str) or value not in tuple(values):
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": name})
    if not isinstance(purpose, str):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "purpose"})
    banned = _checked_forbidden(forbidden, contenders)
    paired = []
    for record, pool in _pools(contenders, round_number, wins, losses):
        drawn_from = f"{purpose}|R{round_number}|{record[0]}-{record[1]}"
        shuffled = rules == Rules.DRAW and len(pool) > LARGEST_COUNTED_POOL
        order = shuffle(pool, draw_seed, drawn_from) if shuffled else tuple(pool)
        allowed = _allowed(order, banned)
        if rules == Rules.DRAW:
            pairs, relaxed = (
                first_pairing(allowed, _lowest_first(allowed))
                if shuffled
                else uniform_pairing(allowed, DrawRng(draw_seed, drawn_from).below)
            )
            why = Explanation("drawn", (("purpose", drawn_from),))
        elif round_number == 1:
            pairs, relaxed, why = _first_round(allowed, FirstRound(first_round))
        elif rules == Rules.VALVE and round_number > 3 and len(pool) == 6:
            pairs, relaxed, why = _by_table(allowed)
        else:
            pairs, relaxed, why = _highest_v_lowest(allowed)
        rank = {one.seed: position for position, one in enumerate(pool)}
        ranked = sorted(sorted((rank[order[a].seed], rank[order[b].seed])) for a, b in pairs)
        paired.append(PoolPairing(record, tuple((pool[a].seed, pool[b].seed) for a, b in ranked), relaxed, why))
    return tuple(paired)


def limited_standings(contenders: Sequence[Contender], *, wins: int = 3, losses: int = 3) -> tuple[LimitedPlace, ...]:
    """The table, the best first: through before playing before out, more wins, fewer losses, difficulty, seed.

    :raises EngineError: ``invalid_option``, ``invalid_contenders``, ``duplicate_entrant``, ``unknown_entrant``,
        ``too_many_entrants``.
    """
    _check_limits(wins, losses)
    _check_contenders(contenders)
    difficulty = _difficulties(contenders)
    ranks = {Progress.THROUGH: 0, Progress.PLAYING: 1, Progress.OUT: 2}

    def key(one: Contender) -> tuple[tuple[int, int, int], int, int]:
        progress = _progress(one, wins, losses)
        return (ranks[progress], -one.wins, one.losses), -difficulty[one.seed], one.seed

    table = sorted(contenders, key=key)
    keys = [key(one) for one in table]
    rows = []
    for index, one in enumerate(table):
        neighbour = keys[index - 1 if index else min(1, len(keys) - 1)]
        same = next((at for at in range(2) if keys[index][at] != neighbour[at]), 2)
        values = ("wins", one.wins), ("losses", one.losses), ("difficulty", difficulty[one.seed]), ("seed", one.seed)
        why = Explanation(("record", "difficulty", "initial_seed")[same], values)
        progress = _progress(one, wins, losses)
        rows.append(LimitedPlace(index + 1, one.seed, one.wins, one.losses, difficulty[one.seed], progress, why))
    return tuple(rows)


Choice = tuple[tuple[Pair, ...], int, Explanation]


def _allowed(pool: Sequence[Contender], banned: Mapping[int, set[int]]) -> list[int]:
    """For each position of the pool the set of positions it may meet."""
    position = {one.seed: at for at, one in enumerate(pool)}
    everyone = (1 << len(pool)) - 1
    allowed = []
    for at, one in enumerate(pool):
        barred = {at} | {position[seed] for seed in banned[one.seed].union(one.opponents) if seed in position}
        allowed.append(everyone ^ sum(1 << other for other in barred))
    return allowed


def _first_round(allowed: Sequence[int], rule: FirstRound) -> Choice:
    size = len(allowed)
    nearer = -1 if rule is FirstRound.SLIDE else 1

    def nearest(vertex: int) -> Iterator[int]:
        """The lower half from the due opponent outwards, then the upper half."""
        due = vertex + size // 2 if rule is FirstRound.SLIDE else size - 1 - vertex
        for half in (range(max(vertex + 1, size // 2), size), range(vertex + 1, size // 2)):
            for distance in range(size):
                yield from (other for other in (due + nearer * distance, due - nearer * distance) if other in half)

    pairs, relaxed = first_pairing(allowed, nearest)
    return pairs, relaxed, Explanation("first_round", (("rule", rule.value),))


def _lowest_first(allowed: Sequence[int]) -> Callable[[int], range]:
    return lambda vertex: range(len(allowed) - 1, vertex, -1)


def _highest_v_lowest(allowed: Sequence[int]) -> Choice:
    pairs, relaxed = first_pairing(allowed, _lowest_first(allowed))
    left = (1 << len(allowed)) - 1
    passed = 0
    for high, low in pairs:
        left &= ~(1 << high)
        passed += (allowed[high] & left).bit_length() - 1 > low
        left &= ~(1 << low)
    return pairs, relaxed, Explanation("highest_v_lowest", (("passed", passed),))


def _by_table(allowed: Sequence[int]) -> Choice:
    faults = [sum(not allowed[high] >> low & 1 for high, low in row) for row in PRIORITY_TABLE]
    relaxed = min(faults)
    row = faults.index(relaxed)
    return PRIORITY_TABLE[row], relaxed, Explanation("priority_table", (("row", row + 1),))


def _pools(
    contenders: Sequence[Contender], round_number: int, wins: int, losses: int
) -> list[tuple[Record, list[Contender]]]:
    """Who plays, by record, each pool in its order."""
    if not _is_integer(round_number) or not 1 <= round_number <= wins + losses:
        raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "round", "round": round_number})
    difficulty = _difficulties(contenders)
    pools: dict[Record, list[Contender]] = {}
    for one in sorted(contenders, key=lambda one: (-difficulty[one.seed], one.seed)):
        games = one.wins + one.losses
        playing = _progress(one, wins, losses) is Progress.PLAYING
        if games >= round_number or (playing and games != round_number - 1):
            raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "round", "seed": one.seed})
        if playing:
            pools.setdefault((one.wins, one.losses), []).append(one)
    for record, pool in pools.items():
        if len(pool) % 2:
            raise EngineError(ErrorCode.UNSUPPORTED_ENTRANTS, {"pool": record, "entrants": len(pool)})
    return sorted(pools.items(), reverse=True)


def _progress(one: Contender, wins: int, losses: int) -> Progress:
    if one.wins > wins or one.losses > losses or (one.wins == wins and one.losses == losses):
        raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "record", "seed": one.seed})
    if one.wins == wins:
        return Progress.THROUGH
    return Progress.OUT if one.losses == losses else Progress.PLAYING


def _rounds(entrants: int, wins: int, losses: int) -> tuple[LimitedRound, ...] | None:
    rounds: list[LimitedRound] = []
    pools: dict[Record, int] = {(0, 0): entrants}
    while pools:
        if any(size % 2 for size in pools.values()):
            return None
        rounds.append(LimitedRound(len(rounds) + 1, tuple(sorted(pools.items(), reverse=True))))
        following: Counter[Record] = Counter()
        for (won, lost), size in pools.items():
            following[won + 1, lost] += size // 2
            following[won, lost + 1] += size // 2
        pools = {record: size for record, size in following.items() if record[0] < wins and record[1] < losses}
    return tuple(rounds)


def _difficulties(contenders: Sequence[Contender]) -> dict[int, int]:
    balance = {one.seed: one.wins - one.losses for one in contenders}
    return {one.seed: sum(balance[opponent] for opponent in one.opponents) for one in contenders}


def _check_limits(wins: int, losses: int) -> None:
    for name, limit in (("wins", wins), ("losses", losses)):
        if not _is_integer(limit) or not 1 <= limit <= MAX_LIMIT:
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": name})


def _check_contenders(contenders: Sequence[Contender]) -> int:
    """How many they are, if their records and opponents fit together."""
    if not isinstance(contenders, list | tuple):
        raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "not_a_list"})
    if len(contenders) > MAX_ENTRANTS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_ENTRANTS, "given": len(contenders)})
    met: Counter[Pair] = Counter()
    seeds: set[int] = set()
    for position, one in enumerate(contenders, start=1):
        numbers = (one.seed, one.wins, one.losses) if isinstance(one, Contender) else (None,)
        if not all(map(_is_integer, numbers)) or one.seed < 1 or min(one.wins, one.losses) < 0:
            raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "contender", "contender": position})
        if not isinstance(one.opponents, tuple) or not all(map(_is_integer, one.opponents)):
            raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "opponents", "seed": one.seed})
        if one.seed in seeds:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": one.seed})
        if len(one.opponents) != one.wins + one.losses or one.seed in one.opponents:
            raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "opponents", "seed": one.seed})
        seeds.add(one.seed)
        met.update((one.seed, opponent) for opponent in one.opponents)
    for (seed, opponent), times in sorted(met.items()):
        if opponent not in seeds:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": opponent})
        if met[opponent, seed] != times:
            raise EngineError(ErrorCode.INVALID_CONTENDERS, {"reason": "opponents", "seed": seed})
    return len(contenders)


def _checked_forbidden(forbidden: Collection[Pair], contenders: Sequence[Contender]) -> dict[int, set[int]]:
    """The seeds that each seed may not meet."""
    banned: dict[int, set[int]] = {one.seed: set() for one in contenders}
    if not isinstance(forbidden, list | tuple | set | frozenset):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "forbidden"})
    for pair in forbidden:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(map(_is_integer, pair)):
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": "forbidden"})
        one, other = pair
        if one == other or one not in banned or other not in banned:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": other if one in banned else one})
        banned[one].add(other)
        banned[other].add(one)
    return banned


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
