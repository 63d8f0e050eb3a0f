"""The three rating models against published numbers and their own promises."""

import json
import math
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tournaments.engine
from tests.engine.playing import numbered, unhurried
from tournaments.engine.errors import EngineError
from tournaments.engine.rating import (
    Comparison,
    EloModel,
    Glicko2Model,
    Model,
    OpenSkillModel,
    RatedResult,
    Rating,
    expected,
    margin_factor,
    rate,
    rate_period,
    update,
)
from tournaments.engine.rating import openskill as openskill_model
from tournaments.engine.types import EntrantId, Kind, MatchId

VECTORS = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "openskill"
fuzzed = settings(unhurried, max_examples=int(os.environ.get("ENGINE_FUZZ", "80")))
A, B = numbered(2)


def duel(*ranks: int, scores: tuple[int, ...] = (), kind: Kind = Kind.PLAYED) -> RatedResult:
    return RatedResult(MatchId("W1.1"), ((A,), (B,)), ranks, scores, kind=kind)


def teams_of(*sizes: int) -> tuple[tuple[EntrantId, ...], ...]:
    names = iter(numbered(sum(sizes)))
    return tuple(tuple(next(names) for _ in range(size)) for size in sizes)


def test_elo_expects_ten_to_one_at_400_points() -> None:
    assert expected(1500, 1500) == 0.5
    assert math.isclose(expected(1900, 1500), 10 / 11, rel_tol=1e-15)
    assert math.isclose(expected(1613, 1609), 0.5057562, rel_tol=1e-6)
    assert expected(9999, -9999) <= 1
    assert expected(-9999, 9999) > 0


def test_elo_moves_by_k_times_the_surprise() -> None:
    settled = {A: Rating(1500.0, games=30), B: Rating(1900.0, games=99)}
    after = rate(EloModel(), settled, duel(1, 2))
    assert after == {A: Rating(1518.181818, games=31), B: Rating(1881.818182, games=100)}
    drawn = rate(EloModel(), settled, duel(1, 1))
    assert (drawn[A].value, drawn[B].value) == (1508.181818, 1891.818182)


@pytest.mark.parametrize(
    ("rating", "k"),
    [
        (Rating(1500.0), 40), (Rating(2500.0, games=29), 40), (Rating(1500.0, games=30), 20),
        (Rating(2400.0, games=30), 20), (Rating(2400.000001, games=30), 10),
    ],
)  # fmt: skip
def test_k_falls_with_games_and_rating(rating: Rating, k: float) -> None:
    assert EloModel().k_of(rating) == k


def test_a_clearer_win_moves_elo_further_only_where_the_model_says_so() -> None:
    assert [float(margin_factor(games)) for games in range(6)] == [1, 1, 1.5, 1.75, 1.875, 2]
    assert rate(EloModel(), {}, duel(scores=(3, 0)))[A].value == 1520
    assert rate(EloModel(margin=True), {}, duel(scores=(3, 0)))[A].value == 1535
    assert rate(EloModel(margin=True), {}, duel(1, 2))[A].value == 1520


def test_glicko2_paper_example() -> None:
    """Three games of one period: 1464.0507, 151.5165, 0.0599960 (the paper rounds on the way: 1464.06, 151.52)."""
    games = [(Rating(1400, 30, 0.06), 1.0), (Rating(1550, 100, 0.06), 0.0), (Rating(1700, 300, 0.06), 0.0)]
    after = update(Rating(1500, 200, 0.06), games, tau=0.5)
    assert round(after.value, 4) == 1464.0507
    assert round(after.deviation, 4) == 151.5165
    assert round(after.volatility, 7) == 0.0599960
    assert after.games == 3


def test_glicko2_volatility_solves_the_paper_equation() -> None:
    """The new volatility is a root of f in step 5, for calm and for surprising results."""
    for value, score, tau in ((1500.0, 1.0, 0.5), (1500.0, 0.0, 1.2), (3200.0, 1.0, 0.3), (2900.0, 1.0, 1.0)):
        me, other = Rating(1500.0, 60.0, 0.06), Rating(value, 40.0, 0.06)
        sigma = update(me, [(other, score)], tau).volatility
        phi, weight = 60 / 173.7178, 1 / math.sqrt(1 + 3 * (40 / 173.7178) ** 2 / math.pi**2)
        chance = 1 / (1 + math.exp(-weight * (1500 - value) / 173.7178))
        v = 1 / (weight**2 * chance * (1 - chance))
        delta, power = v * weight * (score - chance), sigma**2
        left = power * (delta**2 - phi**2 - v - power) / (2 * (phi**2 + v + power) ** 2)
        assert math.isclose(left, (math.log(power) - math.log(0.06**2)) / tau**2, rel_tol=1e-6, abs_tol=1e-9)


