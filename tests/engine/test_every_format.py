"""What holds in every format, whatever happens: invariants P1 to P9 on random stages with events of every type."""

import os
import subprocess
import sys
from collections import Counter
from functools import reduce
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tournaments.engine
from tests.engine.playing import (
    DRAW_SEED,
    FORMAT_SETUPS,
    LINKED,
    MATCH_FORMATS,
    PLAYED_ONLY,
    Ways,
    histories,
    planned,
    random_history,
    random_plan,
    unhurried,
)
from tournaments.engine import (
    FORMATS,
    Correction,
    EntrantId,
    Event,
    Kind,
    OptionValue,
    Outcome,
    Result,
    StageConfig,
    StagePlan,
    StageView,
    Status,
    apply,
    fold,
    from_json,
    next_round,
    placements,
    plan_stage,
    standings,
    to_json,
)
from tournaments.engine.events import Adjustment, Disqualification, RoundPaired, Withdrawal

ROOT = Path(tournaments.engine.__file__).parent.parent.parent
CASES = int(os.environ.get("ENGINE_FUZZ", "0"))
fuzzed = settings(unhurried, max_examples=CASES) if CASES else unhurried
PARALLEL = ("round_robin", "groups")
"""All matches of a table are open from the start."""

NOT_PLAYED_HERE = {"free_for_all"}
"""Games of many entrants have no matches of two; they have tests of their own."""


def check_matches(view: StageView) -> None:
    """P5 and P6: two distinct entrants in each match, and nobody in two open matches of a bracket."""
    playing: list[EntrantId] = []
    for match_id, state in view.states.items():
        sides = [side for side in (state.a, state.b) if isinstance(side, str)]
        assert set(sides) <= set(view.plan.seeds)
        assert len(sides) == len(set(sides)), match_id
        assert (state.outcome is None) == (state.status in (Status.LOCKED, Status.READY))
        if state.status is Status.READY:
            assert len(sides) == 2
            assert not set(sides) & set(view.gone), "whoever has left plays no more"
            playing += sides
        if state.status is Status.COMPLETED:
            assert len(sides) == 2
        if state.status is Status.WALKOVER:
            assert state.outcome is not None
            assert state.outcome.winner in sides
        if state.status is Status.VOID:
            assert state.outcome is not None
            assert state.outcome.winner is None
    if view.plan.config.format not in PARALLEL:
        assert len(playing) == len(set(playing))
    assert view.undecided == sum(state.outcome is None for state in view.states.values())


def check_places(view: StageView) -> None:
    """P7, and that rows and places agree."""
    found, rows = placements(view), standings(view)
    assert Counter(row.entrant for row in rows) == Counter(view.plan.seeds)
    assert {row.entrant: row.place for row in rows if row.final} == {who: place.first for who, place in found.items()}
    sizes = Counter(row.place for row in rows)
    for index, row in enumerate(rows, start=1):
        sharing = sizes[row.place]
        assert row.tied == (sharing > 1)
        assert row.place <= index < row.place + sharing
    holders = Counter(found.values())
    for place, count in holders.items():
        assert place.size == count
    if view.complete:
        taken = sorted(number for place in holders for number in range(place.first, place.last + 1))
        assert taken == list(range(1, len(view.plan.seeds) + 1))
    if view.champion is not None and view.champion in found:
        assert (found[view.champion].first, found[view.champion].last) == (1, 1)


def test_every_format_is_played_here() -> None:
    assert set(FORMATS) - NOT_PLAYED_HERE <= set(FORMAT_SETUPS)


@fuzzed
@given(histories(ways=Ways(correcting=0.05)))
def test_fold_is_applying_one_by_one_and_survives_a_round_trip(stage: tuple[StagePlan, list[Event]]) -> None:
    """P1 and P3."""
    plan, events = stage
    view = fold(plan, events)
    applied = reduce(lambda before, event: apply(before, event)[0], events, fold(plan))
    assert applied == view
    assert applied.events == view.events == tuple(events)
    assert from_json(to_json(view), DRAW_SEED) == view
    assert to_json(from_json(to_json(view), DRAW_SEED)) == to_json(view)


