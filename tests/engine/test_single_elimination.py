from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import PLAYED_ONLY, better_seed_wins, numbered, play, result, single, stages, unhurried
from tournaments.engine import (
    EntrantId,
    Explanation,
    Kind,
    LoserOf,
    MatchId,
    Outcome,
    PlaceRange,
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

SINGLE = ("single_elimination",)


def drawn(plan: StagePlan) -> list[str]:
    """Each match as people write it: ``4-5``, ``1-W1.1``, ``L2.1-L2.2``."""

    def text(slot: Slot) -> str:
        match slot:
            case Seed():
                return str(slot.number)
            case WinnerOf():
                return slot.match_id
            case LoserOf():
                return f"loser of {slot.match_id}"
            case _:
                raise AssertionError(slot)

    return [f"{spec.id}: {text(spec.a)}-{text(spec.b)}" for spec in plan.matches]


def places(view: StageView) -> list[tuple[int, int]]:
    """By seed, for the entrants whose place is final."""
    found = placements(view)
    return [(found[entrant].first, found[entrant].last) for entrant in view.plan.seeds if entrant in found]


def places_after(plan: StagePlan, *results: Result) -> list[tuple[int, int]]:
    return places(fold(plan, results))


@pytest.mark.parametrize(
    ("entrants", "matches"),
    [
        (2, ["W1.1: 1-2"]),
        (3, ["W1.1: 2-3", "W2.1: 1-W1.1"]),
        (4, ["W1.1: 1-4", "W1.2: 2-3", "W2.1: W1.1-W1.2"]),
        (5, ["W1.1: 4-5", "W2.1: 1-W1.1", "W2.2: 2-3", "W3.1: W2.1-W2.2"]),
        (6, ["W1.1: 4-5", "W1.2: 3-6", "W2.1: 1-W1.1", "W2.2: 2-W1.2", "W3.1: W2.1-W2.2"]),
        (
            8,
            [
                *["W1.1: 1-8", "W1.2: 4-5", "W1.3: 2-7", "W1.4: 3-6"],
                *["W2.1: W1.1-W1.2", "W2.2: W1.3-W1.4", "W3.1: W2.1-W2.2"],
            ],
        ),
        (
            12,
            [
                *["W1.1: 8-9", "W1.2: 5-12", "W1.3: 7-10", "W1.4: 6-11"],
                *["W2.1: 1-W1.1", "W2.2: 4-W1.2", "W2.3: 2-W1.3", "W2.4: 3-W1.4"],
                *["W3.1: W2.1-W2.2", "W3.2: W2.3-W2.4", "W4.1: W3.1-W3.2"],
            ],
        ),
    ],
)
def test_plan_golden_brackets(entrants: int, matches: list[str]) -> None:
    assert drawn(single(entrants)) == matches


def test_plan_third_place_match_comes_last() -> None:
    assert drawn(single(5, third_place=True))[-1] == "P3: loser of W2.1-loser of W2.2"
    assert drawn(single(4, third_place=True)) == [*drawn(single(4)), "P3: loser of W1.1-loser of W1.2"]


@pytest.mark.parametrize("entrants", [2, 3])
def test_plan_third_place_match_needs_four(entrants: int) -> None:
    assert drawn(single(entrants, third_place=True)) == drawn(single(entrants))


def test_plan_match_fields() -> None:
    plan = single(6, third_place=True)
    first, semi, final, third = (plan.match(MatchId(name)) for name in ("W1.1", "W2.2", "W3.1", "P3"))
    assert (first.bracket, first.round, first.number, first.best_of, first.draws) == ("W", 1, 1, 1, False)
    assert (first.winner_to, first.loser_to) == (Target(MatchId("W2.1"), "b"), None)
    assert (semi.winner_to, semi.loser_to) == (Target(MatchId("W3.1"), "b"), Target(MatchId("P3"), "b"))
    assert (final.winner_to, final.loser_to) == (None, None)
    assert (third.bracket, third.round, third.number) == ("P", 3, 1)
    assert (third.winner_to, third.loser_to) == (None, None)


def test_plan_best_of_is_counted_from_the_final() -> None:
    by_match = {spec.id: spec.best_of for spec in single(9, best_of=(5, 3, 1), third_place=True).matches}
    assert by_match["W4.1"] == 5
    assert {by_match["W3.1"], by_match["W3.2"], by_match["P3"]} == {3}
    assert {by_match["W2.1"], by_match["W2.4"], by_match["W1.1"]} == {1}
    assert {spec.best_of for spec in single(9, best_of=3).matches} == {3}


@pytest.mark.parametrize("third_place", [False, True])
@pytest.mark.parametrize("entrants", [*range(2, 70), 127, 128, 129, 1023, 1025, 4095, 4096])
def test_plan_structure(entrants: int, third_place: bool) -> None:
    plan = single(entrants, third_place=third_place)
    depth = (entrants - 1).bit_length()
    with_third = third_place and entrants >= 4
    assert len(plan.matches) == entrants - 1 + with_third
    assert len({spec.id for spec in plan.matches}) == len(plan.matches)
    assert max(spec.round for spec in plan.matches) == depth
    first_round = [spec for spec in plan.matches if spec.round == 1 and spec.bracket == "W"]
    assert len(first_round) == entrants - 2**depth // 2
    seeds_in_first = {slot.number for spec in first_round for slot in (spec.a, spec.b) if isinstance(slot, Seed)}
    byes = set(range(1, 2**depth - entrants + 1))
    assert seeds_in_first == set(range(1, entrants + 1)) - byes


@pytest.mark.parametrize("entrants", [2, 3, 4, 5, 7, 8, 12, 31, 33, 100])
def test_plan_targets_mirror_the_slots(entrants: int) -> None:
    plan = single(entrants, third_place=True)
    forward, backward = set(), set()
    for spec in plan.matches:
        if spec.winner_to is not None:
            forward.add((WinnerOf(spec.id), spec.winner_to))
        if spec.loser_to is not None:
            forward.add((LoserOf(spec.id), spec.loser_to))
        for slot, target in ((spec.a, Target(spec.id, "a")), (spec.b, Target(spec.id, "b"))):
            if isinstance(slot, WinnerOf | LoserOf):
                backward.add((slot, target))
                assert plan.position(slot.match_id) < plan.position(spec.id)
    assert forward == backward


@unhurried
@given(st.integers(2, 150))
def test_plan_top_seeds_meet_as_late_as_possible(entrants: int) -> None:
    """Seeds a and b <= 2^k cannot meet before k rounds before the final, in any course of the event."""
    plan = single(entrants)
    rounds = plan.matches[-1].round
    reach: dict[MatchId, set[int]] = {}
    for spec in plan.matches:
        sides = [{slot.number} if isinstance(slot, Seed) else reach[slot.match_id] for slot in (spec.a, spec.b)]  # type: ignore[union-attr]
        for k in range(rounds):
            top = set(range(1, 2**k + 1))
            if sides[0] & top and sides[1] & top:
                assert spec.round > rounds - k
        reach[spec.id] = sides[0] | sides[1]


def test_chalk_pairings_of_eight() -> None:
    view = play(fold(single(8, third_place=True)), better_seed_wins)
    assert [(spec.id, *view.slots[spec.id]) for spec in view.plan.matches] == [
        ("W1.1", "1", "8"),
        ("W1.2", "4", "5"),
        ("W1.3", "2", "7"),
        ("W1.4", "3", "6"),
        ("W2.1", "1", "4"),
        ("W2.2", "2", "3"),
        ("W3.1", "1", "2"),
        ("P3", "4", "3"),
    ]


def test_placements_of_eight_are_competition_ranks() -> None:
    chalk = play(fold(single(8)), better_seed_wins)
    assert places(chalk) == [(1, 1), (2, 2), (3, 4), (3, 4), (5, 8), (5, 8), (5, 8), (5, 8)]
    with_third = play(fold(single(8, third_place=True)), better_seed_wins)
    assert places(with_third) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 8), (5, 8), (5, 8), (5, 8)]
    assert [(row.entrant, row.place, row.tied) for row in standings(chalk)] == [
        ("1", 1, False),
        ("2", 2, False),
        ("3", 3, True),
        ("4", 3, True),
        ("5", 5, True),
        ("6", 5, True),
        ("7", 5, True),
        ("8", 5, True),
    ]