def test_a_surprise_raises_and_an_expected_result_lowers_glicko2_volatility() -> None:
    me = Rating(1500.0, 50.0, 0.06)
    assert update(me, [(Rating(2500.0, 50.0, 0.06), 1.0)]).volatility > 0.06
    assert update(me, [(Rating(1500.0, 50.0, 0.06), 0.5)] * 5).volatility < 0.06


def test_a_glicko2_period_without_games_only_adds_uncertainty() -> None:
    me = Rating(1500.0, 50.0, 0.06, games=7)
    after = update(me, [])
    assert (after.value, after.volatility, after.games) == (1500.0, 0.06, 7)
    assert math.isclose(after.deviation, math.sqrt(50**2 + (173.7178 * 0.06) ** 2), rel_tol=1e-12)


def test_a_glicko2_period_judges_every_game_by_the_ratings_before_it() -> None:
    model = Glicko2Model()
    names = ["me", "x", "y", "z", "idle"]
    before = {
        EntrantId(name): Rating(*numbers)
        for name, numbers in zip(
            names, ((1500, 200, 0.06), (1400, 30, 0.06), (1550, 100, 0.06), (1700, 300, 0.06), (1500, 349, 0.06)),
            strict=True,
        )
    }  # fmt: skip
    games = [
        RatedResult(MatchId(f"M{opponent}"), ((EntrantId("me"),), (EntrantId(opponent),)), ranks)
        for opponent, ranks in (("x", (1, 2)), ("y", (2, 1)), ("z", (2, 1)))
    ]
    unrated = RatedResult(MatchId("F"), ((EntrantId("idle"),), (EntrantId("x"),)), (1, 2), kind=Kind.NO_SHOW)
    after = rate_period(model, before, [*games, unrated])
    assert after[EntrantId("me")] == Rating(1464.050671, 151.516524, 0.0599959844, 3)
    assert after[EntrantId("x")] == update(before[EntrantId("x")], [(before[EntrantId("me")], 0.0)]).stored
    assert after[EntrantId("idle")] == Rating(1500.0, 349.155611, 0.06)
    assert rate_period(model, before, [*games, unrated][::-1]) == after
    assert set(rate_period(model, {}, games[:1])) == {"me", "x"}


CASES: dict[str, tuple[tuple[int, ...], dict[str, object], dict[str, object]]] = {
    "normal": ((1, 2), {"ranks": (1, 2)}, {}),
    "ranks": ((1, 2, 1, 2), {"ranks": (2, 1, 4, 3)}, {}),
    "scores": ((1, 2), {"scores": (1, 2)}, {}),
    "margins": (
        (2, 2, 2, 2, 2),
        {"scores": (10, 5, 5, 2, 1), "weights": ((1, 2), (2, 1), (1, 2), (3, 1), (1, 2))},
        {"margin": 2.0},
    ),
    "limit_sigma": ((1, 2, 3), {"ranks": (2, 1, 3)}, {"limit_sigma": True}),
    "ties": ((1, 2, 3), {"ranks": (1, 2, 1)}, {}),
    "weights": ((3, 2, 3, 2), {"ranks": (2, 1, 4, 3), "weights": ((2, 0, 0), (1, 2), (0, 0, 1), (0, 1))}, {}),
    "balance": ((2, 2), {"ranks": (1, 2)}, {}),
}


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the published OpenSkill vectors are not here")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("comparison", Comparison)
def test_openskill_vectors(comparison: Comparison, case: str) -> None:
    """Every case of the library's own vectors, to 1e-9. (All players of ``balance`` are equal there, so that the
    balancing of unequal players, which this engine leaves out, does not show.)"""
    vectors = json.loads((VECTORS / f"{comparison.value.replace('_', '')}.json").read_text(encoding="utf-8"))
    assert set(vectors) == {"model", *CASES}
    sizes, given_result, options = CASES[case]
    model = OpenSkillModel(comparison, vectors["model"]["mu"], vectors["model"]["sigma"], **options)  # type: ignore[arg-type]
    result = RatedResult(MatchId("M"), teams_of(*sizes), **given_result)  # type: ignore[arg-type]
    after = openskill_model.rate(model, tuple(tuple(model.start for _ in range(size)) for size in sizes), result)
    for number, team in enumerate(after, 1):
        for player, published in zip(team, vectors[case][f"team_{number}"], strict=True):
            assert abs(player.value - published["mu"]) < 1e-9
            assert abs(player.deviation - published["sigma"]) < 1e-9


