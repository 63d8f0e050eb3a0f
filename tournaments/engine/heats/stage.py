"""The format ``free_for_all``: games of many entrants, as a stage that is planned, folded and ranked like any other."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import cast

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.events import Adjustment, DqMode
from tournaments.engine.format import Format, HeatRules, Option, Options, one_of, whole_number
from tournaments.engine.match_table import MatchTable
from tournaments.engine.plan import StagePlan
from tournaments.engine.points_table import placements_of
from tournaments.engine.types import EntrantId, Explanation, HeatSpec, MatchId, OptionValue, PlaceRange, Standing
from tournaments.engine.view import StageView

from .match_point import MatchPoint, match_point
from .points import METRICS, SCORING_PRESETS, TIME_ALIVE, HeatScoring, Ties
from .ranking import heat_standings
from .rows import MAX_HEAT, HeatResult, check_rows
from .schedule import MAX_GAMES, Heat, group_round_robin, heat_id, lobby_round, snake
from .scoring import HeatAdjustment

AS_PRESET = -1
"""``per_kill`` and ``kill_cap``: what the points preset says; for a table of one's own no points and no cap."""
OPEN_ENDED = 0
"""``games``: as many as are told."""
LOBBIES, GROUPS = "lobbies", "groups"


def _points(value: object) -> OptionValue:
    """A preset's name, or the points of the places from the first down."""
    if isinstance(value, str) and value in SCORING_PRESETS:
        return value
    if not isinstance(value, list | tuple):
        raise ValueError("not a preset and not a table")
    try:
        return HeatScoring(tuple(value)).table
    except EngineError as error:
        raise ValueError("not a table of points") from error


def _ranking(value: object) -> OptionValue:
    """Nothing (as the preset), a preset's name, or metrics in order of weight, in small letters or capitals; ``-`` in
    front turns one around."""
    if value == "" or (isinstance(value, str) and value in SCORING_PRESETS):
        return str(value)
    codes = value.split(",") if isinstance(value, str) else value
    if not isinstance(codes, list | tuple) or not all(isinstance(code, str) for code in codes):
        raise ValueError("not a ranking")
    metrics = [code.lower() if code.lower().removeprefix("-") in METRICS else code for code in codes]
    try:
        _scoring((0,), 0, None, Ties.FORBIDDEN, tuple(metrics))
    except EngineError as error:
        raise ValueError("not a ranking") from error
    return tuple(metrics)


def _scoring(
    table: tuple[int, ...], per_kill: int, kill_cap: int | None, ties: Ties, ranking: tuple[str, ...]
) -> HeatScoring:
    names = (metric.removeprefix("-") for metric in ranking)
    extras = tuple(name for name in names if name not in METRICS) or (TIME_ALIVE,)
    return HeatScoring(table, per_kill, kill_cap, ties, ranking, extras)


def scoring_of(options: Options) -> HeatScoring:
    """How the games of a stage with these options are scored and ranked."""
    points, ranking = options["points"], options["ranking"]
    preset = SCORING_PRESETS[points] if isinstance(points, str) else HeatScoring(cast(tuple[int, ...], points))
    per_kill, kill_cap = cast(int, options["per_kill"]), cast(int, options["kill_cap"])
    metrics = preset.ranking
    if isinstance(ranking, tuple):
        metrics = cast(tuple[str, ...], ranking)
    elif ranking:
        metrics = SCORING_PRESETS[str(ranking)].ranking
    return _scoring(
        preset.table,
        preset.per_kill if per_kill == AS_PRESET else per_kill,
        preset.kill_cap if kill_cap == AS_PRESET else kill_cap,
        Ties(str(options["ties"])),
        metrics,
    )


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """There are no matches of two. Nothing is random: ``draw_seed`` is not used."""
    return MatchTable((), [], [], [], [])


