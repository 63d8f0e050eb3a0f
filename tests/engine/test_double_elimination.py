import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tournaments.engine
from tests.engine.playing import (
    PLAYED_ONLY,
    better_seed_wins,
    double,
    numbered,
    play,
    result,
    stages,
    unhurried,
)
from tests.engine.test_single_elimination import drawn, places
from tournaments.engine import (
    ORDERS,
    EngineError,
    EntrantId,
    Game,
    Kind,
    LoserOf,
    MatchId,
    MatchSpec,
    Outcome,
    Result,
    Seed,
    Slot,
    StagePlan,
    StageView,
    Status,
    Target,
    WinnerOf,
    apply,
    fold,
    placements,
    standings,
)

DOUBLE = ("double_elimination",)
STRUCTURES = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "brackets-manager" / "structures.json"


def outcome_of(view: StageView, match_id: str) -> Outcome:
    outcome = view.states[MatchId(match_id)].outcome
    assert outcome is not None
    return outcome


def pairings(view: StageView) -> list[str]:
    return [f"{spec.id} {'-'.join(map(str, view.slots[spec.id]))}" for spec in view.plan.matches]


@pytest.mark.parametrize(
    ("entrants", "matches"),
    [
        (3, ["W1.1: 2-3", "W2.1: 1-W1.1", "L2.1: loser of W2.1-loser of W1.1"]),
        (
            5,
            [
                *["W1.1: 4-5", "W2.1: 1-W1.1", "W2.2: 2-3", "W3.1: W2.1-W2.2"],
                *["L2.1: loser of W2.2-loser of W1.1", "L3.1: L2.1-loser of W2.1", "L4.1: loser of W3.1-L3.1"],
            ],
        ),
        (
            8,
            [
                *["W1.1: 1-8", "W1.2: 4-5", "W1.3: 2-7", "W1.4: 3-6"],
                *["W2.1: W1.1-W1.2", "W2.2: W1.3-W1.4", "W3.1: W2.1-W2.2"],
                *["L1.1: loser of W1.1-loser of W1.2", "L1.2: loser of W1.3-loser of W1.4"],
                *["L2.1: loser of W2.2-L1.1", "L2.2: loser of W2.1-L1.2"],
                *["L3.1: L2.1-L2.2", "L4.1: loser of W3.1-L3.1"],
            ],
        ),
        (
            12,
            [
                *["W1.1: 8-9", "W1.2: 5-12", "W1.3: 7-10", "W1.4: 6-11"],
                *["W2.1: 1-W1.1", "W2.2: 4-W1.2", "W2.3: 2-W1.3", "W2.4: 3-W1.4"],
                *["W3.1: W2.1-W2.2", "W3.2: W2.3-W2.4", "W4.1: W3.1-W3.2"],
                *["L2.1: loser of W2.4-loser of W1.1", "L2.2: loser of W2.3-loser of W1.2"],
                *["L2.3: loser of W2.2-loser of W1.3", "L2.4: loser of W2.1-loser of W1.4"],
                *["L3.1: L2.1-L2.2", "L3.2: L2.3-L2.4"],
                *["L4.1: loser of W3.1-L3.1", "L4.2: loser of W3.2-L3.2"],
                *["L5.1: L4.1-L4.2", "L6.1: loser of W4.1-L5.1"],
            ],
        ),
    ],
)
def test_plan_golden_brackets(entrants: int, matches: list[str]) -> None:
    last_w, last_l = matches[-1 - sum(line.startswith("L") for line in matches)], matches[-1]
    final = f"GF1: {last_w.split(':')[0]}-{last_l.split(':')[0]}"
    assert drawn(double(entrants)) == [*matches, final, "GF2: loser of GF1-GF1"]


def test_chalk_pairings_and_places_of_eight() -> None:
    view = play(fold(double(8)), better_seed_wins)
    assert pairings(view)[:-1] == [
        *["W1.1 1-8", "W1.2 4-5", "W1.3 2-7", "W1.4 3-6", "W2.1 1-4", "W2.2 2-3", "W3.1 1-2"],
        *["L1.1 8-5", "L1.2 7-6", "L2.1 3-5", "L2.2 4-6", "L3.1 3-4", "L4.1 2-3", "GF1 1-2"],
    ]
    assert [first for first, _ in places(view)] == [1, 2, 3, 4, 5, 5, 7, 7]
    assert (view.champion, view.complete, view.status[MatchId("GF2")]) == ("1", True, Status.VOID)