UNEQUAL = ((Rating(31.0, 4.0), Rating(18.5, 7.25)), (Rating(22.0, 2.0),),
           (Rating(40.0, 8.0), Rating(25.0, 8.0), Rating(10.0, 1.5)))  # fmt: skip
BY_MARGIN = RatedResult(
    MatchId("M"), teams_of(2, 1, 3), scores=(9, 1, 3), weights=((1.0, 4.0), (1.0,), (2.0, 2.0, 5.0))
)
BY_RANK = RatedResult(MatchId("M"), teams_of(2, 1, 3), ranks=(2, 1, 2))


@pytest.mark.parametrize(
    ("model", "result", "published"),
    [
        (OpenSkillModel(), BY_RANK,
         [(31.16855725, 3.98279639), (19.053569798, 7.142360009), (22.2436263, 2.001679443),
          (35.434303022, 7.785328875), (20.434303022, 7.785328875), (9.839009274, 1.500907254)]),
        (OpenSkillModel(margin=2.0, tau=0.5), BY_MARGIN,
         [(31.84167804, 4.021735631), (23.970907257, 7.1564343), (21.981223232, 2.061408292),
          (37.239855628, 7.83333904), (22.239855628, 7.83333904), (9.946300693, 1.580447133)]),
        (OpenSkillModel(Comparison.BRADLEY_TERRY_FULL), BY_RANK,
         [(29.913824091, 3.97623535), (14.932819248, 7.102821999), (22.664487554, 2.001232072),
          (33.728763469, 7.86826908), (18.728763469, 7.86826908), (9.778870362, 1.50144491)]),
        (OpenSkillModel(Comparison.BRADLEY_TERRY_FULL, margin=2.0, tau=0.5), BY_MARGIN,
         [(32.068292118, 3.984507134), (25.44389877, 6.702091183), (21.964143685, 2.060973191),
          (36.860263553, 7.846057399), (21.860263553, 7.846057399), (9.938915633, 1.580494891)]),
    ],
)  # fmt: skip
def test_unequal_players_get_the_numbers_of_openskill_6_2(
    model: OpenSkillModel, result: RatedResult, published: list[tuple[float, float]]
) -> None:
    after = [rating for team in openskill_model.rate(model, UNEQUAL, result) for rating in team]
    assert [(round(rating.value, 9), round(rating.deviation, 9)) for rating in after] == published


def any_ratings(draw: st.DrawFn, model: Model, sizes: tuple[int, ...]) -> dict[EntrantId, Rating]:
    volatile = 0.06 if isinstance(model, Glicko2Model) else 0.0
    middle, wide = (25.0, 30.0) if isinstance(model, OpenSkillModel) else (1500.0, 1200.0)
    return {
        entrant: Rating(
            draw(st.floats(middle - wide, middle + wide)),
            draw(st.floats(wide / 100, wide / 3)),
            volatile,
            draw(st.integers(0, 60)),
        )
        for team in teams_of(*sizes)
        for entrant in team
    }


DUEL_MODELS: list[Model] = [EloModel(), EloModel(margin=True), Glicko2Model(), Glicko2Model(tau=1.2)]
TEAM_MODELS = [
    OpenSkillModel(comparison, limit_sigma=limit, margin=margin)
    for comparison in Comparison
    for limit in (False, True)
    for margin in (0.0, 2.0)
]