def test_placements_of_eleven_ties_have_the_size_of_the_round() -> None:
    chalk = play(fold(single(11)), better_seed_wins)
    assert [first for first, _ in places(chalk)] == [1, 2, 3, 3, 5, 5, 5, 5, 9, 9, 9]


@unhurried
@given(st.integers(2, 200))
def test_chalk_placements_follow_the_seed_tiers(entrants: int) -> None:
    """The better seed always wins: seed s ends in the tier of the powers of two it lies between."""
    found = placements(play(fold(single(entrants)), better_seed_wins))
    for number, entrant in enumerate(numbered(entrants), start=1):
        first = 2 ** ((number - 1).bit_length() - 1) + 1 if number > 1 else 1
        assert found[entrant] == PlaceRange(first, min(2 * (first - 1), entrants) if number > 1 else 1)


@unhurried
@given(stages(kinds=PLAYED_ONLY, complete=True, formats=SINGLE))
def test_everyone_but_the_champion_loses_once(stage: tuple[StagePlan, list[Result]]) -> None:
    plan, results = stage
    view = fold(plan, results)
    lost: list[EntrantId] = []
    for match_id, state in view.states.items():
        if match_id != "P3" and state.outcome is not None:
            lost += [side for side in (state.a, state.b) if isinstance(side, str) and side != state.outcome.winner]
    assert view.complete
    assert view.champion not in lost
    assert sorted([*lost, view.champion], key=str) == sorted(plan.seeds)
    assert len(results) == len(plan.matches)


