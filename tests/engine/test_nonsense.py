"""Whatever is asked of the engine, it answers or refuses with a code."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.playing import DRAW_SEED, Ways, histories, numbered, planned, result, single, unhurried
from tests.engine.test_engine_cli import ask
from tournaments.engine import (
    Adjustment,
    Correction,
    Disqualification,
    DqMode,
    EngineError,
    EntrantId,
    ErrorCode,
    Event,
    Game,
    Kind,
    MatchId,
    OptionValue,
    Outcome,
    Policy,
    Result,
    RoundPaired,
    StageConfig,
    StagePlan,
    StageView,
    Withdrawal,
    apply,
    complete_config,
    fold,
    from_json,
    next_round,
    placements,
    plan_stage,
    preview_change,
    standings,
    to_json,
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
GAMES = st.lists(st.builds(Game, st.sampled_from("ab") | NONSENSE, SCORES), max_size=4).map(tuple) | NONSENSE


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


ENTRANTS = st.sampled_from(["1", "2", "3", "4"]) | NONSENSE
HUGE = st.sampled_from([10**5000, -(10**5000), 10**13, 2.0, True, float("nan"), float("inf")])
NUMBERS = st.integers(-3, 5) | HUGE | NONSENSE
OUTCOMES = st.builds(Outcome, ENTRANTS, st.sampled_from(Kind) | NONSENSE, SCORES | st.tuples(HUGE, HUGE)) | NONSENSE
MATCHES = st.sampled_from(["W1.1", "R1.1", "R1.2", "O1", "S1", "A.R1.1", "GF1"]) | NONSENSE
PAIRS = st.lists(st.tuples(ENTRANTS, ENTRANTS) | NONSENSE, max_size=3).map(tuple) | NONSENSE
EVENTS = (
    st.builds(Result, MATCHES, OUTCOMES)
    | st.builds(RoundPaired, NUMBERS, PAIRS, ENTRANTS)
    | st.builds(Withdrawal, ENTRANTS)
    | st.builds(Disqualification, ENTRANTS, st.sampled_from(DqMode) | NONSENSE)
    | st.builds(Adjustment, ENTRANTS, NUMBERS, st.text(max_size=3) | NONSENSE, NUMBERS)
    | st.builds(Correction, MATCHES, OUTCOMES, st.sampled_from(Policy) | NONSENSE)
    | NONSENSE
)
SMALL: dict[str, dict[str, OptionValue]] = {
    "single_elimination": {"reseed": True},
    "double_elimination": {},
    "round_robin": {},
    "gsl": {},
    "stepladder": {},
    "groups": {"group_count": 1},
    "swiss": {},
    "free_for_all": {},
}


@settings(unhurried, max_examples=300)
@given(st.sampled_from(sorted(SMALL)), st.lists(EVENTS, max_size=5))
def test_whatever_happens_is_recorded_or_refused(name: str, events: list[object]) -> None:
    """What was recorded can be ranked, written and read again."""
    view = fold(planned(name, 4, **SMALL[name]))
    refusals = []
    for event in events:
        try:
            view, _ = apply(view, event)  # type: ignore[arg-type]
        except EngineError as error:
            refusals.append(str(error))
    assert len(refusals) + len(view.events) == len(events)
    assert from_json(to_json(view), DRAW_SEED) == view
    assert len(standings(view)) == 4
    placements(view)


@pytest.mark.parametrize("name", sorted(SMALL))
@pytest.mark.parametrize("entrant", [None, "", "9", 1, [], {}, ("1",), float("nan")])
def test_strangers_cannot_leave_or_be_adjusted(name: str, entrant: object) -> None:
    view = fold(planned(name, 4, **SMALL[name]))
    for event in (Withdrawal(entrant), Disqualification(entrant), Adjustment(entrant, 1, "x")):  # type: ignore[arg-type]
        with pytest.raises(EngineError) as refused:
            apply(view, event)
        assert refused.value.code == "unknown_entrant"


@pytest.mark.parametrize("points", [pytest.param(10**5000, id="5000 digits"), 2_000_001, True, 1.0, None, "1"])
def test_adjustments_have_bounds(points: object) -> None:
    view = fold(planned("round_robin", 3))
    one = EntrantId("1")
    for event in (Adjustment(one, points, "x"), Adjustment(one, 0, "x", points), Adjustment(one, 0, "x", -1)):  # type: ignore[arg-type]
        with pytest.raises(EngineError) as refused:
            apply(view, event)
        assert refused.value.code == "invalid_event"
    carded = fold(view.plan, [Adjustment(one, 0, "two cards", 2), Adjustment(one, 0, "one taken back", -1)])
    assert [dict(row.values).get("POINTS") for row in standings(carded)] == [0, 0, 0]


def test_a_score_has_an_end() -> None:
    view = fold(planned("round_robin", 3))
    for score in ((10**5000, 0), (10**12 + 1, 0)):
        with pytest.raises(EngineError) as refused:
            apply(view, Result(MatchId("R1.1"), Outcome(EntrantId("2"), Kind.PLAYED, score)))
        assert refused.value.code == "invalid_score"


@pytest.mark.parametrize("value", [None, 1, "plan", [], Withdrawal(EntrantId("1"))])
def test_only_plans_stages_and_results_are_written(value: object) -> None:
    with pytest.raises(EngineError) as refused:
        to_json(value)  # type: ignore[arg-type]
    assert refused.value.code == "invalid_document"


@pytest.mark.parametrize("text", [None, 3, [], b"\xff", object()])
def test_only_text_is_read(text: object) -> None:
    with pytest.raises(EngineError) as refused:
        from_json(text)  # type: ignore[arg-type]
    assert refused.value.code == "invalid_document"


def test_an_error_about_a_number_too_long_to_show_can_be_shown() -> None:
    assert str(EngineError(ErrorCode.INVALID_SIZE, {"size": 10**5000})) == "invalid_size (too long to show)"


JUNK = (
    NONSENSE.filter(lambda value: value == value and value not in (float("inf"), float("-inf")))
    | st.just(10**400)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


def paths(data: object, here: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The way to every value in the data."""
    if isinstance(data, dict):
        inside = [path for name, value in data.items() for path in paths(value, (*here, name))]
    elif isinstance(data, list):
        inside = [path for index, value in enumerate(data) for path in paths(value, (*here, index))]
    else:
        inside = []
    return [here, *inside]