@pytest.mark.parametrize(
    ("entrants", "order"),
    [
        (3, ["W1.1 2-3", "W2.1 1-2", "L2.1 2-3", "GF1 1-2"]),
        (5, ["W1.1 4-5", "W2.1 1-4", "W2.2 2-3", "W3.1 1-2", "L2.1 3-5", "L3.1 3-4", "L4.1 2-3", "GF1 1-2"]),
    ],
)
def test_chalk_pairings_with_byes(entrants: int, order: list[str]) -> None:
    assert pairings(play(fold(double(entrants)), better_seed_wins))[:-1] == order


def test_places_of_eleven_tie_as_many_as_really_lost() -> None:
    chalk = play(fold(double(11)), better_seed_wins)
    assert sorted(first for first, _ in places(chalk)) == [1, 2, 3, 4, 5, 5, 7, 7, 9, 9, 9]
    assert placements(chalk)[EntrantId("11")].size == 3


def test_places_of_a_full_bracket_of_32() -> None:
    firsts = sorted(first for first, _ in places(play(fold(double(32)), better_seed_wins)))
    assert firsts == [1, 2, 3, 4, 5, 5, 7, 7, *[9] * 4, *[13] * 4, *[17] * 8, *[25] * 8]


@pytest.mark.parametrize(
    ("entrants", "orders"),
    [
        (8, [[2, 1], [1]]),
        (16, [[4, 3, 2, 1], [1, 2], [1]]),
        (32, [[8, 7, 6, 5, 4, 3, 2, 1], [2, 1, 4, 3], [2, 1], [1]]),
        (64, [list(range(16, 0, -1)), [4, 3, 2, 1, 8, 7, 6, 5], [3, 4, 1, 2], [1, 2], [1]]),
        (
            128,
            [
                list(range(32, 0, -1)),
                [*range(8, 0, -1), *range(16, 8, -1)],
                [5, 6, 7, 8, 1, 2, 3, 4],
                [1, 2, 3, 4],
                [2, 1],
                [1],
            ],
        ),
    ],
)
def test_losers_drop_in_by_the_cycle(entrants: int, orders: list[list[int]]) -> None:
    plan = double(entrants)
    for index, order in enumerate(orders):
        number = 2 * (index + 1)
        dropping = [spec.a for spec in plan.matches if spec.bracket == "L" and spec.round == number]
        assert dropping == [LoserOf(MatchId(f"W{index + 2}.{match}")) for match in order]


@pytest.mark.parametrize("lb_order", [("natural",), ("reverse", "pair_flip"), ("half_shift", "reverse_half_shift")])
def test_orders_of_ones_own_are_taken_in_turn(lb_order: tuple[str, ...]) -> None:
    plan = double(64, lb_order=lb_order)
    for index in range(4):
        count = 16 >> index
        order = ORDERS[lb_order[index % len(lb_order)]](count)
        dropping = [spec.a for spec in plan.matches if spec.bracket == "L" and spec.round == 2 * (index + 1)]
        assert dropping == [LoserOf(MatchId(f"W{index + 2}.{match}")) for match in order]


@pytest.mark.parametrize("entrants", [*range(3, 70), 127, 128, 129, 255, 256, 257, 1023, 1024, 1025])
def test_plan_structure(entrants: int) -> None:
    plan = double(entrants, grand_final="single")
    depth = (entrants - 1).bit_length()
    assert len(plan.matches) == 2 * entrants - 2
    assert len(double(entrants, grand_final="none").matches) == 2 * entrants - 3
    assert len(double(entrants).matches) == 2 * entrants - 1
    assert len({spec.id for spec in plan.matches}) == len(plan.matches)
    assert max(spec.round for spec in plan.matches if spec.bracket == "W") == depth
    assert max(spec.round for spec in plan.matches if spec.bracket == "L") == 2 * (depth - 1)
    dropped = Counter(slot for spec in plan.matches for slot in (spec.a, spec.b) if isinstance(slot, LoserOf))
    assert dropped == Counter(LoserOf(spec.id) for spec in plan.matches if spec.bracket == "W")


