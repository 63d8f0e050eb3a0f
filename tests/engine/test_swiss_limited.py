"""Win/loss-limited Swiss: plan, pairing inside pools, draws, table."""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tournaments.engine import EngineError
from tournaments.engine.swiss.limited import (
    PRIORITY_TABLE,
    Contender,
    LimitedPlace,
    PoolPairing,
    Progress,
    difficulties,
    limited_best_of,
    limited_rounds,
    limited_standings,
    pair_limited,
)

FUZZ = int(os.environ.get("ENGINE_FUZZ", "60"))
RULES = ("valve@2024-03", "greedy")
Pairs = tuple[tuple[int, int], ...]


def field(entrants: int) -> dict[int, Contender]:
    return {seed: Contender(seed) for seed in range(1, entrants + 1)}


def play(contenders: dict[int, Contender], winner: int, loser: int) -> None:
    won, lost = contenders[winner], contenders[loser]
    contenders[winner] = Contender(winner, won.wins + 1, won.losses, (*won.opponents, loser))
    contenders[loser] = Contender(loser, lost.wins, lost.losses + 1, (*lost.opponents, winner))


def records(rounds: list[str], entrants: int) -> dict[int, Contender]:
    """Rounds as text, the winner first: "1-9 2-10"."""
    contenders = field(entrants)
    for round_ in rounds:
        for match in round_.split():
            winner, loser = map(int, match.split("-"))
            play(contenders, winner, loser)
    return contenders


def played_at_random(
    entrants: int, random: Random, rounds: int, **options: object
) -> Iterator[tuple[int, dict[int, Contender], tuple[PoolPairing, ...]]]:
    """Each round, the records before it and its pairing."""
    contenders = field(entrants)
    for number in range(1, rounds + 1):
        before = list(contenders.values())
        random.shuffle(before)
        paired = pair_limited(before, round_number=number, **options)  # type: ignore[arg-type]
        yield number, dict(contenders), paired
        for pool in paired:
            for pair in pool.pairs:
                play(contenders, *random.sample(pair, 2))


def all_pairings(seeds: tuple[int, ...]) -> Iterator[Pairs]:
    """In lexicographic order: the first with the last, then with the last but one, and so on."""
    if not seeds:
        yield ()
        return
    first, *others = seeds
    for other in reversed(others):
        for rest in all_pairings(tuple(seed for seed in others if seed != other)):
            yield ((first, other), *rest)


def in_pool_order(contenders: dict[int, Contender], record: tuple[int, int]) -> tuple[int, ...]:
    def difficulty(one: Contender) -> int:
        return sum(contenders[other].wins - contenders[other].losses for other in one.opponents)

    pool = [one for one in contenders.values() if (one.wins, one.losses) == record]
    return tuple(one.seed for one in sorted(pool, key=lambda one: (-difficulty(one), one.seed)))


def rematches(pairs: Pairs, contenders: dict[int, Contender]) -> int:
    return sum(low in contenders[high].opponents for high, low in pairs)


@pytest.mark.parametrize(
    ("entrants", "limit", "matches"),
    [
        (16, 3, [8, 8, 8, 6, 3]),
        (32, 3, [16, 16, 16, 12, 6]),
        (8, 2, [4, 4, 2]),
        (16, 2, [8, 8, 4]),
        (4, 2, [2, 2, 1]),
        (2, 1, [1]),
        (4096, 3, [2048, 2048, 2048, 1536, 768]),
        (64, 4, [32, 32, 32, 32, 28, 20, 10]),
    ],
)
def test_the_plan_counts_the_matches_of_every_round(entrants: int, limit: int, matches: list[int]) -> None:
    rounds = limited_rounds(entrants, wins=limit, losses=limit)
    assert [round_.matches for round_ in rounds] == matches
    assert [round_.number for round_ in rounds] == list(range(1, 2 * limit))


def test_the_plan_names_the_pools() -> None:
    rounds = limited_rounds(16)
    assert [round_.pools for round_ in rounds] == [
        (((0, 0), 16),),
        (((1, 0), 8), ((0, 1), 8)),
        (((2, 0), 4), ((1, 1), 8), ((0, 2), 4)),
        (((2, 1), 6), ((1, 2), 6)),
        (((2, 2), 6),),
    ]
    assert sum(round_.matches for round_ in rounds) == 33


