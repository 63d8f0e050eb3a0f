from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import better_seed_wins, histories, numbered, planned, play, result, unhurried
from tests.engine.test_single_elimination import drawn
from tournaments.engine import (
    Adjustment,
    EngineError,
    EntrantId,
    Event,
    Kind,
    MatchId,
    OptionValue,
    StageConfig,
    StagePlan,
    apply,
    complete_config,
    fold,
    placements,
    plan_stage,
    standings,
)
from tournaments.engine.groups import group_members, group_name, group_views


def members(entrants: int, **options: OptionValue) -> tuple[tuple[int, ...], ...]:
    return group_members(planned("groups", entrants, **options).config.options, entrants)


def test_ids_have_the_group_in_front() -> None:
    plan = planned("groups", 8, group_count=2)
    assert [spec.id for spec in plan.matches][:7] == [
        "A.R1.1",
        "A.R1.2",
        "A.R2.1",
        "A.R2.2",
        "A.R3.1",
        "A.R3.2",
        "B.R1.1",
    ]
    assert {spec.bracket for spec in plan.matches} == {"A.R", "B.R"}
    assert plan.match(MatchId("B.R2.1")).round == 2
    assert drawn(plan)[:2] == ["A.R1.1: 1-8", "A.R1.2: 4-5"]