@pytest.mark.parametrize("options", [{}, {"grand_final": "none"}, {"skip_r1": True}, {"lb_order": ("natural",)}])
@pytest.mark.parametrize("entrants", [3, 4, 5, 7, 8, 12, 17, 31, 33, 100])
def test_plan_targets_mirror_the_slots(entrants: int, options: dict[str, object]) -> None:
    plan = double(entrants, **options)  # type: ignore[arg-type]
    forward: set[tuple[Slot, Target]] = set()
    backward: set[tuple[Slot, Target]] = set()
    seeds: list[int] = []
    for spec in plan.matches:
        if spec.winner_to is not None:
            forward.add((WinnerOf(spec.id), spec.winner_to))
        if spec.loser_to is not None:
            forward.add((LoserOf(spec.id), spec.loser_to))
        for slot, target in ((spec.a, Target(spec.id, "a")), (spec.b, Target(spec.id, "b"))):
            if isinstance(slot, Seed):
                seeds.append(slot.number)
            elif isinstance(slot, WinnerOf | LoserOf):
                backward.add((slot, target))
                assert plan.position(slot.match_id) < plan.position(spec.id)
    assert forward == backward
    assert sorted(seeds) == list(range(1, entrants + 1))


def test_best_of_is_counted_from_the_grand_final() -> None:
    best_of = {str(spec.id): spec.best_of for spec in double(8, best_of=(7, 5, 3, 1)).matches}
    assert (best_of["GF1"], best_of["GF2"]) == (7, 7)
    assert (best_of["W3.1"], best_of["L4.1"]) == (5, 5)
    assert (best_of["W2.1"], best_of["L3.1"]) == (3, 3)
    assert (best_of["W1.1"], best_of["L2.1"], best_of["L1.1"]) == (1, 1, 1)
    without = {str(spec.id): spec.best_of for spec in double(8, best_of=(5, 3, 1), grand_final="none").matches}
    assert (without["W3.1"], without["L4.1"], without["W2.1"], without["L3.1"], without["L2.1"]) == (5, 5, 3, 3, 1)


UP_TO_FINAL = [result(name, winner) for name, winner in (("W1.1", 2), ("W2.1", 1), ("L2.1", 2))]
"""Three entrants, one match before the end: 1 is undefeated and meets 2."""


def test_reset_is_played_only_if_the_losers_side_wins() -> None:
    plan = double(3)
    undefeated = fold(plan, [*UP_TO_FINAL, result("GF1", 1)])
    assert (undefeated.champion, undefeated.complete) == ("1", True)
    assert undefeated.status[MatchId("GF2")] is Status.VOID
    assert places(undefeated) == [(1, 1), (2, 2), (3, 3)]
    level = fold(plan, [*UP_TO_FINAL, result("GF1", 2)])
    assert (level.champion, level.complete, level.ready) == (None, False, ("GF2",))
    assert level.slots[MatchId("GF2")] == ("1", "2")
    assert fold(plan, [*UP_TO_FINAL, result("GF1", 2), result("GF2", 1)]).champion == "1"
    twice = fold(plan, [*UP_TO_FINAL, result("GF1", 2), result("GF2", 2)])
    assert (twice.champion, places(twice)) == ("2", [(2, 2), (1, 1), (3, 3)])
    spec = plan.match(MatchId("GF2"))
    assert (spec.conditional, plan.match(MatchId("GF1")).moves_if) == ("GF1", "b")


def test_single_grand_final_decides_at_once() -> None:
    view = fold(double(3, grand_final="single"), [*UP_TO_FINAL, result("GF1", 2)])
    assert (view.champion, view.complete, "GF2" in view.plan.positions) == ("2", True, False)
    assert places(view) == [(2, 2), (1, 1), (3, 3)]