def heats(options: Options, entrants: int) -> tuple[HeatSpec, ...]:
    """All games; of an open-ended stage the first of each lobby.

    :raises EngineError: ``invalid_size``, ``too_few_entrants``, ``too_many_entrants`` for lobbies that cannot be.
    """
    games, size = cast(int, options["games"]), cast(int, options["lobby_size"])
    return _heats(entrants, str(options["schedule"]), size, games or 1)


@lru_cache(maxsize=16)
def _heats(entrants: int, schedule: str, lobby_size: int, games: int) -> tuple[HeatSpec, ...]:
    seeds = [EntrantId(str(seed)) for seed in range(1, entrants + 1)]
    planned: tuple[Heat, ...]
    if schedule == GROUPS:
        planned = group_round_robin(snake(seeds, max(2, -(-entrants // (lobby_size // 2)))), games)
    else:
        planned = lobby_round(seeds, lobby_size, games)
    return tuple(
        HeatSpec(heat.id, heat.round, heat.lobby, heat.game, tuple(int(seed) for seed in heat.entrants))
        for heat in planned
    )


def heat_at(plan_: StagePlan, heat: MatchId) -> HeatSpec:
    """The planned game of this id; in an open-ended stage also the games that follow the first of a lobby.

    :raises EngineError: ``result_for_unknown_match``.
    """
    for spec in plan_.heats:
        if spec.id == heat:
            return spec
        if plan_.config.options["games"] == OPEN_ENDED and isinstance(heat, str):
            game = heat.removeprefix(spec.id.removesuffix("1"))
            if game != heat and game.isdecimal() and game.isascii() and 1 < int(game[:5]) <= MAX_GAMES:
                following = replace(spec, id=heat_id(spec.lobby, int(game[:5]), spec.round), game=int(game[:5]))
                if following.id == heat:
                    return following
    raise EngineError(ErrorCode.RESULT_FOR_UNKNOWN_MATCH, {"match": heat})


def check_heat(view: StageView, result: HeatResult) -> None:
    """Refuse a game that this stage cannot have now. Whoever has left the stage has no row.

    :raises EngineError: ``result_for_unknown_match``, ``match_already_decided``, ``match_not_ready`` (a lobby of an
        open-ended stage has games left before this one), ``heat_after_decision``, and what ``check_rows`` raises.
    """
    spec = heat_at(view.plan, result.heat_id)
    if any(played.heat_id == spec.id for played in view.heats):
        raise EngineError(ErrorCode.MATCH_ALREADY_DECIDED, {"match": spec.id})
    if _decided_by_match_point(view):
        raise EngineError(ErrorCode.HEAT_AFTER_DECISION, {"heat": spec.id})
    if view.plan.config.options["games"] == OPEN_ENDED and spec not in open_games(view):
        raise EngineError(ErrorCode.MATCH_NOT_READY, {"match": spec.id})
    check_rows(result, lobby_of(view, spec), view.plan.config.options["ties"] != Ties.FORBIDDEN)


def lobby_of(view: StageView, spec: HeatSpec) -> list[EntrantId]:
    """Who plays this game: the lobby without those who have left."""
    lobby = (view.plan.seeds[seed - 1] for seed in spec.seeds)
    return [entrant for entrant in lobby if entrant not in view.gone]


def open_games(view: StageView) -> tuple[HeatSpec, ...]:
    """The games that can be told now: all that are left, or the next one of each lobby of an open-ended stage."""
    if _decided_by_match_point(view):
        return ()
    played = {result.heat_id for result in view.heats}
    if view.plan.config.options["games"] != OPEN_ENDED:
        return tuple(spec for spec in view.plan.heats if spec.id not in played)
    following = []
    for first in view.plan.heats:
        start = first.id.removesuffix("1")
        game = 1 + sum(heat.startswith(start) for heat in played)
        if game <= MAX_GAMES:
            following.append(replace(first, id=heat_id(first.lobby, game, first.round), game=game))
    return tuple(following)


def undecided(view: StageView) -> int:
    """How many games are left. An open-ended stage has none whenever every lobby has played equally many, and one at
    least."""
    if _decided_by_match_point(view):
        return 0
    if view.plan.config.options["games"] != OPEN_ENDED:
        return len(view.plan.heats) - len(view.heats)
    if view.plan.config.options["match_point"]:
        return 1
    next_games = [spec.game for spec in open_games(view)]
    most = max(2, *next_games, 0)
    return sum(most - game for game in next_games)


def _decided_by_match_point(view: StageView) -> bool:
    return bool(view.heats and view.plan.config.options["match_point"]) and _match_point(view).decided_by is not None


def _match_point(view: StageView) -> MatchPoint:
    options = view.plan.config.options
    threshold, games = cast(int, options["match_point"]), cast(int, options["games"])
    adjustments = _adjustments(view)
    return match_point(view.plan.seeds, view.heats, scoring_of(options), threshold, games or None, adjustments)


def _adjustments(view: StageView) -> list[HeatAdjustment]:
    return [HeatAdjustment(event.entrant, event.points // 2, event.reason) for event in view.adjustments]


def check_adjustment(event: Adjustment) -> None:
    """Refuse what a stage of games cannot count: half a point, or no point at all.

    :raises EngineError: ``invalid_adjustment``.
    """
    if event.points % 2 or event.penalty:
        raise EngineError(ErrorCode.INVALID_ADJUSTMENT, {"entrant": event.entrant})
    HeatAdjustment(event.entrant, event.points // 2, event.reason)


def standings(view: StageView) -> tuple[Standing, ...]:
    """Everybody by the metrics of the ranking; the winner of a match point is first. Whoever was disqualified with all
    results void is last."""
    options = view.plan.config.options
    if options["match_point"]:
        rows = _match_point(view).standings
    else:
        adjustments = _adjustments(view)
        rows = heat_standings(view.plan.seeds, view.heats, scoring_of(options), adjustments, complete=view.complete)
    annulled = [entrant for entrant, mode in view.gone.items() if mode is DqMode.VOID_ALL]
    return _without(rows, annulled, view.complete) if annulled else rows


def _without(rows: tuple[Standing, ...], annulled: list[EntrantId], final: bool) -> tuple[Standing, ...]:
    counted = [row for row in rows if row.entrant not in annulled]
    moved: list[Standing] = []
    for _, sharing in groupby(counted, key=lambda row: row.place):
        group = list(sharing)
        place = len(moved) + 1
        moved += [replace(row, place=place, tied=len(group) > 1) for row in group]
    last = Explanation("annulled")
    return (
        *moved,
        *(Standing(entrant, len(moved) + 1, len(annulled) > 1, final, (), last) for entrant in annulled),
    )


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """All places once no game is left, none before."""
    return placements_of(standings(view)) if view.complete else {}


def champion(view: StageView) -> EntrantId | None:
    """Whoever stands alone at the top when no game is left."""
    if not view.complete or not view.heats:
        return None
    first = standings(view)[0]
    return None if first.tied else first.entrant


FREE_FOR_ALL = Format(
    name="free_for_all",
    min_entrants=2,
    max_entrants=4096,
    options=(
        Option("points", "super", _points),
        Option("per_kill", AS_PRESET, whole_number(AS_PRESET, 10_000)),
        Option("kill_cap", AS_PRESET, whole_number(AS_PRESET, 10_000)),
        Option("ties", Ties.FORBIDDEN.value, one_of(*(ties.value for ties in Ties))),
        Option("ranking", "", _ranking),
        Option("schedule", LOBBIES, one_of(LOBBIES, GROUPS)),
        Option("lobby_size", MAX_HEAT, whole_number(2, MAX_HEAT)),
        Option("games", OPEN_ENDED, whole_number(OPEN_ENDED, MAX_GAMES)),
        Option("match_point", 0, whole_number(0, 1_000_000)),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
    table=True,
    heats=HeatRules(plan=heats, check=check_heat, left=undecided, check_adjustment=check_adjustment),
)
