from dataclasses import replace

import pytest

from tournaments.engine import (
    BYE,
    TBD,
    EngineError,
    EntrantId,
    Game,
    Kind,
    MatchId,
    MatchSpec,
    Outcome,
    Seed,
    Settlement,
    SlotFilled,
    SlotState,
    Status,
    Target,
    advance,
    check_outcome,
    settle,
)

ANA, BEA, EVE = EntrantId("ana"), EntrantId("bea"), EntrantId("eve")
UP, DOWN = Target(MatchId("W2.1"), "a"), Target(MatchId("L1.1"), "b")
SEMI = MatchSpec(MatchId("W1.1"), "W", 1, 1, Seed(1), Seed(2), 1, UP, DOWN)
LEAGUE = replace(SEMI, bracket="R", winner_to=None, loser_to=None, draws=True)


def test_settle_table() -> None:
    assert settle(ANA, BEA) == Settlement(Status.READY)
    assert settle(ANA, BYE) == Settlement(Status.WALKOVER, Outcome(ANA, Kind.WALKOVER))
    assert settle(BYE, BEA) == Settlement(Status.WALKOVER, Outcome(BEA, Kind.WALKOVER))
    assert settle(BYE, BYE) == Settlement(Status.VOID, Outcome(None, Kind.WALKOVER))
    for other in (ANA, BYE, TBD):
        assert settle(TBD, other) == settle(other, TBD) == Settlement(Status.LOCKED)


@pytest.mark.parametrize("kind", [Kind.PLAYED, Kind.FORFEIT, Kind.NO_SHOW, Kind.WALKOVER, Kind.ADMIN])
def test_advance_moves_winner_and_loser(kind: Kind) -> None:
    assert advance(SEMI, Outcome(BEA, kind), ANA, BEA) == (SlotFilled(UP, BEA), SlotFilled(DOWN, ANA))
    assert advance(SEMI, Outcome(ANA, kind), ANA, BEA) == (SlotFilled(UP, ANA), SlotFilled(DOWN, BEA))


def test_advance_leaves_dead_slots_behind() -> None:
    assert advance(SEMI, Outcome(ANA, Kind.DQ), ANA, BEA) == (SlotFilled(UP, ANA), SlotFilled(DOWN, BYE))
    nobody = (SlotFilled(UP, BYE), SlotFilled(DOWN, BYE))
    assert advance(SEMI, Outcome(None, Kind.DOUBLE_FORFEIT), ANA, BEA) == nobody
    assert advance(SEMI, Outcome(None, Kind.WALKOVER), BYE, BYE) == nobody
    assert advance(SEMI, Outcome(BEA, Kind.WALKOVER), BYE, BEA) == (SlotFilled(UP, BEA), SlotFilled(DOWN, BYE))


def test_advance_without_targets_moves_nobody() -> None:
    assert advance(LEAGUE, Outcome(ANA), ANA, BEA) == ()
    assert advance(LEAGUE, Outcome(None, Kind.DRAW), ANA, BEA) == ()
    assert advance(replace(SEMI, loser_to=None), Outcome(ANA), ANA, BEA) == (SlotFilled(UP, ANA),)


@pytest.mark.parametrize(("a", "b"), [(TBD, BEA), (ANA, TBD), (TBD, TBD), (TBD, BYE)])
def test_advance_refuses_unknown_slots(a: SlotState, b: SlotState) -> None:
    with pytest.raises(EngineError) as refused:
        advance(SEMI, Outcome(ANA), a, b)
    assert (refused.value.code, refused.value.params) == ("match_not_ready", {"match": "W1.1"})


def refusal(spec: MatchSpec, outcome: Outcome, a: SlotState = ANA, b: SlotState = BEA) -> str | None:
    try:
        check_outcome(spec, outcome, a, b)
    except EngineError as error:
        return error.code
    return None


def test_outcome_needs_the_right_winner() -> None:
    assert refusal(SEMI, Outcome(ANA)) is None
    assert refusal(SEMI, Outcome(EVE)) == "winner_not_in_match"
    assert refusal(SEMI, Outcome(None)) == "winner_required"
    assert refusal(SEMI, Outcome(None, Kind.ADMIN)) == "winner_required"
    assert refusal(SEMI, Outcome(ANA, Kind.DOUBLE_FORFEIT)) == "unexpected_winner"
    assert refusal(SEMI, Outcome(ANA, Kind.WALKOVER), BYE, BYE) == "unexpected_winner"
    assert refusal(SEMI, Outcome(None, Kind.DRAW)) == "draw_not_allowed"
    assert refusal(LEAGUE, Outcome(None, Kind.DRAW)) is None
    assert refusal(LEAGUE, Outcome(ANA, Kind.DRAW)) == "unexpected_winner"