@st.composite
def rated(draw: st.DrawFn) -> tuple[Model, dict[EntrantId, Rating], RatedResult]:
    model: Model = draw(st.sampled_from([*DUEL_MODELS, *TEAM_MODELS]))
    if isinstance(model, OpenSkillModel):
        sizes = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=6)))
    else:
        sizes = (1, 1)
    scores = tuple(draw(st.integers(0, 5)) for _ in sizes)
    return model, any_ratings(draw, model, sizes), RatedResult(MatchId("M"), teams_of(*sizes), scores=scores)


@fuzzed
@given(rated())
def test_the_only_winner_never_falls_and_the_only_loser_never_rises(
    example: tuple[Model, dict[EntrantId, Rating], RatedResult],
) -> None:
    model, before, result = example
    after = rate(model, before, result)
    first, last = min(result.order), max(result.order)
    for team, rank in zip(result.teams, result.order, strict=True):
        for member in team:
            change = after[member].value - before[member].stored.value
            if rank == first and result.order.count(first) == 1:
                assert change >= -1e-6
            if rank == last and result.order.count(last) == 1 and len(result.teams) == 2:
                assert change <= 1e-6
            assert after[member].games == before[member].games + 1
            assert after[member].deviation >= 0


@fuzzed
@given(st.floats(0, 3000), st.floats(0, 3000), st.sampled_from([(1, 2), (2, 1), (1, 1)]), st.sampled_from([0, 30]))
def test_elo_is_zero_sum_for_equal_k(a: float, b: float, ranks: tuple[int, int], games: int) -> None:
    model = EloModel(top=9999.0)
    before = {A: Rating(a, games=games).stored, B: Rating(b, games=games).stored}
    after = rate(model, before, duel(*ranks))
    micro = [round(rating.value * 10**6) for rating in (*before.values(), *after.values())]
    assert micro[0] + micro[1] == micro[2] + micro[3]


def test_elo_is_zero_sum_when_a_change_is_half_of_the_last_decimal() -> None:
    for odd in range(1, 99, 2):
        start = 1500 + odd / 10**6
        before = {A: Rating(start, games=30), B: Rating(start, games=30)}
        after = rate(EloModel(k=odd * 1e-6), before, duel(1, 2))
        assert round(after[A].value * 10**6) + round(after[B].value * 10**6) == 2 * (1500 * 10**6 + odd)


@fuzzed
@given(rated(), st.randoms(use_true_random=False))
def test_the_order_of_teams_means_nothing(
    example: tuple[Model, dict[EntrantId, Rating], RatedResult], rng: Random
) -> None:
    model, before, result = example
    order = rng.sample(range(len(result.teams)), len(result.teams))
    other = RatedResult(
        result.match, tuple(result.teams[at] for at in order), scores=tuple(result.scores[at] for at in order)
    )
    mixed = rate(model, before, other)
    for entrant, rating in rate(model, before, result).items():
        assert abs(mixed[entrant].value - rating.value) <= 2e-6
        assert abs(mixed[entrant].deviation - rating.deviation) <= 2e-6


@fuzzed
@given(rated(), st.sampled_from([Kind.FORFEIT, Kind.NO_SHOW, Kind.WALKOVER, Kind.DOUBLE_FORFEIT, Kind.DQ]))
def test_what_was_not_played_is_not_rated(
    example: tuple[Model, dict[EntrantId, Rating], RatedResult], kind: Kind
) -> None:
    model, before, result = example
    assert rate(model, before, RatedResult(result.match, result.teams, scores=result.scores, kind=kind)) == {}


@fuzzed
@given(rated())
def test_stored_ratings_are_rounded_once(example: tuple[Model, dict[EntrantId, Rating], RatedResult]) -> None:
    for rating in rate(*example).values():
        assert rating.stored == rating
        assert rating.value == round(rating.value, 6)


def test_a_draw_with_a_stronger_team_raises_the_weaker_one() -> None:
    for model in TEAM_MODELS:
        after = rate(model, {A: Rating(20.0, 5.0), B: Rating(30.0, 5.0)}, duel(1, 1))
        if model.comparison is Comparison.BRADLEY_TERRY_FULL:
            assert after[A].value > 20 > 30 - after[B].value
    after = rate(Glicko2Model(), {A: Rating(1400.0, 80.0, 0.06), B: Rating(1600.0, 80.0, 0.06)}, duel(1, 1))
    assert after[A].value > 1400
    assert after[B].value < 1600