@fuzzed
@given(histories(ways=Ways(correcting=0.03)))
def test_matches_and_places_are_sound_at_every_moment(stage: tuple[StagePlan, list[Event]]) -> None:
    plan, events = stage
    view = fold(plan)
    for event in events:
        check_matches(view)
        view, _ = apply(view, event)
    check_matches(view)
    check_places(view)


@fuzzed
@given(histories(complete=True))
def test_a_stage_comes_to_an_end_and_its_places_partition_the_field(stage: tuple[StagePlan, list[Event]]) -> None:
    view = fold(*stage)
    assert view.complete
    assert view.ready == ()
    assert view.round_to_pair is None
    check_places(view)


LARGE: dict[str, tuple[int, dict[str, OptionValue]]] = {
    "single_elimination": (256, {"third_place": True}),
    "double_elimination": (256, {}),
    "round_robin": (64, {}),
    "stepladder": (64, {}),
    "groups": (256, {"group_count": 32}),
    "swiss": (256, {}),
    "swiss_limited": (256, {}),
}
"""The most entrants that the properties are shown for, and the options with which so many can play."""


def large_size(name: str, drawn: int) -> int:
    """About ``drawn`` entrants, as many as the format takes."""
    most = LARGE[name][0]
    if name == "swiss_limited":
        return 16 * max(1, min(drawn, most) // 16)
    return max(min(drawn, most), 96 if name == "groups" else 25)


@settings(fuzzed, max_examples=CASES or 40)
@given(st.sampled_from(sorted(LARGE)), st.integers(25, 256), st.integers(0, 2**32))
def test_large_stages_come_to_an_end(name: str, drawn: int, chance: int) -> None:
    check_to_the_end(planned(name, large_size(name, drawn), **LARGE[name][1]), Random(chance))


@settings(fuzzed, max_examples=CASES or 8)
@given(st.integers(25, 256), st.integers(0, 2**32))
def test_large_brackets_seeded_anew_come_to_an_end(entrants: int, chance: int) -> None:
    check_to_the_end(planned("single_elimination", entrants, reseed=True), Random(chance))


@pytest.mark.parametrize("name", ["single_elimination", "double_elimination", "swiss", "swiss_limited"])
def test_stages_beyond_the_usual_come_to_an_end(name: str) -> None:
    check_to_the_end(planned(name, 1024), Random(1024))


def check_to_the_end(plan: StagePlan, rng: Random) -> None:
    events = _played_in_bulk(plan, rng)
    view = fold(plan, events)
    assert view.complete
    check_matches(view)
    check_places(view)
    pairs = [frozenset((state.a, state.b)) for state in view.states.values() if Status.COMPLETED is state.status]
    if plan.config.format in ("round_robin", "swiss", "groups"):
        assert len(pairs) == len(set(pairs))


def _played_in_bulk(plan: StagePlan, rng: Random) -> list[Event]:
    view = fold(plan)
    events: list[Event] = []
    decisive = FORMATS[plan.config.format].decisive
    kinds = (
        *(Kind.PLAYED,) * 90,
        Kind.FORFEIT,
        Kind.NO_SHOW,
        Kind.DQ,
        Kind.FORFEIT if decisive else Kind.DOUBLE_FORFEIT,
    )
    while not view.complete:
        if view.round_to_pair is not None:
            pairing = next_round(view)
            assert not pairing.relaxed or plan.config.format == "swiss_limited"
            events.append(pairing.event)
            view, _ = apply(view, events[-1])
        for match_id in view.ready:
            state = view.states[match_id]
            if state.status is not Status.READY:
                continue
            kind = rng.choice(kinds)
            winner = None if kind is Kind.DOUBLE_FORFEIT else EntrantId(str(rng.choice((state.a, state.b))))
            events.append(Result(match_id, Outcome(winner, kind)))
            view, _ = apply(view, events[-1])
    return events


@fuzzed
@given(histories(ways=Ways(kinds=PLAYED_ONLY, leaving=0)), st.integers(0, 2**32))
def test_results_of_one_moment_commute(stage: tuple[StagePlan, list[Event]], chance: int) -> None:
    """P2: two matches that are open at once may be told in any order."""
    plan, events = stage
    view = fold(plan)
    rng = Random(chance)
    for first, second in pairwise(events):
        if isinstance(first, Result) and isinstance(second, Result) and rng.random() < 0.3:
            ready = view.ready
            if first.match_id in ready and second.match_id in ready:
                one, _ = apply(apply(view, first)[0], second)
                two, _ = apply(apply(view, second)[0], first)
                assert one == two
                assert standings(one) == standings(two)
        view, _ = apply(view, first)


def renamed(event: Event, name_of: dict[str, EntrantId]) -> Event:
    match event:
        case Result():
            return Result(event.match_id, _renamed_outcome(event.outcome, name_of))
        case Correction():
            return Correction(event.match_id, _renamed_outcome(event.outcome, name_of), event.policy)
        case RoundPaired():
            pairs = tuple((name_of[a], name_of[b]) for a, b in event.pairs)
            return RoundPaired(event.round, pairs, None if event.bye is None else name_of[event.bye])
        case Withdrawal():
            return Withdrawal(name_of[event.entrant])
        case Disqualification():
            return Disqualification(name_of[event.entrant], event.mode)
        case Adjustment():
            return Adjustment(name_of[event.entrant], event.points, event.reason, event.penalty)
        case _:
            raise AssertionError(event)


def _renamed_outcome(outcome: Outcome, name_of: dict[str, EntrantId]) -> Outcome:
    winner = None if outcome.winner is None else name_of[outcome.winner]
    return Outcome(winner, outcome.kind, outcome.score, outcome.games)


@fuzzed
@given(histories(ways=Ways(correcting=0.03)), st.randoms(use_true_random=False))
def test_permuting_the_entrants_permutes_the_output_only(stage: tuple[StagePlan, list[Event]], rng: Random) -> None:
    """P4."""
    plan, events = stage
    names = [f"team-{number}" for number in range(len(plan.seeds))]
    rng.shuffle(names)
    name_of = {str(seed): EntrantId(name) for seed, name in zip(plan.seeds, names, strict=True)}
    other = plan_stage(plan.config, [name_of[seed] for seed in plan.seeds], DRAW_SEED)
    one, two = fold(plan, events), fold(other, [renamed(event, name_of) for event in events])
    assert other.plan_hash == plan.plan_hash
    assert [name_of[row.entrant] for row in standings(one)] == [row.entrant for row in standings(two)]
    assert [(row.place, row.values) for row in standings(one)] == [(row.place, row.values) for row in standings(two)]
    expected = {name_of[entrant]: place for entrant, place in placements(one).items()}
    assert placements(two) == expected
    for state, twin in zip(one.states.values(), two.states.values(), strict=True):
        assert state.status == twin.status
        for side, other_side in ((state.a, twin.a), (state.b, twin.b)):
            assert other_side == (name_of[side] if isinstance(side, str) else side)
    if one.round_to_pair is not None:
        assert renamed(next_round(one).event, name_of) == next_round(two).event


_PROGRESS = {Status.LOCKED: 0, Status.READY: 1, Status.COMPLETED: 2, Status.WALKOVER: 2, Status.VOID: 2}


@fuzzed
@given(histories())
def test_nothing_is_undone_without_a_correction(stage: tuple[StagePlan, list[Event]]) -> None:
    """P8: status goes forward only, and a decided match stays as it is."""
    plan, events = stage
    view = fold(plan)
    for event in events:
        after, _ = apply(view, event)
        for before, now in zip(view.states.values(), after.states.values(), strict=True):
            assert _PROGRESS[before.status] <= _PROGRESS[now.status]
            assert before.outcome is None or before == now
        view = after


@fuzzed
@given(histories(), st.binary(min_size=1, max_size=8))
def test_a_draw_seed_changes_only_what_is_drawn(stage: tuple[StagePlan, list[Event]], draw_seed: bytes) -> None:
    """P9."""
    plan, events = stage
    options = plan.config.options
    if options.get("first_round") == "random" or options.get("rules") == "draw" or options.get("ranking") == "fifa":
        return
    other = plan_stage(plan.config, plan.seeds, draw_seed)
    assert other == plan
    assert standings(fold(other, events)) == standings(fold(plan, events))


@fuzzed
@given(histories())
def test_final_places_stay_final(stage: tuple[StagePlan, list[Event]]) -> None:
    """A place that no unplayed match can change is not changed by one; leaving is no match."""
    plan, events = stage
    view = fold(plan)
    known: dict[EntrantId, object] = {}
    for event in events:
        view, _ = apply(view, event)
        if not isinstance(event, Result) or event.outcome.kind is Kind.DQ:
            known = {}
        now = dict(placements(view))
        assert {entrant: now.get(entrant) for entrant in known} == known
        known = dict(now)


@fuzzed
@given(histories(complete=True, ways=Ways(leaving=0, adjusting=0)))
def test_wins_and_losses_add_up(stage: tuple[StagePlan, list[Event]]) -> None:
    view = fold(*stage)
    won: Counter[EntrantId] = Counter()
    lost: Counter[EntrantId] = Counter()
    for state in view.states.values():
        if state.status is Status.COMPLETED and state.outcome is not None and state.outcome.winner is not None:
            won[state.outcome.winner] += 1
            lost.update(side for side in (state.a, state.b) if isinstance(side, str) and side != state.outcome.winner)
    assert won.total() == lost.total()
    if view.plan.config.format in LINKED:
        values = {row.entrant: dict(row.values) for row in standings(view)}
        assert {entrant: values[entrant]["wins"] for entrant in values} == {seed: won[seed] for seed in view.plan.seeds}


@fuzzed
@given(histories(ways=Ways(correcting=0.05)))
def test_effects_tell_what_each_event_changed(stage: tuple[StagePlan, list[Event]]) -> None:
    plan, events = stage
    view = fold(plan)
    for event in events:
        after, effects = apply(view, event)
        if isinstance(event, Correction):
            assert effects == ()
        else:
            touched = {effect.target.match_id if hasattr(effect, "target") else effect.match_id for effect in effects}
            changed = {match_id for match_id, state in after.states.items() if view.states[match_id] != state}
            assert changed <= touched
        view = after


HASHED = """
from random import Random
from tests.engine.playing import *
from tournaments.engine import placements, standings, to_json
for number in range({cases}):
    rng = Random(number)
    plan = random_plan(rng, 20, (MATCH_FORMATS[number % len(MATCH_FORMATS)],))
    events, views = random_history(plan, rng, Ways(correcting=0.05), 60)
    print(plan.plan_hash, to_json(views[-1]), list(placements(views[-1]).items()), standings(views[-1]))
"""


def test_output_is_the_same_byte_for_byte_whatever_the_hash_seed() -> None:
    outputs = set()
    for hash_seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", HASHED.format(cases=3 * len(MATCH_FORMATS))],
            cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


def test_random_play_reaches_every_type_of_event_in_every_format() -> None:
    """Guards the strategy behind the properties above."""
    for name in MATCH_FORMATS:
        seen: set[object] = set()
        for chance in range(40):
            rng = Random(chance)
            plan = random_plan(rng, 16, (name,))
            events, views = random_history(plan, rng, Ways(correcting=0.1), 100)
            seen |= {type(event) for event in events}
            seen |= set(views[-1].status.values())
        assert {Result, Withdrawal, Disqualification, Correction} <= seen, name
        assert {Status.COMPLETED, Status.WALKOVER} <= seen, name


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_million_entrants_are_refused_at_once(name: str) -> None:
    with pytest.raises(tournaments.engine.EngineError) as refused:
        plan_stage(StageConfig(name), range(10**6))  # type: ignore[arg-type]
    assert refused.value.code == "too_many_entrants"