@pytest.mark.parametrize(
    ("seeding", "groups"),
    [
        ("snake", ((1, 8, 9, 16), (2, 7, 10, 15), (3, 6, 11, 14), (4, 5, 12, 13))),
        ("seed_optimized", ((1, 8, 9, 16), (2, 7, 10, 15), (3, 6, 11, 14), (4, 5, 12, 13))),
        ("effort_balanced", ((1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (4, 8, 12, 16))),
        ("bracket_optimized", ((1, 7, 12, 14), (2, 8, 11, 13), (3, 5, 10, 16), (4, 6, 9, 15))),
    ],
)
def test_seeding_golden(seeding: str, groups: tuple[tuple[int, ...], ...]) -> None:
    assert members(16, group_count=4, seeding=seeding) == groups


def test_groups_given_by_hand() -> None:
    plan = planned("groups", 6, group_count=2, seeding="manual", groups=((1, 2, 3), (6, 5, 4)))
    assert {frozenset(seeds) for seeds in group_members(plan.config.options, 6)} == {
        frozenset((1, 2, 3)),
        frozenset((4, 5, 6)),
    }


@unhurried
@given(st.integers(2, 200), st.integers(1, 40), st.sampled_from(("snake", "effort_balanced", "bracket_optimized")))
def test_sizes_differ_by_one_at_most_and_top_seeds_are_apart(entrants: int, count: int, seeding: str) -> None:
    if entrants < 2 * count or -(-entrants // count) > 64:
        return
    options = complete_config(StageConfig("groups", {"group_count": count, "seeding": seeding})).options
    groups = group_members(options, entrants)
    sizes = [len(seeds) for seeds in groups]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(seed for seeds in groups for seed in seeds) == list(range(1, entrants + 1))
    assert all(sum(seed <= count for seed in seeds) == 1 for seeds in groups)


@pytest.mark.parametrize(
    ("entrants", "options", "code"),
    [
        (8, {"group_count": 5}, "too_few_entrants"),
        (8, {"group_count": 0}, "invalid_option"),
        (8, {"group_count": "two"}, "invalid_option"),
        (8, {"seeding": "by_name"}, "invalid_option"),
        (8, {"inner_format": "swiss"}, "invalid_option"),
        (8, {"inner_format": "groups"}, "invalid_option"),
        (8, {"inner_format": ["gsl"]}, "invalid_option"),
        (8, {"grand_final": "single"}, "unknown_option"),
        (8, {"inner_format": "gsl", "legs": 2}, "unknown_option"),
        (8, {"inner_format": "gsl", "group_count": 4}, "too_few_entrants"),
        (10, {"inner_format": "gsl", "group_count": 2}, "too_many_entrants"),
        (8, {"inner_format": "double_elimination", "group_count": 4}, "too_few_entrants"),
        (130, {"group_count": 2}, "too_many_entrants"),
        (16, {"inner_format": "single_elimination", "group_count": 2, "reseed": True}, "unsupported_option"),
        (4, {"group_count": 2, "seeding": "manual"}, "invalid_groups"),
        (4, {"group_count": 2, "seeding": "manual", "groups": ((1, 2), (3, 3))}, "invalid_groups"),
        (4, {"group_count": 2, "seeding": "manual", "groups": ((1, 2), (3, 5))}, "invalid_groups"),
        (4, {"group_count": 2, "seeding": "manual", "groups": "12|34"}, "invalid_option"),
        (4, {"group_count": 2, "seeding": "manual", "groups": ((1, 2), (3, True))}, "invalid_option"),
    ],
)
def test_groups_refuse(entrants: int, options: dict[str, OptionValue], code: str) -> None:
    with pytest.raises(EngineError) as refused:
        plan_stage(StageConfig("groups", options), numbered(entrants))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("inner", "first", "last"),
    [
        ("round_robin", "A.R1.1", "B.R3.2"),
        ("gsl", "A.O1", "B.DM"),
        ("double_elimination", "A.W1.1", "B.GF2"),
        ("single_elimination", "A.W1.1", "B.W2.1"),
        ("stepladder", "A.S1", "B.S3"),
    ],
)
def test_every_inner_format_plays_through(inner: str, first: str, last: str) -> None:
    view = play(fold(planned("groups", 8, group_count=2, inner_format=inner)), better_seed_wins)
    ids = [spec.id for spec in view.plan.matches]
    assert (ids[0], ids[-1]) == (first, last)
    assert (view.complete, view.champion) == (True, None)
    found = placements(view)
    assert [found[entrant].first for entrant in numbered(2)] == [1, 1]
    assert Counter(place.first for place in found.values())[1] == 2
    for group in group_views(view):
        alone = play(fold(plan_stage(group.view.plan.config, group.view.plan.seeds)), better_seed_wins)
        assert group.standings == standings(alone)
        assert dict(group.view.states) == dict(alone.states)


def test_a_conditional_match_names_the_one_of_its_own_group() -> None:
    plan = planned("groups", 8, group_count=2, inner_format="double_elimination")
    assert plan.match(MatchId("B.GF2")).conditional == "B.GF1"


def test_group_winners_share_the_first_place() -> None:
    view = play(fold(planned("groups", 7, group_count=2)), better_seed_wins)
    rows = standings(view)
    assert [(row.entrant, row.place) for row in rows] == [
        *[("1", 1), ("2", 1), ("3", 3), ("4", 3), ("5", 5), ("6", 5), ("7", 7)]
    ]
    assert dict(rows[1].explain.params)["group"] == "B"
    assert dict(rows[6].explain.params)["group_place"] == 4


def test_points_can_be_adjusted_where_points_decide() -> None:
    view = play(fold(planned("groups", 8, group_count=2)), better_seed_wins)
    view, _ = apply(view, Adjustment(EntrantId("1"), -20, "an ineligible player"))
    assert group_views(view)[0].standings[-1].entrant == "1"
    with pytest.raises(EngineError) as refused:
        apply(fold(planned("groups", 8, group_count=2, inner_format="gsl")), Adjustment(EntrantId("1"), 1, "x"))
    assert refused.value.code == "invalid_event"


@unhurried
@given(histories(formats=("groups",)))
def test_groups_do_not_touch_each_other(stage: tuple[StagePlan, list[Event]]) -> None:
    """Each event changes matches of one group only, and the views of the groups add up to the stage."""
    plan, events = stage
    view = fold(plan)
    for event in events:
        after, _ = apply(view, event)
        changed = {match_id.split(".")[0] for match_id, state in after.states.items() if view.states[match_id] != state}
        assert len(changed) <= 1
        view = after
    groups = group_views(view)
    assert sum(group.view.undecided for group in groups) == view.undecided
    assert sorted(row.entrant for group in groups for row in group.standings) == sorted(plan.seeds)


def test_names_of_groups() -> None:
    assert [group_name(index) for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_group_views_are_of_groups_only() -> None:
    with pytest.raises(EngineError) as refused:
        group_views(fold(planned("gsl", 4)))
    assert refused.value.code == "unknown_format"


def test_a_disqualification_by_a_result_stays_in_the_group() -> None:
    view = fold(planned("groups", 8, group_count=2), [result("A.R1.1", 1, Kind.DQ)])
    assert dict(view.gone) == {"8": "forward"}
    assert [view.status[match_id].value for match_id in view.ready if match_id.startswith("B.")] == ["ready"] * 6