def test_limit_sigma_never_makes_a_rating_less_certain() -> None:
    sure = {A: Rating(60.0, 0.5), B: Rating(-20.0, 0.5)}
    assert rate(OpenSkillModel(tau=1.0), sure, duel(1, 2))[A].deviation > 0.5
    assert rate(OpenSkillModel(tau=1.0, limit_sigma=True), sure, duel(1, 2))[A].deviation == 0.5


def test_kappa_is_the_part_of_the_variance_that_a_result_leaves() -> None:
    for comparison in Comparison:
        after = rate(OpenSkillModel(comparison, kappa=1.0, tau=3.0), {A: Rating(25.0, 4.0)}, duel(1, 2))
        assert after[A].deviation == 5.0


def test_a_heat_of_128_and_extreme_ratings_stay_finite() -> None:
    for comparison in Comparison:
        model = OpenSkillModel(comparison)
        before = {entrant: Rating(9_000.0 if int(entrant) % 2 else -9_000.0, 1e-3) for entrant in numbered(128)}
        result = RatedResult(MatchId("H1.G1"), teams_of(*[1] * 128), tuple(range(1, 129)))
        for entrant, rating in rate(model, before, result).items():
            assert abs(rating.value - before[entrant].value) < 1
        apart = {A: Rating(9_000.0, 1.0), B: Rating(-9_000.0, 1.0)}
        assert [rating.value for rating in rate(model, apart, duel(1, 2)).values()] == [9_000.0, -9_000.0]
        assert rate(model, apart, duel(2, 1))[A].value < 9_000
    calm = rate(Glicko2Model(), {A: Rating(-9000.0, 30.0, 0.06), B: Rating(9000.0, 30.0, 0.06)}, duel(2, 1))
    assert (calm[A].value, calm[B].value) == (-9000.0, 9000.0)


def refusal(call: object, *args: object, **options: object) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **options)  # type: ignore[operator]
    return refused.value.code


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "arguments",
    [
        (NAN,), (INF,), (10_001,), (-10_001,), (None,), ("1500",), (True,), (1500, -1), (1500, 1001), (1500, NAN),
        (1500, 1, -0.1), (1500, 1, 11), (1500, 1, 0, -1), (1500, 1, 0, 1.0), (1500, 1, 0, True), (1500, None),
    ],
)  # fmt: skip
def test_ratings_refuse_nonsense(arguments: tuple[object, ...]) -> None:
    assert refusal(Rating, *arguments) == "invalid_rating"


@pytest.mark.parametrize(
    "options",
    [
        {"match": ""}, {"match": 1}, {"teams": ((A,),)}, {"teams": ((A,), ())}, {"teams": ((A,), (A,))},
        {"teams": [(A,), (B,)]}, {"teams": ((A,), [B])}, {"teams": ((A,), (2,))}, {"teams": ((A,), ("",))},
        {"teams": None}, {"teams": ((A,), (["b"],))}, {"ranks": ()}, {"ranks": (1,)}, {"ranks": (1, 2, 3)},
        {"ranks": (1, 2.0)}, {"ranks": (1, True)}, {"ranks": (1, 10**10)}, {"ranks": [1, 2]}, {"ranks": None},
        {"scores": (1, 2)}, {"scores": [1, 2], "ranks": ()}, {"kind": "played"}, {"weights": ((1,),)},
        {"weights": ((1,), (1, 2))}, {"weights": ((1,), (-1,))}, {"weights": ((1,), (NAN,))},
        {"weights": [[1], [1]]}, {"weights": None}, {"weights": ((1,), ("1",))},
        {"teams": teams_of(*[1] * 129), "ranks": tuple(range(129))}, {"teams": teams_of(65, 1)},
    ],
)  # fmt: skip
def test_results_refuse_nonsense(options: dict[str, object]) -> None:
    arguments = {"match": "M", "teams": ((A,), (B,)), "ranks": (1, 2), **options}
    assert refusal(RatedResult, **arguments) == "invalid_rated_result"