def test_unequal_limits_are_planned_too() -> None:
    assert [round_.pools for round_ in limited_rounds(8, wins=3, losses=1)] == [
        (((0, 0), 8),),
        (((1, 0), 4),),
        (((2, 0), 2),),
    ]


@pytest.mark.parametrize(
    ("entrants", "limit", "multiple"), [(8, 3, 16), (24, 3, 16), (1, 3, 16), (6, 2, 4), (3, 1, 2), (17, 3, 16)]
)
def test_numbers_that_make_a_pool_odd_are_refused(entrants: int, limit: int, multiple: int) -> None:
    with pytest.raises(EngineError) as refused:
        limited_rounds(entrants, wins=limit, losses=limit)
    assert refused.value.code == "unsupported_entrants"
    assert refused.value.params == {"entrants": entrants, "wins": limit, "losses": limit, "multiple_of": multiple}


@pytest.mark.parametrize(("wins", "losses"), [(1, 1), (2, 2), (3, 3), (3, 2), (2, 4), (4, 4)])
def test_exactly_the_multiples_work(wins: int, losses: int) -> None:
    def works(entrants: int) -> bool:
        try:
            return bool(limited_rounds(entrants, wins=wins, losses=losses))
        except EngineError:
            return False

    working = [entrants for entrants in range(1, 200) if works(entrants)]
    assert working == list(range(working[0], 200, working[0]))


def test_deciding_matches_are_longer() -> None:
    longer = [(won, lost) for won in range(3) for lost in range(3) if limited_best_of((won, lost)) == 3]
    assert longer == [(0, 2), (1, 2), (2, 0), (2, 1), (2, 2)]
    assert limited_best_of((0, 0), wins=1, losses=3, best_of=3, best_of_deciding=5) == 5
    assert limited_best_of((0, 0), best_of=3) == 3


def first_round(entrants: int, rule: str, **options: object) -> PoolPairing:
    (pool,) = pair_limited(list(field(entrants).values()), round_number=1, first_round=rule, **options)  # type: ignore[arg-type]
    return pool


def test_the_first_round_slides_or_folds() -> None:
    assert first_round(16, "1v9").pairs == tuple((seed, seed + 8) for seed in range(1, 9))
    assert first_round(16, "1v16").pairs == tuple((seed, 17 - seed) for seed in range(1, 9))
    assert first_round(32, "1v9").pairs[0] == (1, 17)
    assert first_round(32, "1v16").pairs[0] == (1, 32)
    assert (first_round(16, "1v9").why.code, first_round(16, "1v9").why.params) == ("first_round", (("rule", "1v9"),))


def test_a_forbidden_pair_moves_the_first_round_as_little_as_it_can() -> None:
    assert first_round(8, "1v9", wins=2, losses=2, forbidden=[(1, 5)]).pairs == ((1, 6), (2, 5), (3, 7), (4, 8))
    assert first_round(8, "1v16", wins=2, losses=2, forbidden={(8, 1)}).pairs == ((1, 7), (2, 8), (3, 6), (4, 5))


DEAD_END = records(
    [
        "3-11 5-13 6-14 16-8 1-9 2-10 4-12 7-15",
        "1-16 2-6 4-5 7-3 8-9 11-10 13-12 14-15",
    ],
    16,
)
"""The pool of 1-1 of the example in cs-buchholz-simulator's note on the rulebook: seeds 3 5 6 16 8 11 13 14."""


def test_the_published_dead_end_of_the_greedy_rule_is_solved() -> None:
    assert in_pool_order(DEAD_END, (1, 1)) == (3, 5, 6, 16, 8, 11, 13, 14)
    assert [difficulties(list(DEAD_END.values()))[seed] for seed in (3, 5, 6, 16, 8, 11, 13, 14)] == [2] * 4 + [-2] * 4
    pool = pair_limited(list(DEAD_END.values()), round_number=3)[1]
    assert pool.record == (1, 1)
    assert pool.pairs == ((3, 14), (5, 11), (6, 8), (16, 13))
    assert (pool.relaxed, pool.why.code, pool.why.params) == (0, "highest_v_lowest", (("passed", 1),))


