"""Stages to test on: planned by size, and played by a rule or at random."""

from collections.abc import Callable
from random import Random

from hypothesis import settings
from hypothesis import strategies as st

from tournaments.engine import (
    EntrantId,
    Kind,
    MatchId,
    OptionValue,
    Outcome,
    Result,
    StageConfig,
    StagePlan,
    StageView,
    apply,
    fold,
    plan_stage,
)

unhurried = settings(deadline=None)
"""For property tests: a slow machine is not a failure."""

Decide = Callable[[str, str], Outcome]


def numbered(entrants: int) -> list[EntrantId]:
    """The entrants "1".."n", so that the best seed has the smallest number."""
    return [EntrantId(str(number)) for number in range(1, entrants + 1)]


def single(entrants: int, **options: OptionValue) -> StagePlan:
    return plan_stage(StageConfig("single_elimination", options), numbered(entrants))


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


@st.composite
def stages(
    draw: st.DrawFn, kinds: tuple[Kind, ...] = EVERY_KIND, complete: bool = False
) -> tuple[StagePlan, list[Result]]:
    """A plan of up to 40 entrants and results for it, as far as it goes."""
    entrants = draw(st.integers(2, 40))
    plan = single(entrants, third_place=draw(st.booleans()))
    stop_after = entrants + 1 if complete else draw(st.integers(0, entrants))
    return plan, played_at_random(plan, Random(draw(st.integers(0, 2**32))), kinds, stop_after)