@pytest.mark.parametrize(
    ("best_of", "score", "legal"),
    [
        (1, (1, 0), True),
        (1, (16, 14), True),
        (1, (0, 1), False),
        (1, (0, 0), True),
        (3, (0, 0), False),
        (1, (1, 1), True),
        (1, (1, -1), False),
        (3, (2, 0), True),
        (3, (2, 1), True),
        (3, (2, 2), False),
        (3, (1, 0), False),
        (3, (3, 0), False),
        (3, (0, 2), False),
        (5, (3, 2), True),
        (5, (3, 3), False),
        (5, (4, 1), False),
    ],
)
def test_score_of_a_played_match(best_of: int, score: tuple[int, int], legal: bool) -> None:
    spec = replace(SEMI, best_of=best_of)
    assert refusal(spec, Outcome(ANA, Kind.PLAYED, score)) == (None if legal else "invalid_score")
    assert refusal(spec, Outcome(BEA, Kind.PLAYED, (score[1], score[0]))) == (None if legal else "invalid_score")


@pytest.mark.parametrize("score", [(2,), (2, 0, 0), (2, "0"), (2, 0.0), (True, False), "20", 20, [2, 0], (2, None)])
def test_score_must_be_two_integers(score: object) -> None:
    assert refusal(SEMI, Outcome(ANA, Kind.PLAYED, score)) == "invalid_score"  # type: ignore[arg-type]
    assert refusal(SEMI, Outcome(ANA, Kind.FORFEIT, score)) == "invalid_score"  # type: ignore[arg-type]


def test_score_of_a_match_that_was_not_played_out_is_taken_as_given() -> None:
    spec = replace(SEMI, best_of=5)
    for score in ((0, 0), (1, 2), (0, -1), (-1, 0), (3, 0)):
        assert refusal(spec, Outcome(ANA, Kind.FORFEIT, score)) is None
    assert refusal(spec, Outcome(ANA, Kind.FORFEIT, (0, -2))) == "invalid_score"


@pytest.mark.parametrize(
    ("best_of", "score", "legal"),
    [(1, (1, 1), True), (1, (1, 0), False), (2, (1, 1), True), (2, (2, 2), False), (2, (0, 0), False)],
)
def test_score_of_a_draw(best_of: int, score: tuple[int, int], legal: bool) -> None:
    spec = replace(LEAGUE, best_of=best_of)
    assert refusal(spec, Outcome(None, Kind.DRAW, score)) == (None if legal else "invalid_score")


def test_an_even_series_is_won_by_more_than_half() -> None:
    spec = replace(LEAGUE, best_of=2)
    assert refusal(spec, Outcome(ANA, Kind.PLAYED, (2, 0))) is None
    assert refusal(spec, Outcome(ANA, Kind.PLAYED, (1, 0))) == "invalid_score"
    assert refusal(spec, Outcome(ANA, Kind.PLAYED, (2, 1))) == "invalid_score"


def games(winners: str) -> tuple[Game, ...]:
    return tuple(Game("a" if winner == "a" else "b") for winner in winners)


@pytest.mark.parametrize(
    ("best_of", "winners", "legal"),
    [
        (1, "a", True),
        (1, "b", False),
        (1, "aa", False),
        (3, "aa", True),
        (3, "aba", True),
        (3, "baa", True),
        (3, "aab", False),
        (3, "ab", False),
        (3, "abb", False),
        (5, "ababa", True),
        (5, "aaab", False),
    ],
)
def test_games_end_with_the_deciding_one(best_of: int, winners: str, legal: bool) -> None:
    spec = replace(SEMI, best_of=best_of)
    assert refusal(spec, Outcome(ANA, games=games(winners))) == (None if legal else "invalid_games")


def test_games_add_up_to_the_score() -> None:
    spec = replace(SEMI, best_of=3)
    assert refusal(spec, Outcome(ANA, score=(2, 1), games=games("aba"))) is None
    assert refusal(spec, Outcome(ANA, score=(2, 0), games=games("aba"))) == "invalid_games"
    assert refusal(SEMI, Outcome(ANA, score=(16, 14), games=(Game("a", (16, 14)),))) is None
    assert refusal(replace(LEAGUE, best_of=2), Outcome(None, Kind.DRAW, games=games("ab"))) is None
    assert refusal(replace(LEAGUE, best_of=2), Outcome(None, Kind.DRAW, games=games("a"))) == "invalid_games"
    assert refusal(replace(LEAGUE, best_of=4), Outcome(None, Kind.DRAW, games=games("abab"))) is None
    assert refusal(replace(LEAGUE, best_of=4), Outcome(None, Kind.DRAW, games=games("ab"))) == "invalid_games"


@pytest.mark.parametrize("bad", [("a",), (Game("c"),), (Game("a", (1, -1)),), [Game("a")], None])  # type: ignore[arg-type]
def test_games_must_be_games(bad: object) -> None:
    assert refusal(SEMI, Outcome(ANA, games=bad)) == "invalid_games"  # type: ignore[arg-type]


def test_a_broken_off_series_keeps_the_games_that_were_played() -> None:
    assert refusal(replace(SEMI, best_of=5), Outcome(ANA, Kind.FORFEIT, games=games("bb"))) is None
    assert refusal(replace(SEMI, best_of=5), Outcome(ANA, Kind.FORFEIT, games=games("bababa"))) == "invalid_games"