def damaged(text: str, rng: Random, junk: object) -> str:
    """The document with one value replaced, taken out or doubled."""
    data = json.loads(text)
    path = rng.choice(paths(data)[1:])
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    way = rng.randrange(3)
    if way == 0:
        holder[path[-1]] = junk
    elif way == 1:
        del holder[path[-1]]
    elif isinstance(holder, list):
        holder.append(holder[path[-1]])  # type: ignore[call-overload]
    else:
        holder[str(junk)] = holder[path[-1]]
    return json.dumps(data)


@settings(unhurried, max_examples=200)
@given(histories(ways=Ways(correcting=0.1), most=10), st.integers(0, 2**32), JUNK)
def test_reading_a_document_near_a_valid_one(stage: tuple[StagePlan, list[Event]], chance: int, junk: object) -> None:
    text = damaged(to_json(fold(*stage)), Random(chance), junk)
    try:
        view = from_json(text, DRAW_SEED)
    except EngineError:
        return
    assert isinstance(view, StageView | StagePlan | Result)
    assert from_json(to_json(view), DRAW_SEED) == view


ENTRIES = [
    {"a": 1, "b": 4, "winner": 1, "score": [2, 0]},
    {"a": 1, "b": 2, "winner": 2, "kind": "forfeit"},
    {"a": 2, "b": 3, "winner": None, "kind": "double_forfeit"},
    {"a": 1, "b": 4, "winner": 4, "correct": "cascade"},
    {"withdraw": 3},
    {"disqualify": 4, "mode": "void_all"},
    {"adjust": 1, "points": -1.5, "penalty": 1, "reason": "late"},
    {"rows": [{"entrant": 1, "place": 1, "kills": 5}, {"entrant": 2, "place": 2}]},
]


@settings(unhurried, max_examples=300)
@given(
    st.sampled_from(sorted(SMALL)),
    st.lists(st.sampled_from(ENTRIES), max_size=6),
    st.integers(0, 2**32),
    st.sampled_from(["plan", "replay"]),
    JUNK,
)
def test_the_command_line_answers_or_refuses_in_one_line(
    name: str, entries: list[dict[str, object]], chance: int, command: str, junk: object
) -> None:
    document = {"format": name, "entrants": 4, "options": SMALL[name], "results": entries, "draw_seed": "00ff"}
    text = json.dumps(document)
    if chance % 3:
        text = damaged(text, Random(chance), junk)
    status, out, err = ask(text, command)
    assert (status in (0, 1) and err == "" and json.loads(out)) or (status == 2 and out == "" and err.count("\n") == 1)


def test_long_numbers_do_not_break_the_command_line() -> None:
    """4,300 digits are as long as the language reads; two such scores would add up to one digit more."""
    long = int("9" * 4300)
    results = [{"a": a, "b": b, "winner": a, "score": [long, 0]} for a, b in ((2, 3), (3, 1), (1, 2))]
    document = {"format": "round_robin", "entrants": 3, "results": [*results, {"withdraw": long}, {"a": long, "b": 1}]}
    status, _, err = ask(json.dumps(document), "replay")
    assert (status, "Traceback" in err) == (1, False)


@pytest.mark.parametrize("nonsense", [None, 7, "plan", [], {}])
def test_what_is_no_plan_and_no_view_is_refused(nonsense: object) -> None:
    view = fold(planned("round_robin", 4))
    for call, code in (
        (lambda: fold(nonsense), "invalid_plan"),  # type: ignore[arg-type]
        (lambda: fold(view.plan, 7), "invalid_event"),  # type: ignore[arg-type]
        (lambda: apply(nonsense, result("R1.1", 1)), "invalid_view"),  # type: ignore[arg-type]
        (lambda: next_round(nonsense), "invalid_view"),  # type: ignore[arg-type]
        (lambda: placements(nonsense), "invalid_view"),  # type: ignore[arg-type]
        (lambda: standings(nonsense), "invalid_view"),  # type: ignore[arg-type]
        (lambda: preview_change(nonsense, (), MatchId("R1.1"), Outcome(EntrantId("1"))), "invalid_plan"),  # type: ignore[arg-type]
    ):
        with pytest.raises(EngineError) as refused:
            call()
        assert refused.value.code == code


def test_a_swiss_of_more_matches_than_anybody_plays_is_refused() -> None:
    for entrants, rounds in ((16384, 33), (1024, 513), (8, 8)):
        with pytest.raises(EngineError) as refused:
            planned("swiss", entrants, rounds=rounds)
        assert (refused.value.code, refused.value.params["maximum"]) == ("invalid_option", rounds - 1)
