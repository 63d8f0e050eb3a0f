import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import numbered, result, single, stages, unhurried
from tournaments.engine import (
    BYE,
    TBD,
    EngineError,
    EntrantId,
    Game,
    Kind,
    LoserOf,
    MatchId,
    Outcome,
    Result,
    Seed,
    Slot,
    StageConfig,
    StagePlan,
    StageView,
    WinnerOf,
    fold,
    from_json,
    outcome_from_data,
    outcome_to_data,
    plan_stage,
    slot_from_data,
    slot_to_data,
    to_json,
)


@unhurried
@given(stages())
def test_views_plans_and_results_survive_a_round_trip(stage: tuple[StagePlan, list[Result]]) -> None:
    plan, results = stage
    view = fold(plan, results)
    assert from_json(to_json(plan)) == plan
    assert from_json(to_json(view)) == view
    assert to_json(from_json(to_json(view))) == to_json(view)
    assert [from_json(to_json(event)) for event in results] == results


def test_options_scores_and_games_survive_a_round_trip() -> None:
    plan = plan_stage(StageConfig("single_elimination", {"best_of": (5, 3)}), [EntrantId("تیم"), EntrantId("\ud800")])
    games = (Game("a", (16, 14)), Game("b"), Game("a"), Game("a", (16, 2)))
    view = fold(plan, [Result(MatchId("W1.1"), Outcome(EntrantId("تیم"), Kind.PLAYED, (3, 1), games))])
    assert from_json(to_json(view)) == view


def test_json_is_canonical() -> None:
    assert to_json(result("W1.1", 7, Kind.FORFEIT)) == (
        '{"event":"result","match":"W1.1","outcome":{"games":[],"kind":"forfeit","score":null,"winner":"7"},'
        '"schema_version":2,"type":"result"}'
    )
    document = to_json(single(3))
    assert document.isascii()
    assert json.dumps(json.loads(document), sort_keys=True, separators=(",", ":")) == document


def test_option_order_does_not_matter() -> None:
    one = plan_stage(StageConfig("single_elimination", {"third_place": True, "best_of": 3}), numbered(5))
    two = plan_stage(StageConfig("single_elimination", {"best_of": 3, "third_place": True}), numbered(5))
    assert to_json(one) == to_json(two)


def test_plan_hash_is_the_structure_whoever_plays() -> None:
    named = plan_stage(StageConfig("single_elimination"), [EntrantId(name) for name in ("x", "y", "z")])
    assert named.plan_hash == single(3).plan_hash
    assert named != single(3)
    different = [single(4), single(3, best_of=3), single(4, third_place=True)]
    assert len({plan.plan_hash for plan in [single(3), *different]}) == 4


def test_plan_hash_can_be_recomputed_by_hand() -> None:
    text = (
        '{"entrants":2,"format":"single_elimination","matches":[{"a":{"seed":1},"b":{"seed":2},"best_of":1,'
        '"bracket":"W","draws":false,"id":"W1.1","loser_to":null,"number":1,"round":1,"winner_to":null}],'
        '"options":{"best_of":1,"reseed":false,"third_place":false}}'
    )
    assert single(2).plan_hash == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("slot", "data"),
    [
        (Seed(3), {"seed": 3}),
        (WinnerOf(MatchId("W1.1")), {"winner_of": "W1.1"}),
        (LoserOf(MatchId("W1.1")), {"loser_of": "W1.1"}),
        (BYE, {"bye": True}),
        (TBD, {"tbd": True}),
    ],
)
def test_slots_as_data(slot: Slot, data: dict[str, object]) -> None:
    assert slot_to_data(slot) == data
    assert slot_from_data(data) == slot


@pytest.mark.parametrize(
    "data", [None, [], "W1.1", {}, {"seed": "1"}, {"seed": True}, {"winner_of": 1}, {"loser_of": None}, {"bye": False}]
)
def test_slots_refuse_other_data(data: object) -> None:
    with pytest.raises(EngineError) as refused:
        slot_from_data(data)
    assert refused.value.code == "invalid_document"


def test_outcomes_as_data() -> None:
    outcome = Outcome(EntrantId("7"), Kind.PLAYED, (2, 1), (Game("a"), Game("b", (3, 16)), Game("a")))
    assert outcome_to_data(outcome) == {
        "winner": "7",
        "kind": "played",
        "score": [2, 1],
        "games": [
            {"winner": "a", "score": None},
            {"winner": "b", "score": [3, 16]},
            {"winner": "a", "score": None},
        ],
    }
    assert outcome_from_data(outcome_to_data(outcome)) == outcome
    assert outcome_from_data({"winner": "7"}) == Outcome(EntrantId("7"))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"winner": 7},
        {"winner": "7", "kind": "lost"},
        {"winner": "7", "kind": None},
        {"winner": "7", "score": [1]},
        {"winner": "7", "score": [1, "0"]},
        {"winner": "7", "score": {"a": 1}},
        {"winner": "7", "games": {}},
        {"winner": "7", "games": [{"winner": "c"}]},
        {"winner": "7", "games": ["a"]},
    ],
)
def test_outcomes_refuse_other_data(data: object) -> None:
    with pytest.raises(EngineError) as refused:
        outcome_from_data(data)
    assert refused.value.code == "invalid_document"


def changed(value: StagePlan | StageView | Result, **changes: object) -> str:
    return json.dumps({**json.loads(to_json(value)), **changes})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_document"),
        ("{", "invalid_document"),
        ("null", "invalid_document"),
        ("[1]", "invalid_document"),
        ('{"schema_version": NaN}', "invalid_document"),
        ("[" * 100_000, "invalid_document"),
        ("{}", "unsupported_schema"),
        (changed(single(4), schema_version=3), "unsupported_schema"),
        (changed(single(4), type="bracket"), "invalid_document"),
        (changed(single(4), type=["plan"]), "invalid_document"),
        (changed(single(4), plan_hash="0" * 64), "plan_hash_mismatch"),
        (changed(single(4), plan_hash=None), "plan_hash_mismatch"),
        (changed(single(4), seeds=["1", "2"]), "plan_hash_mismatch"),
        (changed(single(4), seeds=["1", "2", "2", "3"]), "duplicate_entrant"),
        (changed(single(4), seeds="1234"), "invalid_document"),
        (changed(single(4), seeds=[1, 2, 3, 4]), "invalid_document"),
        (changed(single(4), format="chess"), "unknown_format"),
        (changed(single(4), format=None), "invalid_document"),
        (changed(single(4), options=[]), "invalid_document"),
        (changed(single(4), options={"best_of": {}}), "invalid_option"),
        (changed(fold(single(4)), events={}), "invalid_document"),
        (changed(fold(single(4)), events=[{"match": "W9.9", "outcome": {"winner": "1"}}]), "result_for_unknown_match"),
        (changed(result("W1.1", 1), match=1), "invalid_document"),
        (changed(result("W1.1", 1), outcome=None), "invalid_document"),
    ],
)
def test_reading_refuses(text: str, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        from_json(text)
    assert refused.value.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["type", "format", "options", "seeds", "plan_hash", "results", "match", "outcome"])


@unhurried
@given(stages(), FIELDS, JSON)
def test_reading_a_damaged_document_never_crashes(
    stage: tuple[StagePlan, list[Result]], field: str, garbage: object
) -> None:
    try:
        value = from_json(changed(fold(*stage), **{field: garbage}))
    except EngineError:
        return
    assert isinstance(value, StageView)