def test_without_a_grand_final_the_brackets_have_a_winner_each() -> None:
    plan = double(3, grand_final="none")
    early = fold(plan, UP_TO_FINAL[:2])
    assert (early.champion, early.complete, places(early)) == ("1", False, [(1, 1)])
    view = fold(plan, UP_TO_FINAL)
    assert (view.champion, view.complete, places(view)) == ("1", True, [(1, 1), (2, 2), (3, 3)])


@pytest.mark.parametrize(
    ("winner", "score", "games", "code"),
    [
        (1, (3, 0), "aa", None),
        (1, (3, 2), "baba", None),
        (1, (2, 0), "", "invalid_score"),
        (1, (3, 0), "aaa", "invalid_games"),
        (2, (1, 3), "bbb", None),
        (2, (2, 3), "abbb", None),
        (2, (0, 3), "bbb", "invalid_score"),
        (2, (1, 3), "bb", "invalid_games"),
    ],
)
def test_an_advantage_counts_in_the_score_and_not_in_the_games(
    winner: int, score: tuple[int, int], games: str, code: str | None
) -> None:
    view = fold(
        double(3, grand_final="wb_advantage", best_of=(5, 1)),
        UP_TO_FINAL,
    )
    assert view.plan.match(MatchId("GF1")).advantage == 1
    listed = tuple(Game("a" if game == "a" else "b") for game in games)
    event = Result(MatchId("GF1"), Outcome(EntrantId(str(winner)), Kind.PLAYED, score, listed))
    if code is None:
        after, _ = apply(view, event)
        assert (after.champion, after.complete) == (str(winner), True)
    else:
        with pytest.raises(EngineError) as refused:
            apply(view, event)
        assert refused.value.code == code


def test_a_best_of_one_has_no_game_to_start_with() -> None:
    view = fold(double(3, grand_final="wb_advantage"), UP_TO_FINAL)
    assert view.plan.match(MatchId("GF1")).advantage == 0
    won = Result(MatchId("GF1"), Outcome(EntrantId("1"), Kind.PLAYED, (1, 0), (Game("a"),)))
    assert apply(view, won)[0].champion == "1"


@pytest.mark.parametrize("entrants", [3, 4, 5, 6, 8, 11, 16, 21, 64])
def test_skipping_round_one_sends_the_worse_half_down(entrants: int) -> None:
    plan = double(entrants, skip_r1=True, grand_final="single")
    half = 1 << (entrants - 1).bit_length() - 1
    top, low = seeds_in(plan, "W"), seeds_in(plan, "L")
    assert top == set(range(1, half + 1))
    assert low == set(range(half + 1, entrants + 1))
    assert len(plan.matches) == entrants + half - 2
    assert min(spec.round for spec in plan.matches if spec.bracket == "W") == 2
    view = play(fold(plan), better_seed_wins)
    assert view.champion == "1"
    assert {row.entrant: dict(row.values)["losses"] for row in standings(view)} == {
        entrant: 0 if entrant == "1" else 1 if int(entrant) > half else 2 for entrant in plan.seeds
    }


def seeds_in(plan: StagePlan, bracket: str) -> set[int]:
    slots = [slot for spec in plan.matches if spec.bracket == bracket for slot in (spec.a, spec.b)]
    return {slot.number for slot in slots if isinstance(slot, Seed)}


def test_skip_r1_meets_those_who_would_have_lost() -> None:
    """Every better seed wins round 1: the rest of the event is the same as with the round played."""
    played = pairings(play(fold(double(16)), better_seed_wins))
    skipped = pairings(play(fold(double(16, skip_r1=True)), better_seed_wins))
    assert skipped == [line for line in played if not line.startswith("W1.")]


def test_the_champion_need_not_have_the_most_wins() -> None:
    """2 loses the first match, wins six in the losers' bracket and the first grand final, and loses the second."""
    lost_first = [result("W1.1", 1), result("W1.2", 4), result("W1.3", 7), result("W1.4", 3)]
    upper = [result("W2.1", 1), result("W2.2", 3), result("W3.1", 1)]
    lower = [result("L1.1", 8), result("L1.2", 2), result("L2.1", 7), result("L2.2", 2), result("L3.1", 2)]
    view = fold(double(8), [*lost_first, *upper, *lower, result("L4.1", 2), result("GF1", 2), result("GF2", 1)])
    wins = {row.entrant: dict(row.values)["wins"] for row in standings(view)}
    assert view.champion == "1"
    assert (wins[EntrantId("1")], wins[EntrantId("2")]) == (4, 5)


