"""What is measured of the engine. Tables that it remembers between calls are forgotten before each repetition."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from tournaments.engine import (
    BasisPoints,
    EntrantId,
    MatchId,
    Outcome,
    PlaceRange,
    Result,
    RoundPairing,
    StageConfig,
    StagePlan,
    StageView,
    Status,
    apply,
    distribute,
    fold,
    next_round,
    plan_stage,
)
from tournaments.engine.heats import SUPER, HeatResult, HeatRow, heat_standings
from tournaments.engine.ranking import Meeting, MeetingKind, Record, Table, rank
from tournaments.engine.swiss.pairing import Field, pair_round
from tournaments.engine.types import Kind

from .measuring import Stopwatch
from .positions import Position, half_points, read, rounds_of, tournament

Line = dict[str, object]
RESULTS = 31
"""How many results are recorded one after the other when the cost of one is measured."""
GAMES = 30
_WORDS: Mapping[int, Literal["win", "draw", "loss"]] = {2: "win", 1: "draw", 0: "loss"}


class Job(NamedTuple):
    """``positions`` is the file with the rounds to pair, "" where none are."""

    size: int
    positions: str


def forget() -> None:
    """Empty every cache of the engine's modules."""
    for name, module in sys.modules.items():
        if name.startswith("tournaments.engine"):
            for value in vars(module).values():
                if callable(clear := getattr(value, "cache_clear", None)):
                    clear()


def entrants(count: int) -> tuple[EntrantId, ...]:
    return tuple(EntrantId(f"Entrant {number}") for number in range(1, count + 1))


def _line(times: list[float], peak: int, **more: object) -> Line:
    return {"times": times, "peak": peak, **more}


def planned(format_: str, *, read_all: bool) -> Callable[[Job, Stopwatch], Iterator[Line]]:
    def work(job: Job, watch: Stopwatch) -> Iterator[Line]:
        seeds, config = entrants(job.size), StageConfig(format_)

        def run(_: None) -> object:
            plan = plan_stage(config, seeds)
            return list(plan.matches) if read_all else plan

        times, peak, _ = watch.measure(forget, run)
        yield _line(times, peak)

    return work


def played(plan: StagePlan) -> list[Result]:
    """A result for each match in the order of the plan; the winners are drawn."""
    random = Random(f"bracket {len(plan.seeds)}")  # noqa: S311
    view, results = fold(plan), []
    for position in range(len(plan.matches)):
        state = view.states.at(position)
        if state.status is Status.READY and isinstance(state.a, str) and isinstance(state.b, str):
            winner = state.a if random.random() < 0.5 else state.b
            results.append(Result(plan.matches.id_at(position), Outcome(winner)))
            view, _ = apply(view, results[-1])
    return results


def folded(job: Job, watch: Stopwatch) -> Iterator[Line]:
    config, seeds = StageConfig("double_elimination"), entrants(job.size)
    results = played(plan_stage(config, seeds))

    def prepare() -> StagePlan:
        forget()
        return plan_stage(config, seeds)

    times, peak, view = watch.measure(prepare, lambda plan: fold(plan, results))
    yield _line(times, peak, complete=view.complete)


def one_result(job: Job, watch: Stopwatch) -> Iterator[Line]:
    """The matches of the first round, one after the other, after one that is not counted: see ``first_result``."""
    plan = plan_stage(StageConfig("double_elimination"), entrants(job.size))
    first, *some = first_round_results(plan, RESULTS + 1)
    begun, _ = apply(fold(plan), first)

    def run(view: StageView) -> StageView:
        for result in some:
            view, _ = apply(view, result)
        return view

    times, peak, _ = watch.measure(lambda: begun, run, len(some))
    yield _line(times, peak)


def first_result(job: Job, watch: Stopwatch) -> Iterator[Line]:
    """The first result after a plan was made: it also makes the index of the matches' ids."""

    def prepare() -> tuple[StageView, Result]:
        forget()
        plan = plan_stage(StageConfig("double_elimination"), entrants(job.size))
        return fold(plan), first_round_results(plan, 1)[0]

    times, peak, _ = watch.measure(prepare, lambda begun: apply(*begun))
    yield _line(times, peak)


