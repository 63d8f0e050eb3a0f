"""Values of the engine as plain JSON data (dict, list, str, int, None) and the one canonical way to write it."""

import hashlib
import json
from collections.abc import Iterable
from fractions import Fraction

from .events import Adjustment, Correction, Disqualification, Event, Result, RoundPaired, Withdrawal
from .heats.rows import HeatResult, HeatRow
from .types import (
    Bye,
    Game,
    HeatSpec,
    LoserOf,
    MatchSpec,
    OptionValue,
    Outcome,
    Seed,
    Slot,
    StageConfig,
    Target,
    Tbd,
    WinnerOf,
)

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def canonical(data: Json) -> str:
    """JSON with sorted keys, no spaces and ASCII only: equal data gives equal text on every machine."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def slot_to_data(slot: Slot) -> Json:
    """``{"seed": 1}``, ``{"winner_of": "W1.1"}``, ``{"loser_of": "W1.1"}``, ``{"bye": true}`` or ``{"tbd": true}``."""
    match slot:
        case Seed():
            return {"seed": slot.number}
        case WinnerOf():
            return {"winner_of": slot.match_id}
        case LoserOf():
            return {"loser_of": slot.match_id}
        case Bye():
            return {"bye": True}
        case Tbd():
            return {"tbd": True}


def _target_data(target: Target | None) -> Json:
    return None if target is None else {"match": target.match_id, "side": target.side}


def match_to_data(spec: MatchSpec) -> dict[str, Json]:
    """``advantage``, ``moves_if`` and ``conditional`` are left out where they say nothing."""
    data: dict[str, Json] = {
        "id": spec.id,
        "bracket": spec.bracket,
        "round": spec.round,
        "number": spec.number,
        "a": slot_to_data(spec.a),
        "b": slot_to_data(spec.b),
        "best_of": spec.best_of,
        "draws": spec.draws,
        "winner_to": _target_data(spec.winner_to),
        "loser_to": _target_data(spec.loser_to),
    }
    if spec.advantage:
        data["advantage"] = spec.advantage
    if spec.moves_if is not None:
        data["moves_if"] = spec.moves_if
    if spec.conditional is not None:
        data["conditional"] = spec.conditional
    return data


def _option_data(value: OptionValue) -> Json:
    return [_option_data(item) for item in value] if isinstance(value, tuple) else value


def config_to_data(config: StageConfig) -> dict[str, Json]:
    options: dict[str, Json] = {name: _option_data(value) for name, value in config.options.items()}
    return {"format": config.format, "options": options}


def number_to_data(value: int | Fraction) -> int | float:
    """A whole number as it is, any other as the nearest floating-point number: for reading, not for ranking."""
    return int(value) if value == int(value) else float(value)


def heat_to_data(spec: HeatSpec) -> dict[str, Json]:
    return {"id": spec.id, "round": spec.round, "lobby": spec.lobby, "game": spec.game, "seeds": list(spec.seeds)}


def structure_to_data(
    config: StageConfig, entrants: int, matches: Iterable[MatchSpec], heats: Iterable[HeatSpec] = ()
) -> dict[str, Json]:
    """The whole structure of a stage, without saying who the entrants are. ``heats`` is there only if it has any."""
    listed: list[Json] = [match_to_data(spec) for spec in matches]
    data: dict[str, Json] = {**config_to_data(config), "entrants": entrants, "matches": listed}
    games: list[Json] = [heat_to_data(spec) for spec in heats]
    return {**data, "heats": games} if games else data


def structure_hash(
    config: StageConfig, entrants: int, matches: Iterable[MatchSpec], heats: Iterable[HeatSpec] = ()
) -> str:
    """SHA-256 of the canonical JSON of :func:`structure_to_data`, in hexadecimal."""
    return hashlib.sha256(canonical(structure_to_data(config, entrants, matches, heats)).encode()).hexdigest()


def _game_data(game: Game) -> Json:
    return {"winner": game.winner, "score": None if game.score is None else list(game.score)}


def outcome_to_data(outcome: Outcome) -> dict[str, Json]:
    return {
        "winner": outcome.winner,
        "kind": outcome.kind.value,
        "score": None if outcome.score is None else list(outcome.score),
        "games": [_game_data(game) for game in outcome.games],
    }


def heat_row_to_data(row: HeatRow) -> dict[str, Json]:
    return {
        "entrant": row.entrant,
        "place": row.place,
        "kills": row.kills,
        "extras": dict(row.extras),
        "absent": row.absent,
    }


def event_to_data(event: Event) -> dict[str, Json]:
    """``{"event": "result", …}`` with the fields of the event."""
    match event:
        case Result():
            return {"event": "result", "match": event.match_id, "outcome": outcome_to_data(event.outcome)}
        case HeatResult():
            rows: list[Json] = [heat_row_to_data(row) for row in event.rows]
            return {"event": "heat", "heat": event.heat_id, "rows": rows}
        case RoundPaired():
            pairs: list[Json] = [list(pair) for pair in event.pairs]
            return {"event": "round_paired", "round": event.round, "pairs": pairs, "bye": event.bye}
        case Withdrawal():
            return {"event": "withdrawal", "entrant": event.entrant}
        case Disqualification():
            return {"event": "disqualification", "entrant": event.entrant, "mode": event.mode.value}
        case Adjustment():
            return {
                "event": "adjustment",
                "entrant": event.entrant,
                "points": event.points,
                "penalty": event.penalty,
                "reason": event.reason,
            }
        case Correction():
            return {
                "event": "correction",
                "match": event.match_id,
                "outcome": outcome_to_data(event.outcome),
                "policy": event.policy.value,
            }