def earliest_rematch(entrants: int) -> int:
    """The first round of the losers' bracket in which two who have met can meet again, over all courses of the event.

    Who meets in match m and is later in match n is followed by reachability: two entrants of one winners' match are
    told apart by whether they won it, so the pair (winner, loser) of every match is pushed through the bracket.
    """
    plan = double(entrants)
    matches = {spec.id: spec for spec in plan.matches if spec.bracket != "GF"}

    @cache
    def ahead(match_id: MatchId, loser: bool) -> frozenset[MatchId]:
        """The matches that the winner or the loser of a match can still play."""
        spec = matches[match_id]
        target = spec.loser_to if loser else spec.winner_to
        if target is None or target.match_id not in matches:
            return frozenset()
        return frozenset({target.match_id}) | ahead(target.match_id, False) | ahead(target.match_id, True)

    rounds = [
        matches[met].round
        for match_id in matches
        for met in ahead(match_id, False) & ahead(match_id, True)
        if can_both_be_in(match_id, met, matches)
    ]
    return min(rounds)


def can_both_be_in(first: MatchId, again: MatchId, matches: Mapping[MatchId, MatchSpec]) -> bool:
    """Two in one match come from different sides of it: the winner of ``first`` through one, the loser the other."""
    spec = matches[again]
    sides = [slot_origin(slot) for slot in (spec.a, spec.b)]
    return any(
        passes(first, one, sides[0], matches) and passes(first, not one, sides[1], matches) for one in (False, True)
    )


def slot_origin(slot: Slot) -> tuple[MatchId, bool] | None:
    return (slot.match_id, isinstance(slot, LoserOf)) if isinstance(slot, WinnerOf | LoserOf) else None


def passes(
    first: MatchId, as_loser: bool, origin: tuple[MatchId, bool] | None, matches: Mapping[MatchId, MatchSpec]
) -> bool:
    """Whether the loser (winner) of ``first`` can come out of ``origin``."""
    if origin is None:
        return False
    match_id, as_origin_loser = origin
    if match_id == first:
        return as_origin_loser == as_loser
    spec = matches[match_id]
    return any(passes(first, as_loser, slot_origin(slot), matches) for slot in (spec.a, spec.b))


@pytest.mark.parametrize(("entrants", "round_"), [(8, 3), (16, 4), (32, 5), (64, 7)])
def test_earliest_possible_rematch_in_the_losers_bracket(entrants: int, round_: int) -> None:
    assert earliest_rematch(entrants) == round_


def test_reachability_agrees_with_every_course_of_a_bracket_of_eight() -> None:
    """All 2^13 courses up to the losers' final: the first rematch is where the reachability says."""
    plan = double(8, grand_final="none")
    order = list(plan.matches)
    earliest = 99
    for choice in product((0, 1), repeat=len(order)):
        who: dict[Slot, int] = {}
        met: set[frozenset[int]] = set()
        for spec, wins in zip(order, choice, strict=True):
            a, b = (slot.number if isinstance(slot, Seed) else who[slot] for slot in (spec.a, spec.b))
            pair = frozenset((a, b))
            if pair in met:
                earliest = min(earliest, spec.round)
            met.add(pair)
            who[WinnerOf(spec.id)], who[LoserOf(spec.id)] = (a, b) if wins else (b, a)
    assert earliest == 3


