"""The append-only rating log: what is recorded can be computed again."""

import os
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.playing import numbered, unhurried
from tournaments.engine.errors import EngineError
from tournaments.engine.heats import HeatResult, HeatRow
from tournaments.engine.rating import (
    Cause,
    Comparison,
    EloModel,
    Glicko2Model,
    Inactivity,
    Model,
    OpenSkillModel,
    RatedResult,
    Rating,
    RatingEvent,
    heat_result,
    inflate,
    is_provisional,
    match_result,
    rate,
    ratings_after,
    recompute,
    record,
    shown,
)
from tournaments.engine.types import EntrantId, Game, Kind, MatchId, Outcome

fuzzed = settings(unhurried, max_examples=int(os.environ.get("ENGINE_FUZZ", "80")))
MODELS: list[Model] = [
    EloModel(),
    EloModel(margin=True),
    Glicko2Model(),
    OpenSkillModel(),
    OpenSkillModel(Comparison.BRADLEY_TERRY_FULL, limit_sigma=True),
]
A, B, C = numbered(3)


def duel(number: int, a: EntrantId, b: EntrantId, score: tuple[int, int], kind: Kind = Kind.PLAYED) -> RatedResult:
    return RatedResult(MatchId(f"M{number}"), ((a,), (b,)), scores=score, kind=kind)


def random_causes(rng: Random, teams: bool) -> list[Cause]:
    entrants = numbered(6)
    causes: list[Cause] = []
    for number in range(rng.randint(0, 25)):
        if rng.random() < 0.15:
            causes.append(Inactivity(tuple(rng.sample(entrants, 2)), rng.randint(1, 9)))
            continue
        kind = rng.choice((Kind.PLAYED, Kind.PLAYED, Kind.PLAYED, Kind.ADMIN, Kind.FORFEIT, Kind.NO_SHOW))
        who = rng.sample(entrants, 4)
        if teams:
            ranks = tuple(rng.randint(1, 3) for _ in range(3))
            causes.append(
                RatedResult(MatchId(f"M{number}"), ((who[0], who[1]), (who[2],), (who[3],)), ranks, kind=kind)
            )
        else:
            causes.append(duel(number, who[0], who[1], (rng.randint(0, 3), rng.randint(0, 3)), kind))
    return causes


def log_of(model: Model, causes: list[Cause]) -> tuple[list[RatingEvent], dict[EntrantId, Rating]]:
    """The log and the ratings, kept up to date event by event."""
    ratings: dict[EntrantId, Rating] = {}
    log = []
    for cause in causes:
        log.append(record(model, ratings, cause))
        ratings.update(log[-1].after)
    return log, ratings


@fuzzed
@given(st.sampled_from(MODELS), st.integers(0, 2**32))
def test_recomputing_a_log_gives_the_same_log(model: Model, dice: int) -> None:
    causes = random_causes(Random(dice), isinstance(model, OpenSkillModel))
    log, ratings = log_of(model, causes)
    assert list(recompute(model, log)) == log
    assert ratings_after(log) == ratings
    half = len(log) // 2
    assert list(recompute(model, log[half:], ratings_after(log[:half]))) == log[half:]


@fuzzed
@given(st.sampled_from(MODELS), st.integers(0, 2**32))
def test_a_corrected_log_is_the_log_of_the_corrected_results(model: Model, dice: int) -> None:
    rng = Random(dice)
    causes = random_causes(rng, isinstance(model, OpenSkillModel))
    log, _ = log_of(model, causes)
    for at, cause in enumerate(causes):
        if isinstance(cause, RatedResult):
            kind = rng.choice((Kind.PLAYED, Kind.FORFEIT))
            causes[at] = RatedResult(cause.match, cause.teams[::-1], cause.ranks, cause.scores, kind=kind)
            break
    corrected = [replace(event, cause=cause) for event, cause in zip(log, causes, strict=True)]
    assert list(recompute(model, corrected)) == log_of(model, causes)[0]


@pytest.mark.parametrize("model", MODELS)
def test_a_forfeit_is_recorded_and_changes_nothing(model: Model) -> None:
    event = record(model, {}, duel(1, A, B, (1, 0), Kind.FORFEIT))
    assert (event.match, event.before, event.after) == ("M1", (), ())