@unhurried
@given(stages(complete=True, formats=SINGLE))
def test_placements_of_a_complete_stage_partition_the_places(stage: tuple[StagePlan, list[Result]]) -> None:
    view = fold(*stage)
    found = placements(view)
    assert view.complete
    assert sorted(found) == sorted(view.plan.seeds)
    taken: list[int] = []
    for place in set(found.values()):
        holders = [entrant for entrant in found if found[entrant] == place]
        assert len(holders) == place.size
        taken += range(place.first, place.last + 1)
    assert sorted(taken) == list(range(1, len(view.plan.seeds) + 1))


@unhurried
@given(stages(complete=True, formats=SINGLE))
def test_placements_count_who_survived_longer(stage: tuple[StagePlan, list[Result]]) -> None:
    """Without the third-place match: place = 1 + the number of entrants who were thrown out in a later round."""
    view = fold(*stage)
    found = placements(view)
    out_in: dict[EntrantId, int] = {}
    for spec in view.plan.matches:
        state = view.states[spec.id]
        if spec.bracket == "W" and state.status is Status.COMPLETED and state.outcome is not None:
            out_in |= {s: spec.round for s in (state.a, state.b) if isinstance(s, str) and s != state.outcome.winner}
    lifetime = {entrant: out_in.get(entrant, 99) for entrant in view.plan.seeds}
    semi_final = max(spec.round for spec in view.plan.matches) - 1
    for entrant, place in found.items():
        longer = sum(other > lifetime[entrant] for other in lifetime.values())
        shared = sum(other == lifetime[entrant] for other in lifetime.values())
        if "P3" in view.plan.positions and lifetime[entrant] == semi_final:
            assert longer < place.first <= place.last <= longer + shared
        else:
            assert place == PlaceRange(longer + 1, longer + shared)


@unhurried
@given(stages(formats=SINGLE))
def test_a_final_place_never_changes(stage: tuple[StagePlan, list[Result]]) -> None:
    plan, results = stage
    view = fold(plan)
    known = dict(placements(view))
    for event in results:
        view, _ = apply(view, event)
        now = placements(view)
        assert {entrant: now[entrant] for entrant in known} == known
        known = dict(now)