@unhurried
@given(stages(kinds=PLAYED_ONLY, complete=True, formats=DOUBLE))
def test_invariants_of_played_events(stage: tuple[StagePlan, list[Result]]) -> None:
    """Two losses are out, one loss on entry to the losers' bracket, and the reset exactly when its side won."""
    plan, results = stage
    view = fold(plan, results)
    options, entrants = plan.config.options, len(plan.seeds)
    lost: Counter[EntrantId] = Counter()
    low = set() if not options["skip_r1"] else {s for s in plan.seeds if int(s) > 1 << (entrants - 1).bit_length() - 1}
    entered: set[EntrantId] = set()
    for spec in plan.matches:
        state = view.states[spec.id]
        if state.status is Status.VOID:
            assert spec.id == "GF2"
            continue
        assert state.status is Status.COMPLETED
        assert state.outcome is not None
        a, b = (EntrantId(str(side)) for side in (state.a, state.b))
        if spec.bracket == "W":
            assert lost[a] == lost[b] == 0
        elif spec.bracket == "L":
            for side in {a, b} - entered:
                assert lost[side] == (0 if side in low else 1)
            entered |= {a, b}
        else:
            assert (lost[a], lost[b] + (b in low)) == ((0, 1) if spec.id == "GF1" else (1, 1))
        lost[b if state.outcome.winner == a else a] += 1
    for entrant in plan.seeds:
        if entrant != view.champion and options["grand_final"] == "reset":
            assert lost[entrant] + (entrant in low) == 2
    winners_final = max((spec for spec in plan.matches if spec.bracket == "W"), key=lambda spec: spec.round)
    assert outcome_of(view, winners_final.id).winner not in entered
    if options["grand_final"] == "reset":
        assert (view.status[MatchId("GF2")] is Status.COMPLETED) == (
            outcome_of(view, "GF1").winner == view.slots[MatchId("GF1")][1]
        )


@unhurried
@given(st.integers(3, 100))
def test_chalk_puts_the_first_seeds_first(entrants: int) -> None:
    found = placements(play(fold(double(entrants, grand_final="single")), better_seed_wins))
    firsts = [found[entrant].first for entrant in numbered(entrants)]
    assert firsts[: min(4, entrants)] == [1, 2, 3, 4][:entrants]
    assert firsts == sorted(firsts)


@cache
def structures() -> dict[str, dict[str, dict[str, list[dict[str, object]]]]]:
    if not STRUCTURES.is_file():
        pytest.skip("the structures are not on this machine: ../shared/data/brackets-manager/structures.json")
    return json.loads(STRUCTURES.read_text(encoding="utf-8"))


def seeds_of(match: dict[str, object]) -> frozenset[object]:
    return frozenset((match["o1"], match["o2"]))


def planned_round_one(plan: StagePlan) -> list[frozenset[object]]:
    first = [spec for spec in plan.matches if spec.bracket == "W" and spec.round == 1]
    return [frozenset(slot.number for slot in (spec.a, spec.b) if isinstance(slot, Seed)) for spec in first]


@pytest.mark.parametrize("size", [4, 8, 16, 32, 64])
@pytest.mark.parametrize("kind", ["single", "double"])
def test_another_engine_draws_the_same_first_round(kind: str, size: int) -> None:
    theirs = [match for match in structures()[kind][str(size)]["matches"] if (match["g"], match["r"]) == (1, 1)]
    assert planned_round_one(double(size)) == [seeds_of(match) for match in theirs]


@pytest.mark.parametrize("entrants", [3, 5, 6, 7, 9, 11, 13, 14, 15])
def test_another_engine_draws_the_same_first_round_with_byes(entrants: int) -> None:
    theirs = [match for match in structures()["single"][str(entrants)]["matches"] if (match["g"], match["r"]) == (1, 1)]
    assert planned_round_one(double(entrants)) == [seeds_of(match) for match in theirs if "BYE" not in seeds_of(match)]


def test_another_engine_has_the_same_losers_bracket_of_eight() -> None:
    """From 16 on its order of the losers differs from ours on purpose."""
    theirs = [match for match in structures()["double"]["8"]["matches"] if match["g"] == 2 and match["r"] in (2, 4)]
    ours = [spec.a for spec in double(8).matches if spec.bracket == "L" and spec.round in (2, 4)]
    upper = {2: 2, 4: 3}
    expected = [LoserOf(MatchId(f"W{upper[int(str(m['r']))]}.{str(m['o1']).removeprefix('@')}")) for m in theirs]
    assert ours == expected
