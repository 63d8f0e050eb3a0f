"""Map vetoes: who may do what, and what comes out."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tournaments.engine.errors import EngineError
from tournaments.engine.veto import (
    Actor,
    ChosenMap,
    GameLost,
    VetoAction,
    VetoMove,
    VetoState,
    VetoStep,
    VetoTemplate,
    apply_veto,
    auto_move,
    loser_picks_template,
    next_step,
    replay_veto,
    standard_template,
    start_veto,
)

fuzzed = settings(unhurried, max_examples=int(os.environ.get("ENGINE_FUZZ", "80")))
CS = ("ancient", "anubis", "dust2", "inferno", "mirage", "nuke", "train")
BAN, PICK, DECIDER, SIDE = VetoAction


def shape(template: VetoTemplate) -> str:
    return " ".join(f"{step.by.value}:{step.action.value}" for step in template.steps)


def played(template: VetoTemplate, rng: Random) -> VetoState:
    """A veto in which everyone chooses at random, and time runs out now and then."""
    state = start_veto(template)
    while turn := next_step(state):
        if turn.waits_for_game:
            state = apply_veto(state, GameLost(rng.choice(("a", "b"))))
        elif turn.by is None or rng.random() < 0.3:
            state = apply_veto(state, auto_move(state, rng.randbytes(16), "M1"))
        else:
            state = apply_veto(state, VetoMove(turn.action, turn.by, rng.choice(turn.options)))
    return state


def test_best_of_one_follows_the_major_rulebook() -> None:
    assert shape(standard_template(1, CS)) == "a:ban a:ban b:ban b:ban b:ban a:ban nobody:decider b:side"


def test_best_of_three_follows_the_major_rulebook() -> None:
    expected = "a:ban b:ban a:pick other:side b:pick other:side b:ban a:ban nobody:decider b:side"
    assert shape(standard_template(3, CS)) == expected
    assert shape(standard_template(3, CS, side_choice=False)) == "a:ban b:ban a:pick b:pick b:ban a:ban nobody:decider"


def test_best_of_five_bans_two_and_picks_four() -> None:
    expected = "a:ban b:ban a:pick b:pick a:pick b:pick nobody:decider"
    assert shape(standard_template(5, CS, side_choice=False)) == expected


def test_other_pools() -> None:
    assert shape(standard_template(1, ["x"], side_choice=False)) == "nobody:decider"
    assert shape(standard_template(1, ["x", "y", "z"], side_choice=False)) == "a:ban b:ban nobody:decider"
    assert shape(standard_template(3, ["w", "x", "y", "z"], side_choice=False)) == "a:ban a:pick b:pick nobody:decider"
    assert shape(loser_picks_template(3, CS)) == "b:ban a:ban b:ban a:ban a:pick loser:pick loser:pick"


def test_a_best_of_three_from_the_first_ban_to_the_last_side() -> None:
    state = replay_veto(
        standard_template(3, CS),
        [
            VetoMove(BAN, "a", "train"),
            VetoMove(BAN, "b", "nuke"),
            VetoMove(PICK, "a", "mirage"),
            VetoMove(SIDE, "b", "ct"),
            VetoMove(PICK, "b", "dust2"),
            VetoMove(SIDE, "a", "t"),
            VetoMove(BAN, "b", "ancient"),
            VetoMove(BAN, "a", "anubis"),
            VetoMove(DECIDER, None, "inferno", auto=True),
            VetoMove(SIDE, "b", "t"),
        ],
    )
    assert state.finished
    assert next_step(state) is None
    assert state.banned == ("train", "nuke", "ancient", "anubis")
    assert state.chosen == (
        ChosenMap("mirage", "a", "b", "ct"),
        ChosenMap("dust2", "b", "a", "t"),
        ChosenMap("inferno", None, "b", "t"),
    )
    assert state.remaining == ()


def test_the_last_map_is_decided_without_a_draw() -> None:
    state = replay_veto(standard_template(1, ["x", "y"]), [VetoMove(BAN, "a", "x")])
    assert auto_move(state, b"", "M1") == VetoMove(DECIDER, None, "y", auto=True)


def test_a_decider_among_several_maps_is_drawn_and_can_be_repeated() -> None:
    template = VetoTemplate((VetoStep(DECIDER, Actor.NOBODY),), CS, leaves_maps=True)
    draws = [auto_move(start_veto(template), b"secret", f"M{n}").choice for n in range(200)]
    assert draws == [auto_move(start_veto(template), b"secret", f"M{n}").choice for n in range(200)]
    assert set(draws) == set(CS)
    assert draws[:4] == ["anubis", "nuke", "anubis", "train"]


def test_the_loser_of_each_game_picks_the_next_map() -> None:
    state = replay_veto(loser_picks_template(3, ["x", "y", "z"]), [VetoMove(PICK, "a", "y")])
    turn = next_step(state)
    assert turn is not None
    assert (turn.by, turn.waits_for_game) == (None, True)
    state = apply_veto(state, GameLost("b"))
    turn = next_step(state)
    assert turn is not None
    assert (turn.by, turn.options, turn.waits_for_game) == ("b", ("x", "z"), False)
    state = apply_veto(state, VetoMove(PICK, "b", "x"))
    turn = next_step(state)
    assert turn is not None
    assert turn.waits_for_game
    state = apply_veto(apply_veto(state, GameLost("a")), VetoMove(PICK, "a", "z"))
    assert [one.map for one in state.chosen] == ["y", "x", "z"]


def test_the_winner_of_a_game_can_ban_before_the_loser_picks() -> None:
    steps = ((PICK, Actor.A), (BAN, Actor.WINNER), (PICK, Actor.OTHER))
    template = VetoTemplate(tuple(VetoStep(*step) for step in steps), ("x", "y", "z"))
    state = replay_veto(template, [VetoMove(PICK, "a", "x"), GameLost("a"), VetoMove(BAN, "b", "y")])
    assert apply_veto(state, VetoMove(PICK, "a", "z")).finished


@st.composite
def templates(draw: st.DrawFn) -> tuple[VetoTemplate, int]:
    best_of = draw(st.sampled_from((1, 3, 5, 7, 9)))
    maps = tuple(f"m{n}" for n in range(best_of + draw(st.integers(0, 12))))
    if draw(st.booleans()):
        return loser_picks_template(best_of, maps), best_of
    return standard_template(best_of, maps, draw(st.booleans())), best_of


@fuzzed
@given(templates(), st.integers(0, 2**32))
def test_every_map_is_used_once_and_a_replay_gives_the_same_state(
    template_and_best_of: tuple[VetoTemplate, int], dice: int
) -> None:
    template, best_of = template_and_best_of
    state = played(template, Random(dice))
    assert sorted([*state.banned, *(one.map for one in state.chosen)]) == sorted(template.maps)
    assert len(state.chosen) == best_of
    moves = [event for event in state.log if isinstance(event, VetoMove)]
    assert [move.action for move in moves] == [step.action for step in template.steps]
    assert replay_veto(template, state.log) == state
    for one in state.chosen:
        assert one.starting_side is None or one.side_chosen_by != one.picked_by


@fuzzed
@given(st.integers(1, 30), st.integers(1, 30))
def test_both_sides_ban_and_pick_equally_often_within_one(best_of: int, surplus: int) -> None:
    best_of += 1 - best_of % 2
    steps = standard_template(best_of, [f"m{n}" for n in range(best_of + surplus)]).steps
    for action in (BAN, PICK):
        by = [step.by for step in steps if step.action is action]
        assert abs(by.count(Actor.A) - by.count(Actor.B)) <= 1


def refusal(call: object, *args: object, **options: object) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **options)  # type: ignore[operator]
    return refused.value.code


THREE = standard_template(3, CS)
AT_SIDE = [VetoMove(BAN, "a", "train"), VetoMove(BAN, "b", "nuke"), VetoMove(PICK, "a", "mirage")]


@pytest.mark.parametrize(
    ("log", "move", "code"),
    [
        ([], VetoMove(BAN, "b", "train"), "wrong_side"),
        ([], VetoMove(BAN, None, "train"), "wrong_side"),
        ([], VetoMove(BAN, "c", "train"), "wrong_side"),  # type: ignore[arg-type]
        ([], VetoMove(PICK, "a", "train"), "wrong_veto_action"),
        ([], VetoMove("ban", "a", "train"), "wrong_veto_action"),  # type: ignore[arg-type]
        ([], VetoMove(BAN, "a", "cache"), "unknown_map"),
        ([], VetoMove(BAN, "a", ["train"]), "unknown_map"),  # type: ignore[arg-type]
        ([], VetoMove(BAN, "a", None), "unknown_map"),  # type: ignore[arg-type]
        ([], VetoMove(BAN, "a", "train", auto=1), "invalid_veto_action"),  # type: ignore[arg-type]
        (AT_SIDE[:1], VetoMove(BAN, "b", "train"), "map_used"),
        (AT_SIDE, VetoMove(SIDE, "a", "ct"), "wrong_side"),
        (AT_SIDE, VetoMove(SIDE, "b", "mirage"), "invalid_veto_action"),
        (AT_SIDE, VetoMove(BAN, "b", "dust2"), "wrong_veto_action"),
        ([*AT_SIDE, VetoMove(SIDE, "b", "t")], VetoMove(PICK, "b", "mirage"), "map_used"),
        ([], GameLost("a"), "invalid_veto_action"),
        (AT_SIDE, GameLost("c"), "invalid_veto_action"),  # type: ignore[arg-type]
        ([], None, "invalid_veto_action"),
        ([], "ban", "invalid_veto_action"),
    ],
)
def test_moves_are_refused(log: list[VetoMove], move: VetoMove, code: str) -> None:
    state = replay_veto(THREE, log)
    assert refusal(apply_veto, state, move) == code


def test_a_finished_veto_takes_no_more_moves() -> None:
    state = played(THREE, Random(1))
    assert refusal(apply_veto, state, VetoMove(BAN, "a", "train")) == "veto_finished"
    assert refusal(auto_move, state, b"x", "M1") == "veto_finished"


def test_a_step_that_waits_for_a_game_takes_no_move() -> None:
    state = replay_veto(loser_picks_template(3, ["x", "y", "z"]), [VetoMove(PICK, "a", "y")])
    assert refusal(apply_veto, state, VetoMove(PICK, "b", "x")) == "invalid_veto_action"
    assert refusal(auto_move, state, b"x", "M1") == "invalid_veto_action"
    assert refusal(apply_veto, apply_veto(state, GameLost("a")), GameLost("a")) == "invalid_veto_action"


def test_draws_refuse_nonsense() -> None:
    state = start_veto(THREE)
    assert refusal(auto_move, state, b"", "M1") == "draw_seed_required"
    assert refusal(auto_move, state, "x", "M1") == "invalid_draw_seed"
    assert refusal(auto_move, state, b"x", None) == "invalid_veto_action"
    assert refusal(auto_move, None, b"x", "M1") == "invalid_veto_template"
    assert refusal(apply_veto, None, VetoMove(BAN, "a", "x")) == "invalid_veto_template"
    assert refusal(next_step, "veto") == "invalid_veto_template"
    assert refusal(start_veto, CS) == "invalid_veto_template"
    assert refusal(replay_veto, THREE, None) == "invalid_veto_action"
    assert refusal(replay_veto, THREE, [1]) == "invalid_veto_action"


def steps(*pairs: tuple[VetoAction, Actor]) -> tuple[VetoStep, ...]:
    return tuple(VetoStep(action, by) for action, by in pairs)


DECIDE = (DECIDER, Actor.NOBODY)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((steps(DECIDE), ("x", "y")), "invalid_veto_template"),
        ((steps(DECIDE), ("x", "y"), ("ct", "t"), 1), "invalid_veto_template"),
        ((steps((BAN, Actor.A), DECIDE), ("x",)), "invalid_veto_template"),
        ((steps(DECIDE, (BAN, Actor.A)), ("x", "y")), "invalid_veto_template"),
        ((steps((DECIDER, Actor.A)), ("x",)), "invalid_veto_template"),
        ((steps((BAN, Actor.NOBODY)), ("x",)), "invalid_veto_template"),
        ((steps((BAN, Actor.OTHER)), ("x",)), "invalid_veto_template"),
        ((steps((BAN, Actor.LOSER)), ("x",)), "invalid_veto_template"),
        ((steps(DECIDE, (SIDE, Actor.OTHER)), ("x",)), "invalid_veto_template"),
        ((steps((BAN, Actor.A), (SIDE, Actor.B)), ("x",)), "invalid_veto_template"),
        ((steps((PICK, Actor.A), (SIDE, Actor.B), (SIDE, Actor.A)), ("x",)), "invalid_veto_template"),
        ((["ban"], ("x",)), "invalid_veto_template"),
        ((("ban",), ("x",)), "invalid_veto_template"),
        (((VetoStep("ban", Actor.A),), ("x",)), "invalid_veto_template"),  # type: ignore[arg-type]
        ((None, ("x",)), "invalid_veto_template"),
        ((steps(DECIDE), ()), "invalid_veto_template"),
        ((steps(DECIDE), ["x"]), "invalid_veto_template"),
        ((steps(DECIDE), (1,)), "unknown_map"),
        ((steps(DECIDE), (["x"],)), "unknown_map"),
        ((steps(DECIDE), ("",)), "unknown_map"),
        ((steps((BAN, Actor.A), DECIDE), ("x", "x")), "duplicate_map"),
        ((steps(DECIDE), ("x",), ("ct", "ct")), "invalid_veto_template"),
        ((steps(DECIDE), ("x",), ()), "invalid_veto_template"),
        ((steps(DECIDE), tuple(f"m{n}" for n in range(257)), ("ct", "t"), True), "invalid_veto_template"),
    ],
)
def test_templates_refuse_nonsense(arguments: tuple[object, ...], code: str) -> None:
    assert refusal(VetoTemplate, *arguments) == code


@pytest.mark.parametrize("generate", [standard_template, loser_picks_template])
@pytest.mark.parametrize(
    ("best_of", "maps", "code"),
    [
        (2, CS, "invalid_option"), (0, CS, "invalid_option"), (-1, CS, "invalid_option"), (9, CS, "invalid_option"),
        (True, CS, "invalid_option"), (3.0, CS, "invalid_option"), ("3", CS, "invalid_option"),
        (1, "abc", "unknown_map"), (1, None, "unknown_map"), (1, [1, 2], "unknown_map"),
        (1, ["x", "x"], "duplicate_map"), (1, [], "invalid_option"),
    ],
)  # fmt: skip
def test_generated_templates_refuse_nonsense(generate: object, best_of: object, maps: object, code: str) -> None:
    assert refusal(generate, best_of, maps) == code


def test_the_side_choice_is_yes_or_no() -> None:
    assert refusal(standard_template, 1, CS, 1) == "invalid_option"
