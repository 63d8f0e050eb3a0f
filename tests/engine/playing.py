"""Stages to test on: planned by size, and played by a rule or at random."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from hypothesis import settings
from hypothesis import strategies as st

from tournaments.engine import (
    FORMATS,
    Adjustment,
    Correction,
    Disqualification,
    DqMode,
    EngineError,
    EntrantId,
    Event,
    Kind,
    MatchId,
    OptionValue,
    Outcome,
    Policy,
    Result,
    StageConfig,
    StagePlan,
    StageView,
    Withdrawal,
    apply,
    fold,
    next_round,
    plan_stage,
)

unhurried = settings(deadline=None)
"""For property tests: a slow machine is not a failure."""

Decide = Callable[[str, str], Outcome]
Setup = tuple[int, dict[str, OptionValue]]
DRAW_SEED = b"a secret of the draw"


def numbered(entrants: int) -> list[EntrantId]:
    """The entrants "1".."n", so that the best seed has the smallest number."""
    return [EntrantId(str(number)) for number in range(1, entrants + 1)]


def planned(format_name: str, entrants: int, **options: OptionValue) -> StagePlan:
    return plan_stage(StageConfig(format_name, options), numbered(entrants), DRAW_SEED)


def single(entrants: int, **options: OptionValue) -> StagePlan:
    return planned("single_elimination", entrants, **options)


def double(entrants: int, **options: OptionValue) -> StagePlan:
    return planned("double_elimination", entrants, **options)


def better_seed_wins(a: str, b: str) -> Outcome:
    return Outcome(EntrantId(min(a, b, key=int)))


def play(view: StageView, decide: Decide) -> StageView:
    """Play all open matches in plan order until none is left."""
    while view.ready:
        for match_id in view.ready:
            a, b = view.slots[match_id]
            view, _ = apply(view, Result(match_id, decide(str(a), str(b))))
    return view


def result(match_id: str, winner: int | None, kind: Kind = Kind.PLAYED) -> Result:
    return Result(MatchId(match_id), Outcome(None if winner is None else EntrantId(str(winner)), kind))


def played_at_random(plan: StagePlan, rng: Random, kinds: tuple[Kind, ...], stop_after: int) -> list[Result]:
    """Results in some order in which the matches could have been played, at most ``stop_after`` of them."""
    view = fold(plan)
    results: list[Result] = []
    while view.ready and len(results) < stop_after:
        match_id = rng.choice(view.ready)
        a, b = view.slots[match_id]
        kind = rng.choice(kinds)
        winner = None if kind is Kind.DOUBLE_FORFEIT else EntrantId(str(rng.choice((a, b))))
        results.append(Result(match_id, Outcome(winner, kind)))
        view, _ = apply(view, results[-1])
    return results


PLAYED_ONLY = (Kind.PLAYED,)
EVERY_KIND = (Kind.PLAYED, Kind.PLAYED, Kind.FORFEIT, Kind.NO_SHOW, Kind.DQ, Kind.ADMIN, Kind.DOUBLE_FORFEIT)


def _elimination_best_of(rng: Random) -> OptionValue:
    return rng.choice((1, 1, 3, (5, 3), (7, 5, 3, 1)))


def _single(rng: Random, most: int) -> Setup:
    options = {"third_place": rng.random() < 0.5, "best_of": _elimination_best_of(rng)}
    return rng.randint(2, most), options


def _reseeded(rng: Random, most: int) -> Setup:
    return rng.randint(2, most), {"reseed": True, "third_place": rng.random() < 0.5}


def _double(rng: Random, most: int) -> Setup:
    drops = ("cycle", ("natural",), ("reverse", "half_shift"), ("pair_flip", "reverse_half_shift"))
    return rng.randint(3, max(3, most)), {
        "grand_final": rng.choice(("reset", "single", "wb_advantage", "none")),
        "lb_order": rng.choice(drops),
        "skip_r1": rng.random() < 0.3,
        "best_of": _elimination_best_of(rng),
    }


def _round_robin(rng: Random, most: int) -> Setup:
    points = rng.choice(((3, 1, 0), (1, 0.5, 0, 1), (2, 1, 0), (2, 0, 0)))
    return rng.randint(2, min(most, 12)), {
        "legs": rng.choice((1, 1, 2, 3)),
        "best_of": rng.choice((1, 2, 3)),
        "draws": rng.random() < 0.7,
        "points": points,
        "ranking": rng.choice(("esports_rr", "startgg_rr", "fifa", "uefa", "POINTS,SB,PLAYOFF")),
        "withdrawn": rng.choice(("half", "forfeit", "annul")),
    }


def _stepladder(rng: Random, most: int) -> Setup:
    return rng.randint(2, min(most, 20)), {"best_of": _elimination_best_of(rng)}


def _groups(rng: Random, most: int) -> Setup:
    inner = rng.choice(("round_robin", "gsl", "double_elimination", "single_elimination", "stepladder"))
    count = rng.randint(1, max(1, min(5, most // 4)))
    size = 4 if inner == "gsl" else rng.randint(3, max(3, min(8, most // count)))
    extra = 0 if inner == "gsl" else rng.randrange(count)
    own: dict[str, OptionValue] = {"withdrawn": "annul"} if inner == "round_robin" else {}
    seeding = rng.choice(("snake", "effort_balanced", "bracket_optimized"))
    return count * size + extra, {"group_count": count, "inner_format": inner, "seeding": seeding, **own}


def _swiss(rng: Random, most: int) -> Setup:
    size = rng.randint(2, min(most, 16))
    rounds = rng.choice((0, rng.randint(1, size - 1)))
    first_round = rng.choice(("fold", "slide", "adjacent", "random"))
    return size, {"rounds": rounds, "first_round": first_round, "draws": rng.random() < 0.7}


def _limited_swiss(rng: Random, most: int) -> Setup:
    wins = rng.choice((2, 3))
    return (rng.choice((8, 16)) if wins == 2 else 16), {"wins": wins, "losses": wins}


FORMAT_SETUPS: dict[str, tuple[Callable[[Random, int], Setup], ...]] = {
    "single_elimination": (_single, _reseeded),
    "double_elimination": (_double,),
    "round_robin": (_round_robin,),
    "gsl": (lambda rng, most: (4, {"best_of": _elimination_best_of(rng)}),),
    "stepladder": (_stepladder,),
    "groups": (_groups,),
    "swiss": (_swiss,),
    "swiss_limited": (_limited_swiss,),
}
"""How each format of two opponents is set up at random, for at most so many entrants."""

LINKED = ("single_elimination", "double_elimination", "gsl", "stepladder")
"""Brackets, in which the losers of a match are out or drop."""

MATCH_FORMATS = tuple(name for name in FORMAT_SETUPS if name in FORMATS)


def random_plan(rng: Random, most: int, formats: tuple[str, ...] = MATCH_FORMATS) -> StagePlan:
    name = rng.choice(formats)
    entrants, options = rng.choice(FORMAT_SETUPS[name])(rng, most)
    return planned(name, entrants, **options)


def random_outcome(view: StageView, match_id: MatchId, kind: Kind, rng: Random) -> Outcome:
    """An outcome the open match can have; where the kind is not one of them, a played one."""
    spec, state = view.plan.match(match_id), view.states[match_id]
    if kind is Kind.DRAW and (not spec.draws or (spec.best_of > 1 and spec.best_of % 2)):
        kind = Kind.PLAYED
    if kind is Kind.DOUBLE_FORFEIT and FORMATS[view.plan.config.format].decisive:
        kind = Kind.PLAYED
    if kind in (Kind.DRAW, Kind.DOUBLE_FORFEIT):
        return Outcome(None, kind)
    winner = EntrantId(str(rng.choice((state.a, state.b))))
    if kind is not Kind.PLAYED or rng.random() < 0.5:
        return Outcome(winner, kind)
    need = spec.best_of // 2 + 1
    a_wins = winner == state.a
    won, lost = need, rng.randint(0 if a_wins else spec.advantage, spec.best_of - need)
    return Outcome(winner, kind, (won, lost) if a_wins else (lost, won))


@dataclass(frozen=True, slots=True)
class Ways:
    """How likely each kind of event is while a stage is played at random; the rest are results."""

    kinds: tuple[Kind, ...] = (*(Kind.PLAYED,) * 8, *tuple(kind for kind in Kind if kind is not Kind.WALKOVER))
    leaving: float = 0.05
    adjusting: float = 0.03
    correcting: float = 0.0


ANYTHING = Ways()


def random_event(view: StageView, rng: Random, ways: Ways) -> Event | None:
    """Something that may happen now; None when everything is played."""
    chance = rng.random()
    entrant = rng.choice(view.plan.seeds)
    if chance < ways.leaving and entrant not in view.gone:
        return rng.choice((Withdrawal(entrant), Disqualification(entrant, rng.choice(list(DqMode)))))
    if ways.leaving <= chance < ways.leaving + ways.adjusting:
        return Adjustment(entrant, rng.randint(-6, 6), "late", rng.randint(0, 2))
    results = view.results
    if results and rng.random() < ways.correcting:
        match_id = rng.choice(results).match_id
        outcome = random_outcome(view, match_id, rng.choice(ways.kinds), rng)
        return Correction(match_id, outcome, rng.choice(list(Policy)))
    if view.round_to_pair is not None:
        return next_round(view).event
    ready = view.ready
    if not ready:
        return None
    match_id = rng.choice(ready)
    return Result(match_id, random_outcome(view, match_id, rng.choice(ways.kinds), rng))


def random_history(plan: StagePlan, rng: Random, ways: Ways, stop_after: int) -> tuple[list[Event], list[StageView]]:
    """Events that were accepted one after the other, and the views before, between and after them."""
    views = [fold(plan)]
    events: list[Event] = []
    refused = 0
    while len(events) < stop_after and refused < 50:
        event = random_event(views[-1], rng, ways)
        if event is None:
            break
        try:
            view, _ = apply(views[-1], event)
        except EngineError:
            if not isinstance(event, Correction | Adjustment):
                raise
            refused += 1
            continue
        events.append(event)
        views.append(view)
    return events, views


@st.composite
def histories(
    draw: st.DrawFn,
    formats: tuple[str, ...] = MATCH_FORMATS,
    ways: Ways = ANYTHING,
    most: int = 24,
    complete: bool = False,
) -> tuple[StagePlan, list[Event]]:
    """A plan of any format and events of every type for it, as far as it goes."""
    rng = Random(draw(st.integers(0, 2**32)))
    plan = random_plan(rng, draw(st.integers(2, most)), formats)
    longest = 10 * len(plan.matches) + 10
    events, _ = random_history(plan, rng, ways, longest if complete else rng.randint(0, len(plan.matches) + 3))
    return plan, events


def _without_reseed(rng: Random, formats: tuple[str, ...], most: int) -> StagePlan:
    while True:
        plan = random_plan(rng, most, formats)
        if not any(round_.drawn for round_ in plan.matches.rounds):
            return plan


@st.composite
def stages(
    draw: st.DrawFn,
    kinds: tuple[Kind, ...] = EVERY_KIND,
    complete: bool = False,
    formats: tuple[str, ...] = LINKED,
) -> tuple[StagePlan, list[Result]]:
    """A planned bracket of up to 40 entrants and results for it, as far as it goes."""
    rng = Random(draw(st.integers(0, 2**32)))
    plan = _without_reseed(rng, formats, draw(st.integers(2, 40)))
    stop_after = len(plan.matches) if complete else rng.randint(0, len(plan.matches))
    return plan, played_at_random(plan, rng, kinds, stop_after)