def test_an_event_tells_what_it_changed_and_by_which_rules() -> None:
    event = record(EloModel(version="elo@2026"), {A: Rating(1600.0)}, duel(1, A, B, (2, 0)))
    assert (event.model, event.version, event.match) == ("elo", "elo@2026", "M1")
    assert event.before == ((A, Rating(1600.0)), (B, Rating(1500.0)))
    assert event.after == ((A, Rating(1614.3974, games=1)), (B, Rating(1485.6026, games=1)))
    assert [model.name for model in MODELS] == ["elo", "elo", "glicko2", "plackett_luce", "bradley_terry_full"]
    assert record(EloModel(), {}, Inactivity((A,))).match is None


def test_inactivity_makes_ratings_less_certain_up_to_those_of_new_entrants() -> None:
    elo = {A: Rating(1700.0, games=40)}
    assert inflate(EloModel(), elo, Inactivity((A,), 9)) == elo
    glicko = {A: Rating(1700.0, 50.0, 0.06, 40)}
    assert inflate(Glicko2Model(), glicko, Inactivity((A,)))[A] == Rating(1700.0, 51.07485, 0.06, 40)
    assert inflate(Glicko2Model(), glicko, Inactivity((A,), 10_000))[A].deviation == 350
    wide = {A: Rating(1700.0, 400.0, 0.06)}
    assert inflate(Glicko2Model(), wide, Inactivity((A,)))[A].deviation == 400
    skill = {A: Rating(30.0, 1.2)}
    model = OpenSkillModel(inactivity=0.5)
    assert inflate(model, skill, Inactivity((A,), 1))[A] == Rating(30.0, 1.3)
    assert inflate(model, skill, Inactivity((A,), 10_000))[A].deviation == 8.333333
    assert inflate(model, {}, Inactivity((B,)))[B] == model.start.stored


@fuzzed
@given(st.integers(1, 50), st.integers(1, 50))
def test_periods_of_inactivity_add_up(first: int, second: int) -> None:
    for model, rating in ((Glicko2Model(), Rating(1500.0, 60.0, 0.06)), (OpenSkillModel(), Rating(25.0, 2.0))):
        once = inflate(model, {A: rating}, Inactivity((A,), first + second))[A]
        twice = inflate(model, inflate(model, {A: rating}, Inactivity((A,), first)), Inactivity((A,), second))[A]
        assert abs(once.deviation - twice.deviation) <= 2e-6


def test_a_rating_is_provisional_until_it_is_certain() -> None:
    assert is_provisional(EloModel(), Rating(1500.0, games=29))
    assert not is_provisional(EloModel(), Rating(1500.0, games=30))
    assert is_provisional(Glicko2Model(), Rating(1500.0, 110.0, 0.06))
    assert not is_provisional(Glicko2Model(), Rating(1500.0, 109.9, 0.06))
    assert is_provisional(OpenSkillModel(), OpenSkillModel().start)
    assert not is_provisional(OpenSkillModel(), Rating(25.0, 4.1))


def test_people_see_a_whole_number() -> None:
    assert shown(EloModel(), Rating(1499.5)) == 1500
    assert shown(Glicko2Model(), Rating(1464.05, 151.5, 0.06)) == 1464
    assert shown(OpenSkillModel(), OpenSkillModel().start) == 1000
    assert shown(OpenSkillModel(), Rating(30.0, 2.0)) == 1960
    assert shown(OpenSkillModel(), Rating(-30.0, 8.0)) == 0