def test_difficulty_counts_wins_minus_losses_of_the_opponents() -> None:
    contenders = records(["1-2 3-4", "1-3 2-4"], 4)
    assert dict(difficulties(list(contenders.values()))) == {1: 0, 2: 0, 3: 0, 4: 0}
    contenders = records(["1-2 3-4 5-6 7-8", "3-1 5-7 2-4 8-6"], 8)
    assert difficulties(list(contenders.values()))[1] == 2


@pytest.mark.parametrize(("first", "rules"), [("1v9", "valve@2024-03"), ("1v16", "greedy"), ("1v9", "greedy")])
@pytest.mark.parametrize("entrants", [16, 32])
def test_pools_get_the_first_legal_pairing(entrants: int, first: str, rules: str) -> None:
    """Against all pairings of the pool, where there are few enough to list them (8 entrants: 105, 12: 10,395)."""
    random = Random(f"{entrants} {first} {rules}")
    passed = 0
    for _ in range(FUZZ if entrants == 16 else FUZZ // 20):
        for number, before, paired in played_at_random(entrants, random, 5, rules=rules, first_round=first):
            assert [pool.record for pool in paired] == sorted((pool.record for pool in paired), reverse=True)
            for pool in paired if number > 1 else ():
                order = in_pool_order(before, pool.record)
                assert sorted(seed for pair in pool.pairs for seed in pair) == sorted(order)
                assert pool.relaxed == rematches(pool.pairs, before)
                if len(order) > 12:
                    continue
                if rules == "valve@2024-03" and number > 3 and len(order) == 6:
                    listed = [tuple((order[a], order[b]) for a, b in row) for row in PRIORITY_TABLE]
                else:
                    listed = list(all_pairings(order)) if len(order) < 10 else []
                legal = [pairs for pairs in listed if not rematches(pairs, before)]
                if listed:
                    assert pool.pairs == legal[0]
                passed += dict(pool.why.params).get("passed", 0) != 0
    assert passed or entrants == 32 or FUZZ < 60


def test_the_priority_table_has_every_pairing_of_six_once() -> None:
    assert len(PRIORITY_TABLE) == len(set(PRIORITY_TABLE)) == 15
    assert set(PRIORITY_TABLE) == set(all_pairings(tuple(range(6))))
    assert PRIORITY_TABLE[:3] == (((0, 5), (1, 4), (2, 3)), ((0, 5), (1, 3), (2, 4)), ((0, 4), (1, 5), (2, 3)))


def test_the_priority_table_is_used_from_round_four_on() -> None:
    for number, before, paired in played_at_random(16, Random(4), 5):
        for pool in paired:
            used = pool.why.code == "priority_table"
            assert used == (number > 3)
            if used:
                order = in_pool_order(before, pool.record)
                row = int(dict(pool.why.params)["row"])
                assert pool.pairs == tuple((order[a], order[b]) for a, b in PRIORITY_TABLE[row - 1])


def test_pools_of_six_before_round_four_are_not_paired_by_the_table() -> None:
    for number, _, paired in played_at_random(12, Random(12), 3, wins=2, losses=2):
        assert {len(pool.pairs) for pool in paired} == {6 if number == 1 else 3}
        assert {pool.why.code for pool in paired} == {"first_round" if number == 1 else "highest_v_lowest"}


def test_the_priority_table_is_not_the_order_of_all_pairings() -> None:
    """In the pool 13 12 6 4 5 14 the first legal row is the fifth, 14 26 35; the first legal pairing is 16 23 45."""
    contenders = records(
        [
            "9-1 10-2 3-11 12-4 13-5 6-14 15-7 8-16",
            "15-3 13-6 12-8 9-10 1-16 2-14 4-11 7-5",
            "9-13 15-12 10-8 1-2 3-7 6-4 5-16 14-11",
            "3-13 10-6 1-12 14-7 5-2 4-8",
        ],
        16,
    )
    order = (13, 12, 6, 4, 5, 14)
    assert in_pool_order(contenders, (2, 2)) == order
    by_rules = {rules: pair_limited(list(contenders.values()), round_number=5, rules=rules)[0] for rules in RULES}
    table, greedy = by_rules["valve@2024-03"], by_rules["greedy"]
    assert (table.pairs, table.why.params) == (((13, 4), (12, 14), (6, 5)), (("row", 5),))
    assert (greedy.pairs, greedy.why.params) == (((13, 14), (12, 6), (4, 5)), (("passed", 1),))


@unhurried
@given(
    st.sampled_from([(16, 3, 3), (32, 3, 3), (8, 2, 2), (16, 2, 2), (4, 2, 2), (64, 4, 4), (16, 3, 2), (32, 2, 4)]),
    st.sampled_from(["valve@2024-03", "greedy", "draw"]),
    st.sampled_from(["1v9", "1v16"]),
    st.integers(0, 2**32),
)
def test_a_stage_played_to_the_end(size: tuple[int, int, int], rules: str, first: str, number: int) -> None:
    entrants, wins, losses = size
    random = Random(number)
    plan = limited_rounds(entrants, wins=wins, losses=losses)
    contenders = field(entrants)
    for round_ in plan:
        paired = pair_limited(
            random.sample(list(contenders.values()), entrants),
            round_number=round_.number,
            wins=wins,
            losses=losses,
            rules=rules,
            first_round=first,
            draw_seed=b"seed",
        )
        assert [(pool.record, 2 * len(pool.pairs)) for pool in paired] == list(round_.pools)
        for pool in paired:
            assert pool.relaxed == rematches(pool.pairs, contenders)
            assert pool.relaxed == 0 or len(pool.pairs) <= 2
            for pair in pool.pairs:
                assert {(contenders[seed].wins, contenders[seed].losses) for seed in pair} == {pool.record}
        for pool in paired:
            for pair in pool.pairs:
                play(contenders, *random.sample(pair, 2))
    final = list(contenders.values())
    assert pair_limited(final, round_number=wins + losses, wins=wins, losses=losses) == ()
    rows = limited_standings(random.sample(final, entrants), wins=wins, losses=losses)
    if wins == losses:
        assert [row.progress for row in rows] == [Progress.THROUGH] * (entrants // 2) + [Progress.OUT] * (entrants // 2)
    check_table(rows, contenders)
    met = difficulties(final)
    assert sum(met.values()) == sum((one.wins - one.losses) * len(one.opponents) for one in final)


def check_table(rows: tuple[LimitedPlace, ...], contenders: dict[int, Contender]) -> None:
    met = difficulties(list(contenders.values()))
    assert [row.place for row in rows] == list(range(1, len(contenders) + 1))
    assert sorted(row.seed for row in rows) == sorted(contenders)
    order = [Progress.THROUGH, Progress.PLAYING, Progress.OUT]
    for above, row in pairwise(rows):
        assert row.difficulty == met[row.seed]
        by_record = [(order.index(one.progress), -one.wins, one.losses) for one in (above, row)]
        assert by_record == sorted(by_record)
        if by_record[0] != by_record[1]:
            assert row.explain.code == "record"
        elif above.difficulty != row.difficulty:
            assert above.difficulty > row.difficulty
            assert row.explain.code == "difficulty"
        else:
            assert above.seed < row.seed
            assert row.explain.code == "initial_seed"
        assert dict(row.explain.params) == {
            "wins": row.wins, "losses": row.losses, "difficulty": row.difficulty, "seed": row.seed,
        }  # fmt: skip


def test_the_table_of_a_stage_in_progress_puts_the_ones_out_last() -> None:
    contenders = records(["1-2 3-4", "1-3 2-4"], 4)
    rows = limited_standings(list(contenders.values()), wins=2, losses=2)
    assert [(row.seed, row.progress, row.explain.code) for row in rows] == [
        (1, "through", "record"),
        (2, "playing", "record"),
        (3, "playing", "initial_seed"),
        (4, "out", "record"),
    ]


def test_a_rematch_that_cannot_be_avoided_is_played_and_said() -> None:
    """Two entrants are left with 1-1, and they have met in the first round."""
    contenders = records(["1-3 2-4", "2-1 3-4"], 4)
    (pool,) = pair_limited(list(contenders.values()), round_number=3, wins=2, losses=2)
    assert (pool.record, pool.pairs, pool.relaxed) == ((1, 1), ((1, 3),), 1)


def draw(contenders: dict[int, Contender], number: int, seed: bytes, **options: object) -> tuple[PoolPairing, ...]:
    return pair_limited(
        list(contenders.values()), round_number=number, rules="draw", draw_seed=seed, **options  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_draw_keeps_regions_apart_and_gives_every_legal_pairing_alike() -> None:
    """Eight entrants in regions of two: 60 of the 105 pairings are legal. 1,800 draws; 25 to 37 each is the middle."""
    regions = [(1, 2), (3, 4), (5, 6), (7, 8)]
    legal = [pairs for pairs in all_pairings(tuple(range(1, 9))) if not set(pairs) & set(regions)]
    found: Counter[frozenset[tuple[int, int]]] = Counter()
    for number in range(30 * len(legal)):
        (pool,) = draw(field(8), 1, b"%d" % number, wins=2, losses=2, forbidden=regions)
        found[frozenset(pool.pairs)] += 1
    assert set(found) == {frozenset(pairs) for pairs in legal}
    assert len(legal) == 60
    assert min(found.values()) >= 10
    assert max(found.values()) <= 55
    chi_square = sum((count - 30) ** 2 / 30 for count in found.values())
    assert chi_square < 107  # 59 degrees of freedom: exceeded once in 10,000


def test_a_draw_has_no_rematch_and_depends_on_seed_round_and_purpose() -> None:
    contenders = DEAD_END
    drawn = {draw(contenders, 3, b"%d" % number)[1].pairs for number in range(50)}
    assert len(drawn) > 10
    assert all(not rematches(pairs, contenders) for pairs in drawn)
    assert draw(contenders, 3, b"1") == draw(dict(reversed(contenders.items())), 3, b"1")
    assert draw(contenders, 3, b"1") != draw(contenders, 3, b"1", purpose="final|pairing")
    assert draw(contenders, 3, b"1")[1].why.params == (("purpose", "swiss_limited|R3|1-1"),)


def test_a_draw_of_a_large_pool_reaches_different_pairings() -> None:
    regions = [(a, b) for a in range(1, 33) for b in range(a + 1, 33) if a % 4 == b % 4]
    drawn = {draw(field(32), 1, b"%d" % number, forbidden=regions)[0].pairs for number in range(20)}
    assert len(drawn) == 20
    for pairs in drawn:
        assert sorted(seed for pair in pairs for seed in pair) == list(range(1, 33))
        assert all(low % 4 != high % 4 for high, low in pairs)
        assert list(pairs) == sorted(pairs)
        assert all(high < low for high, low in pairs)


def test_one_region_alone_is_drawn_with_as_few_forbidden_pairs_as_can_be() -> None:
    """Six of eight are of one region: two pairs can be mixed, two cannot."""
    same = [(a, b) for a in range(1, 7) for b in range(a + 1, 7)]
    (pool,) = draw(field(8), 1, b"seed", wins=2, losses=2, forbidden=same)
    assert pool.relaxed == 2
    assert sum(low > 6 for _, low in pool.pairs) == 2


def test_seeds_need_not_be_consecutive() -> None:
    contenders = {seed * 10: Contender(seed * 10) for seed in range(1, 5)}
    (pool,) = pair_limited(list(contenders.values()), round_number=1, wins=2, losses=2)
    assert pool.pairs == ((10, 30), (20, 40))


GOOD = list(field(4).values())
SHORT = {"round_number": 1, "wins": 2, "losses": 2}


@pytest.mark.parametrize(
    ("contenders", "options", "code"),
    [
        (None, {}, "invalid_contenders"),
        ("abcd", {}, "invalid_contenders"),
        ([1, 2, 3, 4], {}, "invalid_contenders"),
        ([*GOOD[:3], Contender(0)], {}, "invalid_contenders"),
        ([*GOOD[:3], Contender(True)], {}, "invalid_contenders"),
        ([*GOOD[:3], Contender(4.0)], {}, "invalid_contenders"),  # type: ignore[arg-type]
        ([*GOOD[:3], Contender(4, -1, 1)], {}, "invalid_contenders"),
        ([*GOOD[:3], Contender(4, 1)], {}, "invalid_contenders"),
        ([*GOOD[:3], Contender(4, 0, 0, None)], {}, "invalid_contenders"),  # type: ignore[arg-type]
        ([*GOOD[:3], Contender(4, 1, 0, ("3",))], {}, "invalid_contenders"),  # type: ignore[arg-type]
        ([*GOOD[:3], Contender(4, 1, 0, (3,))], {}, "invalid_contenders"),
        ([*GOOD[:3], Contender(4, 1, 0, (4,))], {}, "invalid_contenders"),
        ([*GOOD[:3], Contender(4, 1, 0, (9,))], {}, "unknown_entrant"),
        ([*GOOD[:3], Contender(3)], {}, "duplicate_entrant"),
        (list(field(4097).values()), {}, "too_many_entrants"),
        ([], {}, "invalid_size"),
        (GOOD[:3], {}, "unsupported_entrants"),
        (GOOD, {"wins": 3, "losses": 3}, "unsupported_entrants"),
        (GOOD, {"wins": 0}, "invalid_option"),
        (GOOD, {"wins": 9}, "invalid_option"),
        (GOOD, {"losses": True}, "invalid_option"),
        (GOOD, {"losses": 2.0}, "invalid_option"),
        (GOOD, {"rules": "valve"}, "invalid_option"),
        (GOOD, {"rules": None}, "invalid_option"),
        (GOOD, {"first_round": []}, "invalid_option"),
        (GOOD, {"purpose": None}, "invalid_option"),
        (GOOD, {"round_number": 2}, "invalid_contenders"),
        (GOOD, {"round_number": 0}, "invalid_contenders"),
        (GOOD, {"round_number": 5}, "invalid_contenders"),
        (GOOD, {"round_number": None}, "invalid_contenders"),
        (GOOD, {"forbidden": None}, "invalid_option"),
        (GOOD, {"forbidden": [1]}, "invalid_option"),
        (GOOD, {"forbidden": [(1, "2")]}, "invalid_option"),
        (GOOD, {"forbidden": [(1, 5)]}, "unknown_entrant"),
        (GOOD, {"forbidden": [(1, 1)]}, "unknown_entrant"),
        (GOOD, {"rules": "draw"}, "draw_seed_required"),
        (GOOD, {"rules": "draw", "draw_seed": "secret"}, "invalid_draw_seed"),
        (list(records(["1-2 3-4", "1-2 3-4"], 4).values()), {"wins": 1, "losses": 1}, "invalid_contenders"),
    ],
)
def test_nonsense_is_refused_with_a_code(contenders: object, options: dict[str, object], code: str) -> None:
    with pytest.raises(EngineError) as refused:
        pair_limited(contenders, **{**SHORT, **options})  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_pool_left_odd_by_a_double_loss_is_refused() -> None:
    contenders = records(["1-3"], 4)
    contenders[2], contenders[4] = Contender(2, 0, 1, (4,)), Contender(4, 0, 1, (2,))
    with pytest.raises(EngineError) as refused:
        pair_limited(list(contenders.values()), round_number=2, wins=2, losses=2)
    assert refused.value.code == "unsupported_entrants"


@pytest.mark.parametrize(
    ("record", "options", "code"),
    [
        ((3, 0), {}, "invalid_contenders"),
        ((0, 3), {}, "invalid_contenders"),
        ((0, -1), {}, "invalid_contenders"),
        ((0,), {}, "invalid_contenders"),
        ((0, True), {}, "invalid_contenders"),
        (None, {}, "invalid_contenders"),
        ((0, 0), {"best_of": 2}, "invalid_option"),
        ((0, 0), {"best_of_deciding": 0}, "invalid_option"),
        ((0, 0), {"wins": None}, "invalid_option"),
    ],
)
def test_nonsense_records_have_no_number_of_games(record: object, options: dict[str, object], code: str) -> None:
    with pytest.raises(EngineError) as refused:
        limited_best_of(record, **options)  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize("entrants", [0, -16, 16.0, "16", None, True])
def test_nonsense_sizes_are_refused(entrants: object) -> None:
    with pytest.raises(EngineError, match="invalid_size"):
        limited_rounds(entrants)  # type: ignore[arg-type]


def test_a_record_beyond_the_limits_has_no_table() -> None:
    contenders = records(["1-2 3-4", "1-3 2-4"], 4)
    with pytest.raises(EngineError, match="invalid_contenders"):
        limited_standings(list(contenders.values()), wins=1, losses=2)
    assert limited_standings([]) == ()