@unhurried
@given(stages(formats=SINGLE))
def test_standings_list_everyone_and_agree_with_placements(stage: tuple[StagePlan, list[Result]]) -> None:
    view = fold(*stage)
    rows, found = standings(view), placements(view)
    assert sorted(row.entrant for row in rows) == sorted(view.plan.seeds)
    assert {row.entrant: row.place for row in rows if row.final} == {who: place.first for who, place in found.items()}
    assert list(found) == [row.entrant for row in rows if row.final]
    place = 0
    for index, row in enumerate(rows, start=1):
        sharing = [other for other in rows if other.place == row.place]
        place = place if place and row.place == place else index
        assert (row.place, row.tied) == (place, len(sharing) > 1)


def test_places_become_final_round_by_round() -> None:
    plan = single(8, third_place=True)
    view = fold(plan)
    seen = [places(view)]
    for name, winner in [("W1.1", 1), ("W1.2", 4), ("W1.3", 2), ("W1.4", 3), ("W2.1", 1), ("W2.2", 2), ("W3.1", 1)]:
        view, _ = apply(view, result(name, winner))
        seen.append(places(view))
    fifth = [(5, 8)] * 4
    assert seen == [[], [], [], [], fifth, fifth, fifth, [(1, 1), (2, 2), *fifth]]
    assert (view.champion, view.complete) == ("1", False)
    view, _ = apply(view, result("P3", 4))
    assert places(view) == [(1, 1), (2, 2), (4, 4), (3, 3), *fifth]
    assert view.complete


def test_standings_while_running_explain_every_row() -> None:
    view = fold(single(4), [result("W1.1", 1, Kind.NO_SHOW)])
    assert [(row.entrant, row.place, row.tied, row.final, row.values) for row in standings(view)] == [
        ("1", 1, True, False, (("wins", 1), ("losses", 0))),
        ("2", 1, True, False, (("wins", 0), ("losses", 0))),
        ("3", 1, True, False, (("wins", 0), ("losses", 0))),
        ("4", 4, False, False, (("wins", 0), ("losses", 1))),
    ]
    explained = {row.entrant: row.explain for row in standings(view)}
    final = (("match", "W2.1"), ("bracket", "W"), ("round", 2))
    assert explained[EntrantId("1")] == Explanation("in_play", final)
    lost = (("match", "W1.1"), ("bracket", "W"), ("round", 1), ("kind", "no_show"))
    assert explained[EntrantId("4")] == Explanation("lost", lost)
    done = play(view, better_seed_wins)
    assert standings(done)[0].explain == Explanation("won", (*final, ("kind", "played")))


def test_a_double_forfeit_sends_the_opponent_on_at_once() -> None:
    """Nobody comes out of W1.2, so the winner of W1.1 stands in the final without playing W2.1."""
    plan = single(8)
    view = fold(plan, [result("W1.1", 8), result("W1.2", None, Kind.DOUBLE_FORFEIT)])
    assert view.status[MatchId("W2.1")] is Status.WALKOVER
    assert view.slots[MatchId("W3.1")][0] == "8"
    view = play(view, better_seed_wins)
    assert view.champion == "2"
    assert places(view) == [(4, 8), (1, 1), (3, 3), (4, 8), (4, 8), (4, 8), (4, 8), (2, 2)]


def test_two_dead_slots_make_a_void_match_all_the_way() -> None:
    plan = single(8, third_place=True)
    double = [result(f"W1.{number}", None, Kind.DOUBLE_FORFEIT) for number in (1, 2)]
    view = fold(plan, [*double, result("W1.3", 2), result("W1.4", 3)])
    assert view.status[MatchId("W2.1")] is Status.VOID
    assert view.status[MatchId("W3.1")] is Status.LOCKED
    view, _ = apply(view, result("W2.2", 2))
    assert (view.status[MatchId("W3.1")], view.champion) == (Status.WALKOVER, "2")
    assert view.states[MatchId("P3")].outcome == Outcome(EntrantId("3"), Kind.WALKOVER)
    assert view.complete
    assert places(view) == [(3, 8), (1, 1), (2, 2), (3, 8), (3, 8), (3, 8), (3, 8), (3, 8)]


def test_nobody_wins_a_stage_of_double_forfeits() -> None:
    plan = single(4, third_place=True)
    view = fold(plan, [result(name, None, Kind.DOUBLE_FORFEIT) for name in ("W1.1", "W1.2")])
    assert view.complete
    assert view.champion is None
    assert [view.status[MatchId(name)] for name in ("W2.1", "P3")] == [Status.VOID, Status.VOID]
    assert places(view) == [(1, 4)] * 4


