"""Whatever is asked of the engine, it answers or refuses with a code."""

import copy
import pickle
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import numbered, single, unhurried
from tournaments.engine import (
    EngineError,
    EntrantId,
    ErrorCode,
    Game,
    Kind,
    MatchId,
    Outcome,
    Result,
    StageConfig,
    apply,
    complete_config,
    fold,
    plan_stage,
)

SINGLE = StageConfig("single_elimination")


def refusal(config: object, seeds: object, draw_seed: object = b"") -> EngineError:
    with pytest.raises(EngineError) as refused:
        plan_stage(config, seeds, draw_seed)  # type: ignore[arg-type]
    return refused.value


@pytest.mark.parametrize(
    ("seeds", "code", "params"),
    [
        ([], "too_few_entrants", {"minimum": 2, "given": 0}),
        (["1"], "too_few_entrants", {"minimum": 2, "given": 1}),
        (numbered(16385), "too_many_entrants", {"maximum": 16384, "given": 16385}),
        (["1", "2", "1"], "duplicate_entrant", {"entrant": "1"}),
        (["1", "", "2"], "invalid_entrant", {"seed": 2}),
        (["1", 2], "invalid_entrant", {"seed": 2}),
        ([None, None], "invalid_entrant", {"seed": 1}),
        ([["1"], ["2"]], "invalid_entrant", {"seed": 1}),
        ("abc", "invalid_entrant", {}),
        (b"abc", "invalid_entrant", {}),
        ({"1", "2"}, "invalid_entrant", {}),
        (None, "invalid_entrant", {}),
        (3, "invalid_entrant", {}),
    ],
)
def test_planning_refuses_entrants(seeds: object, code: str, params: dict[str, object]) -> None:
    error = refusal(SINGLE, seeds)
    assert (error.code, error.params) == (code, params)


@pytest.mark.parametrize(
    ("config", "code", "params"),
    [
        (StageConfig("royal_rumble"), "unknown_format", {"format": "royal_rumble"}),
        (StageConfig(""), "unknown_format", {"format": ""}),
        (StageConfig(None), "unknown_format", {"format": None}),  # type: ignore[arg-type]
        (StageConfig(["single_elimination"]), "unknown_format", {"format": ["single_elimination"]}),  # type: ignore[arg-type]
        (None, "invalid_config", {}),
        ("single_elimination", "invalid_config", {}),
        (StageConfig("single_elimination", None), "invalid_config", {}),  # type: ignore[arg-type]
        (StageConfig("single_elimination", ["third_place"]), "invalid_config", {}),  # type: ignore[arg-type]
        (
            StageConfig("single_elimination", {"third": True}),
            "unknown_option",
            {"format": "single_elimination", "option": "third"},
        ),
        (StageConfig("single_elimination", {"third_place": 1}), "invalid_option", {"option": "third_place"}),
        (StageConfig("single_elimination", {"third_place": "yes"}), "invalid_option", {"option": "third_place"}),
        (StageConfig("single_elimination", {"reseed": None}), "invalid_option", {"option": "reseed"}),  # type: ignore[dict-item]
        (StageConfig("double_elimination", {"grand_final": "twice"}), "invalid_option", {"option": "grand_final"}),
        (StageConfig("double_elimination", {"lb_order": "inner_outer"}), "invalid_option", {"option": "lb_order"}),
        (StageConfig("double_elimination", {"lb_order": ("chaos",)}), "invalid_option", {"option": "lb_order"}),
        (
            StageConfig("double_elimination", {"third_place": True}),
            "unknown_option",
            {"format": "double_elimination", "option": "third_place"},
        ),
        *[
            (StageConfig("single_elimination", {"best_of": value}), "invalid_option", {"option": "best_of"})  # type: ignore[dict-item]
            for value in (0, 2, -1, 101, True, "3", 3.0, None, (), (3, 2), (3, True), [[1]], {})
        ],
    ],
)
def test_planning_refuses_configurations(config: object, code: str, params: dict[str, object]) -> None:
    error = refusal(config, ["1", "2"])
    assert (error.code, error.params) == (code, params)


@pytest.mark.parametrize("draw_seed", ["secret", None, 1, bytearray(4)])
def test_planning_refuses_a_draw_seed_that_is_not_bytes(draw_seed: object) -> None:
    assert refusal(SINGLE, ["1", "2"], draw_seed).code == "invalid_draw_seed"


def test_complete_config_fills_in_the_defaults_once() -> None:
    complete = complete_config(StageConfig("single_elimination", {"best_of": [3, 1]}))  # type: ignore[dict-item]
    assert dict(complete.options) == {"third_place": False, "best_of": (3, 1), "reseed": False}
    assert complete_config(complete) == complete


def test_values_cannot_be_changed() -> None:
    given_options = {"third_place": True}
    config = StageConfig("single_elimination", given_options)
    given_options["third_place"] = False
    assert config.options == {"third_place": True}
    plan = plan_stage(config, numbered(4))
    with pytest.raises(TypeError):
        plan.config.options["third_place"] = False  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        plan.matches[0].number = 9  # type: ignore[misc]
    assert isinstance(plan.seeds, tuple)


def test_errors_can_be_copied_and_sent_to_another_process() -> None:
    error = EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"minimum": 2, "given": 1})
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (twin.code, twin.params) == (error.code, error.params)
    assert str(error) == "too_few_entrants (given=1, minimum=2)"
    assert str(EngineError(ErrorCode.NO_MEMBERS)) == "no_members"


NONSENSE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.lists(st.integers())
WINNERS = st.sampled_from(["1", "2", "3", "4"]) | NONSENSE
SCORES = st.tuples(st.integers(-2, 5) | NONSENSE, st.integers(-2, 5) | NONSENSE) | NONSENSE
GAMES = st.lists(st.builds(Game, st.sampled_from("ab") | NONSENSE, SCORES), max_size=4).map(tuple) | NONSENSE  # type: ignore[arg-type]


@unhurried
@given(st.sampled_from(["W1.1", "W1.2", "W2.1"]) | NONSENSE, WINNERS, st.sampled_from(Kind) | NONSENSE, SCORES, GAMES)
def test_apply_accepts_or_refuses_whatever_it_is_given(
    match_id: object, winner: object, kind: object, score: object, games: object
) -> None:
    view = fold(single(4, best_of=3))
    event = Result(MatchId(match_id), Outcome(winner, kind, score, games))  # type: ignore[arg-type]
    try:
        after, effects = apply(view, event)
    except EngineError:
        return
    assert after.states[MatchId(str(match_id))].outcome == event.outcome
    assert winner in (None, *after.slots[MatchId(str(match_id))])
    assert effects


def test_an_accepted_nonsense_example_exists() -> None:
    """The property above is not only about refusals."""
    games = (Game("a"), Game("a"))
    event = Result(MatchId("W1.1"), Outcome(EntrantId("1"), Kind.PLAYED, (2, 0), games))
    assert apply(fold(single(4, best_of=3)), event)[0].slots[MatchId("W2.1")][0] == "1"