def first_round_results(plan: StagePlan, count: int) -> list[Result]:
    """The better seed wins each of the first matches of round 1; at most ``count`` of them."""
    seeds = plan.matches.a[: min(count, plan.matches.rounds[0].count)]
    return [Result(plan.matches.id_at(at), Outcome(plan.seeds[code // 4 - 1])) for at, code in enumerate(seeds)]


def _entrant(side: object) -> EntrantId:
    if not isinstance(side, str):
        raise TypeError(side)
    return EntrantId(side)


def swiss(job: Job, watch: Stopwatch) -> Iterator[Line]:
    for position in read(Path(job.positions)):
        times, peak, pairing = watch.measure(partial(_forgotten_field, position), pair_round)
        cost = pairing.cost
        yield _line(times, peak, gaps=cost.gaps, rematches=cost.broken, pairs=len(pairing.pairs), proof=pairing.proof)


def _forgotten_field(position: Position) -> Field:
    forget()
    return position.field()


def swiss_stage(job: Job, watch: Stopwatch) -> Iterator[Line]:
    """The rounds after the first, which is planned, of a whole stage that is played on what was paired."""
    random = Random(f"stage {job.size}")  # noqa: S311
    plan = plan_stage(StageConfig("swiss"), entrants(job.size))
    view = fold(plan)
    for round_, start in zip(plan.matches.rounds, plan.matches.starts, strict=False):
        if round_.drawn:
            times, peak, pairing = watch.measure(forget, partial(_next_round, view))
            yield _line(times, peak)
            view, _ = apply(view, pairing.event)
        for position in range(start, start + round_.count):
            state = view.states.at(position)
            points = half_points(random)
            outcome = Outcome(None, Kind.DRAW) if points == 1 else Outcome(_entrant(state.a if points else state.b))
            view, _ = apply(view, Result(plan.matches.id_at(position), outcome))


def _next_round(view: StageView, _: None) -> RoundPairing:
    return next_round(view)


def standings(job: Job, watch: Stopwatch) -> Iterator[Line]:
    """POINTS, BH/C1, BH, SB, then the seed, after the last round of a simulated Swiss."""
    seeds = entrants(job.size)
    meetings: list[list[Meeting]] = [[] for _ in seeds]
    for number, (_, decided) in enumerate(tournament(job.size), start=1):
        for a, b, won in decided:
            for own, other, points in ((a, b, won), (b, a, 2 - won)):
                meetings[own].append(Meeting(number, seeds[other], MeetingKind.PLAYED, points, _WORDS[points]))
    records = tuple(
        Record(seed, number, tuple(rows)) for number, (seed, rows) in enumerate(zip(seeds, meetings, strict=True), 1)
    )
    table = Table(records, rounds_of(job.size))
    times, peak, _ = watch.measure(forget, lambda _: rank(table, ("POINTS", "BH/C1", "BH", "SB"), "seed"))
    yield _line(times, peak)


def heats(job: Job, watch: Stopwatch) -> Iterator[Line]:
    """The standings after 30 games, each of everybody."""
    random = Random(f"heats {job.size}")  # noqa: S311
    seeds = entrants(job.size)
    games = []
    for game in range(1, GAMES + 1):
        order = random.sample(seeds, len(seeds))
        rows = tuple(
            HeatRow(entrant, place, random.randrange(6), (("time_alive", 1800 - 15 * place),))
            for place, entrant in enumerate(order, start=1)
        )
        games.append(HeatResult(MatchId(f"H{game}"), rows))
    times, peak, _ = watch.measure(forget, lambda _: heat_standings(seeds, games, SUPER))
    yield _line(times, peak)


def prizes(job: Job, watch: Stopwatch) -> Iterator[Line]:
    """A paid place for everybody; the places are shared as after a bracket: 1, 2, 3-4, 5-8, 9-16 …"""
    ranges = [PlaceRange(1, 1), PlaceRange(2, 2)]
    while ranges[-1].last < job.size:
        taken = ranges[-1].last
        ranges.append(PlaceRange(taken + 1, min(2 * taken, job.size)))
    shared = [range_ for range_ in ranges for _ in range(range_.size)]
    places = dict(zip(entrants(job.size), shared, strict=True))
    share, rest = divmod(10_000, job.size)
    table = BasisPoints(tuple(share + (place < rest) for place in range(job.size)))
    times, peak, _ = watch.measure(forget, lambda _: distribute(7_500_000_000, table, places, unit=10_000))
    yield _line(times, peak)


WORKS: Mapping[str, Callable[[Job, Stopwatch], Iterator[Line]]] = {
    "plan single": planned("single_elimination", read_all=False),
    "plan single, read": planned("single_elimination", read_all=True),
    "plan double": planned("double_elimination", read_all=False),
    "plan double, read": planned("double_elimination", read_all=True),
    "plan round robin": planned("round_robin", read_all=False),
    "plan round robin, read": planned("round_robin", read_all=True),
    "fold": folded,
    "one result": one_result,
    "first result": first_result,
    "swiss": swiss,
    "swiss stage": swiss_stage,
    "standings": standings,
    "heats": heats,
    "prizes": prizes,
}