def test_a_double_forfeit_in_the_final_shares_the_first_two_places() -> None:
    semi_finals = [result("W1.1", 1), result("W1.2", 2)]
    forfeit = result("W2.1", None, Kind.DOUBLE_FORFEIT)
    assert places_after(single(4), *semi_finals, forfeit) == [(1, 2), (1, 2), (3, 4), (3, 4)]


def test_third_place_with_a_dead_slot_is_a_walkover() -> None:
    plan = single(4, third_place=True)
    view = fold(plan, [result("W1.1", None, Kind.DOUBLE_FORFEIT), result("W1.2", 2)])
    assert view.complete
    assert view.champion == "2"
    assert places(view) == [(3, 4), (1, 1), (2, 2), (3, 4)]


def test_a_forfeit_still_plays_for_third_place_and_a_disqualified_loser_does_not() -> None:
    plan = single(4, third_place=True)
    forfeited = fold(plan, [result("W1.1", 1, Kind.FORFEIT), result("W1.2", 2)])
    assert forfeited.slots[MatchId("P3")] == ("4", "3")
    thrown_out = fold(plan, [result("W1.1", 1, Kind.DQ), result("W1.2", 2), result("W2.1", 2)])
    assert thrown_out.complete
    assert places(thrown_out) == [(2, 2), (1, 1), (3, 3), (4, 4)]


def test_a_double_forfeit_for_third_place_shares_it() -> None:
    plan = single(4, third_place=True)
    semi_finals = [result("W1.1", 1), result("W1.2", 2)]
    end = [result("P3", None, Kind.DOUBLE_FORFEIT), result("W2.1", 1)]
    assert places_after(plan, *semi_finals, *end) == [(1, 1), (2, 2), (3, 4), (3, 4)]


def test_the_champion_may_have_fewer_wins_than_the_runner_up() -> None:
    """A bye and a walkover: wins do not decide a bracket."""
    double = result("W1.1", None, Kind.DOUBLE_FORFEIT)
    others = [result("W1.2", 2), result("W1.3", 3), result("W2.2", 2), result("W3.1", 1)]
    view = fold(single(7), [double, *others])
    wins = {row.entrant: dict(row.values)["wins"] for row in standings(view)}
    assert view.champion == "1"
    assert (wins[EntrantId("1")], wins[EntrantId("2")]) == (1, 2)


@unhurried
@given(stages(formats=SINGLE))
def test_opponents_differ_and_nobody_plays_twice_at_once(stage: tuple[StagePlan, list[Result]]) -> None:
    plan, results = stage
    view = fold(plan)
    for event in results:
        ready = [side for match_id in view.ready for side in view.slots[match_id]]
        assert len(ready) == len(set(ready))
        assert set(ready) <= set(plan.seeds)
        view, _ = apply(view, event)
    pairs = [frozenset(view.slots[spec.id]) for spec in plan.matches if view.status[spec.id] is Status.COMPLETED]
    assert all(len(pair) == 2 for pair in pairs)
    assert all(first != second for first, second in combinations(pairs, 2))


@unhurried
@given(stages(formats=SINGLE), st.randoms(use_true_random=False))
def test_permuting_the_entrants_permutes_the_output_only(stage: tuple[StagePlan, list[Result]], rng: object) -> None:
    plan, results = stage
    names = [f"team-{number}" for number in range(len(plan.seeds))]
    rng.shuffle(names)  # type: ignore[attr-defined]
    name_of = {seed: EntrantId(name) for seed, name in zip(plan.seeds, names, strict=True)}
    renamed_plan = StagePlan(plan.config, tuple(name_of[seed] for seed in plan.seeds), plan.matches)
    renamed_results = [
        Result(
            event.match_id,
            Outcome(None if event.outcome.winner is None else name_of[event.outcome.winner], event.outcome.kind),
        )
        for event in results
    ]
    expected = {name_of[entrant]: place for entrant, place in placements(fold(plan, results)).items()}
    assert placements(fold(renamed_plan, renamed_results)) == expected