@pytest.mark.parametrize(
    ("model", "options"),
    [
        *[(EloModel, {name: NAN}) for name in ("initial", "scale", "k", "k_new", "k_top", "top")],
        (EloModel, {"scale": 0}), (EloModel, {"k": -1}), (EloModel, {"k": True}), (EloModel, {"new_games": 1.5}),
        (EloModel, {"new_games": -1}), (EloModel, {"margin": 1}), (EloModel, {"version": 1}),
        *[(Glicko2Model, {name: NAN}) for name in ("initial", "deviation", "volatility", "tau", "settled_below")],
        (Glicko2Model, {"tau": 0}), (Glicko2Model, {"deviation": 0}), (Glicko2Model, {"volatility": 0}),
        (Glicko2Model, {"version": None}),
        *[(OpenSkillModel, {name: NAN}) for name in ("mu", "sigma", "beta", "kappa", "tau", "margin", "inactivity")],
        (OpenSkillModel, {"comparison": "plackett_luce"}), (OpenSkillModel, {"sigma": 0}),
        (OpenSkillModel, {"beta": 0}),
        (OpenSkillModel, {"kappa": 0}), (OpenSkillModel, {"tau": -1}), (OpenSkillModel, {"limit_sigma": 1}),
        (OpenSkillModel, {"shown_base": 1.5}), (OpenSkillModel, {"version": 2}),
    ],
)  # fmt: skip
def test_models_refuse_nonsense(model: object, options: dict[str, object]) -> None:
    assert refusal(model, **options) == "invalid_model"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("elo", {}, duel(1, 2)), "invalid_model"),
        ((EloModel(), None, duel(1, 2)), "invalid_rating"),
        ((EloModel(), {A: 1500}, duel(1, 2)), "invalid_rating"),
        ((EloModel(), {}, None), "invalid_rated_result"),
        ((EloModel(), {}, RatedResult(MatchId("M"), teams_of(1, 1, 1), (1, 2, 3))), "invalid_rated_result"),
        ((EloModel(), {}, RatedResult(MatchId("M"), teams_of(2, 1), (1, 2))), "invalid_rated_result"),
        ((Glicko2Model(), {}, RatedResult(MatchId("M"), teams_of(1, 2), (1, 2))), "invalid_rated_result"),
        ((Glicko2Model(), {A: Rating(1500.0, 50.0)}, duel(1, 2)), "invalid_rating"),
        ((Glicko2Model(), {A: Rating(1500.0, 0.0, 0.06)}, duel(1, 2)), "invalid_rating"),
        ((Glicko2Model(), {A: Rating(-9000.0, 900.0, 0.06), B: Rating(9000.0, 1.0, 0.06)}, duel(1, 2)), None),
        ((OpenSkillModel(), {A: Rating(25.0)}, duel(1, 2)), "invalid_rating"),
    ],
)
def test_rate_refuses_nonsense(arguments: tuple[object, ...], code: str | None) -> None:
    if code is None:
        assert set(rate(*arguments)) == {A, B}  # type: ignore[arg-type]
    else:
        assert refusal(rate, *arguments) == code


def test_glicko2_refuses_nonsense() -> None:
    me = Rating(1500.0, 50.0, 0.06)
    assert refusal(update, me, [(me, 2.0)]) == "invalid_rated_result"
    assert refusal(update, me, [me]) == "invalid_rated_result"
    assert refusal(update, me, None) == "invalid_rated_result"
    assert refusal(update, me, [(None, 1.0)]) == "invalid_rating"
    assert refusal(update, None, []) == "invalid_rating"
    assert refusal(update, me, [], NAN) == "invalid_model"
    assert refusal(rate_period, EloModel(), {}, []) == "invalid_model"
    assert refusal(rate_period, Glicko2Model(), None, []) == "invalid_rating"
    assert refusal(rate_period, Glicko2Model(), {A: 1}, []) == "invalid_rating"
    assert refusal(rate_period, Glicko2Model(), {}, None) == "invalid_rated_result"
    assert refusal(rate_period, Glicko2Model(), {}, [1]) == "invalid_rated_result"
    team = RatedResult(MatchId("M"), teams_of(2, 1), (1, 2))
    assert refusal(rate_period, Glicko2Model(), {}, [team]) == "invalid_rated_result"
