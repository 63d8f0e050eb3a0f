"""Plain JSON data back into values of the engine. Every shape is checked: a document may come from anywhere."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar, cast

from .errors import EngineError, ErrorCode
from .events import (
    MOST_POINTS,
    Adjustment,
    Correction,
    Disqualification,
    DqMode,
    Event,
    Policy,
    Result,
    RoundPaired,
    Withdrawal,
)
from .heats.rows import HeatResult, HeatRow
from .types import (
    BYE,
    TBD,
    EntrantId,
    Game,
    Kind,
    LoserOf,
    MatchId,
    OptionValue,
    Outcome,
    Seed,
    Side,
    Slot,
    StageConfig,
    WinnerOf,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def invalid(where: str) -> EngineError:
    """The document is not what it should be at the named place."""
    return EngineError(ErrorCode.INVALID_DOCUMENT, {"at": where})


def parse(text: str) -> object:
    """Strict JSON: no NaN, no infinity.

    :raises EngineError: ``invalid_document``.
    """
    try:
        return cast(object, json.loads(text, parse_constant=_no_constant))
    except (TypeError, ValueError, RecursionError) as error:
        raise invalid("json") from error


def _no_constant(name: str) -> object:
    raise ValueError(name)


def as_object(data: object, where: str) -> dict[str, object]:
    if isinstance(data, dict):
        return data
    raise invalid(where)


def as_list(data: object, where: str) -> list[object]:
    if isinstance(data, list):
        return data
    raise invalid(where)


def as_text(data: object, where: str) -> str:
    if isinstance(data, str):
        return data
    raise invalid(where)


def as_int(data: object, where: str) -> int:
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    raise invalid(where)


def as_half_points(data: object, where: str) -> int:
    """Points, whole or with a half, as a number of half points."""
    if (
        isinstance(data, int | float)
        and not isinstance(data, bool)
        and 2 * abs(data) <= MOST_POINTS
        and 2 * data % 1 == 0
    ):
        return int(2 * data)
    raise invalid(where)


def as_pair(data: object, where: str) -> tuple[int, int]:
    numbers = [as_int(item, where) for item in as_list(data, where)]
    if len(numbers) != 2:
        raise invalid(where)
    return numbers[0], numbers[1]


def as_one_of(choices: type[E], data: object, where: str) -> E:
    try:
        return choices(as_text(data, where))
    except ValueError as error:
        raise invalid(where) from error


def as_entrant(data: object, where: str) -> EntrantId:
    return EntrantId(as_text(data, where))


def optional(read: Callable[[object, str], T], data: object, where: str) -> T | None:
    return None if data is None else read(data, where)


def slot_from_data(data: object) -> Slot:
    """:raises EngineError: ``invalid_document``."""
    match as_object(data, "slot"):
        case {"seed": number}:
            return Seed(as_int(number, "slot.seed"))
        case {"winner_of": match_id}:
            return WinnerOf(MatchId(as_text(match_id, "slot.winner_of")))
        case {"loser_of": match_id}:
            return LoserOf(MatchId(as_text(match_id, "slot.loser_of")))
        case {"bye": True}:
            return BYE
        case {"tbd": True}:
            return TBD
    raise invalid("slot")


def config_from_data(data: object) -> StageConfig:
    """The option values are as strange as the document has them; ``plan_stage`` refuses what it cannot use.

    :raises EngineError: ``invalid_document``.
    """
    config = as_object(data, "document")
    options = cast(dict[str, OptionValue], as_object(config.get("options", {}), "options"))
    return StageConfig(as_text(config.get("format"), "format"), options)


def _game(data: object) -> Game:
    game = as_object(data, "games")
    winner: Side
    if game.get("winner") == "a":
        winner = "a"
    elif game.get("winner") == "b":
        winner = "b"
    else:
        raise invalid("games.winner")
    return Game(winner, optional(as_pair, game.get("score"), "games.score"))


def games_from_data(data: object) -> tuple[Game, ...]:
    """:raises EngineError: ``invalid_document``."""
    return tuple(_game(game) for game in as_list(data, "games"))


def outcome_from_data(data: object) -> Outcome:
    """:raises EngineError: ``invalid_document``."""
    outcome = as_object(data, "outcome")
    return Outcome(
        winner=optional(as_entrant, outcome.get("winner"), "outcome.winner"),
        kind=as_one_of(Kind, outcome.get("kind", "played"), "outcome.kind"),
        score=optional(as_pair, outcome.get("score"), "outcome.score"),
        games=games_from_data(outcome.get("games", [])),
    )


def heat_row_from_data(data: object, read_entrant: Callable[[object, str], EntrantId]) -> HeatRow:
    """:raises EngineError: ``invalid_document``, ``invalid_heat``."""
    row = as_object(data, "rows")
    extras = as_object(row.get("extras", {}), "rows.extras")
    absent = row.get("absent", False)
    if not isinstance(absent, bool):
        raise invalid("rows.absent")
    return HeatRow(
        entrant=read_entrant(row.get("entrant"), "rows.entrant"),
        place=as_int(row.get("place"), "rows.place"),
        kills=as_int(row.get("kills", 0), "rows.kills"),
        extras=tuple((name, as_int(extras[name], "rows.extras")) for name in sorted(extras)),
        absent=absent,
    )


def event_from_data(data: object) -> Event:
    """What ``event_to_data`` was given; an object that names no event is read as a result.

    :raises EngineError: ``invalid_document``.
    """
    event = as_object(data, "event")
    match event.get("event", "result"):
        case "result":
            return Result(MatchId(as_text(event.get("match"), "event.match")), outcome_from_data(event.get("outcome")))
        case "heat":
            rows = as_list(event.get("rows"), "event.rows")
            heat_id = MatchId(as_text(event.get("heat"), "event.heat"))
            return HeatResult(heat_id, tuple(heat_row_from_data(row, as_entrant) for row in rows))
        case "round_paired":
            return RoundPaired(
                round=as_int(event.get("round"), "event.round"),
                pairs=tuple(_entrant_pair(pair) for pair in as_list(event.get("pairs"), "event.pairs")),
                bye=optional(as_entrant, event.get("bye"), "event.bye"),
            )
        case "withdrawal":
            return Withdrawal(as_entrant(event.get("entrant"), "event.entrant"))
        case "disqualification":
            mode = as_one_of(DqMode, event.get("mode", "forward"), "event.mode")
            return Disqualification(as_entrant(event.get("entrant"), "event.entrant"), mode)
        case "adjustment":
            return Adjustment(
                entrant=as_entrant(event.get("entrant"), "event.entrant"),
                points=as_int(event.get("points", 0), "event.points"),
                reason=as_text(event.get("reason"), "event.reason"),
                penalty=as_int(event.get("penalty", 0), "event.penalty"),
            )
        case "correction":
            return Correction(
                match_id=MatchId(as_text(event.get("match"), "event.match")),
                outcome=outcome_from_data(event.get("outcome")),
                policy=as_one_of(Policy, event.get("policy", "safe"), "event.policy"),
            )
    raise invalid("event")


def _entrant_pair(data: object) -> tuple[EntrantId, EntrantId]:
    entrants = [as_entrant(entrant, "event.pairs") for entrant in as_list(data, "event.pairs")]
    if len(entrants) != 2:
        raise invalid("event.pairs")
    return entrants[0], entrants[1]