def test_a_match_becomes_a_result_of_its_two_sides() -> None:
    won = match_result(MatchId("W1.1"), A, B, Outcome(B, Kind.PLAYED, (1, 2), (Game("b"),)))
    assert (won.teams, won.scores, won.ranks, won.order, won.rated) == (((A,), (B,)), (1, 2), (), (2, 1), True)
    no_score = match_result(MatchId("W1.1"), A, B, Outcome(A))
    assert (no_score.ranks, no_score.order) == ((1, 2), (1, 2))
    drawn = match_result(MatchId("R1.1"), A, B, Outcome(None, Kind.DRAW, (1, 1)))
    assert (drawn.order, drawn.rated) == ((1, 1), True)
    overruled = match_result(MatchId("W1.1"), A, B, Outcome(A, Kind.ADMIN, (0, 2)))
    assert (overruled.scores, overruled.order, overruled.rated) == ((), (1, 2), True)
    for kind in (Kind.FORFEIT, Kind.NO_SHOW, Kind.WALKOVER, Kind.DQ):
        assert not match_result(MatchId("W1.1"), A, B, Outcome(A, kind)).rated
    assert not match_result(MatchId("W1.1"), A, B, Outcome(None, Kind.DOUBLE_FORFEIT)).rated
    rosters = {A: (EntrantId("ana"), EntrantId("bea"))}
    assert match_result(MatchId("W1.1"), A, B, Outcome(A), rosters).teams == (("ana", "bea"), (B,))


def test_a_heat_becomes_a_result_of_those_who_played() -> None:
    rows = (HeatRow(A, 2), HeatRow(B, 1), HeatRow(C, 3, absent=True))
    result = heat_result(HeatResult(MatchId("H1.G1"), rows))
    assert (result.teams, result.ranks, result.rated) == (((B,), (A,)), (1, 2), True)
    lonely = heat_result(HeatResult(MatchId("H1.G1"), (HeatRow(A, 1), HeatRow(B, 2, absent=True))))
    assert not lonely.rated
    assert rate(OpenSkillModel(), {}, lonely) == {}


def refusal(call: object, *args: object, **options: object) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **options)  # type: ignore[operator]
    return refused.value.code


EVENT = record(EloModel(), {}, duel(1, A, B, (1, 0)))


@pytest.mark.parametrize(
    ("call", "arguments", "code"),
    [
        (recompute, (EloModel(), [EVENT, EVENT]), "match_already_decided"),
        (recompute, (EloModel(), None), "invalid_event"),
        (recompute, (EloModel(), [1]), "invalid_event"),
        (recompute, ("elo", [EVENT]), "invalid_model"),
        (recompute, (EloModel(), [EVENT], 3), "invalid_rating"),
        (recompute, (EloModel(), [EVENT], {A: 3}), "invalid_rating"),
        (recompute, (EloModel(), [replace(EVENT, cause=None)]), "invalid_rated_result"),
        (ratings_after, ([1],), "invalid_event"),
        (ratings_after, (None,), "invalid_event"),
        (ratings_after, ([], 3), "invalid_rating"),
        (record, (EloModel(), {}, None), "invalid_rated_result"),
        (inflate, (EloModel(), {}, duel(1, A, B, (1, 0))), "invalid_rated_result"),
        (inflate, (None, {}, Inactivity((A,))), "invalid_model"),
        (is_provisional, (EloModel(), None), "invalid_rating"),
        (shown, (EloModel(), 1500), "invalid_rating"),
        (shown, (None, Rating(1.0)), "invalid_model"),
        (Inactivity, ((),), "invalid_rated_result"),
        (Inactivity, ((A, A),), "invalid_rated_result"),
        (Inactivity, ("AB",), "invalid_rated_result"),
        (Inactivity, ((A,), 0), "invalid_rated_result"),
        (Inactivity, ((A,), 1.5), "invalid_rated_result"),
        (match_result, ("M", A, B, None), "invalid_outcome"),
        (match_result, ("M", A, B, Outcome(C)), "winner_not_in_match"),
        (match_result, ("M", A, A, Outcome(A)), "invalid_rated_result"),
        (match_result, ("M", A, B, Outcome(A), 3), "invalid_rated_result"),
        (match_result, ("M", A, B, Outcome(A), {A: "ana"}), "invalid_rated_result"),
        (match_result, ("M", ["a"], B, Outcome(B), {}), "invalid_rated_result"),
        (match_result, ("", A, B, Outcome(A)), "invalid_rated_result"),
        (heat_result, (None,), "invalid_heat"),
        (heat_result, (HeatResult(MatchId("H"), (HeatRow(A, 1),)),), "invalid_rated_result"),
    ],
)
def test_nonsense_is_refused(call: object, arguments: tuple[object, ...], code: str) -> None:
    assert refusal(call, *arguments) == code
