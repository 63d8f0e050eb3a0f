"""Named lists of metrics, and the spelling of a list as an option of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tournaments.engine.errors import EngineError, ErrorCode

from .head_to_head import HeadToHead, find_head_to_head
from .metrics import Metric, find_metric

Residual = Literal["shared", "seed", "lot", "playoff_required"]

RESIDUALS: tuple[Residual, ...] = ("shared", "seed", "lot", "playoff_required")
"""What becomes of entrants level on every metric: they share the place, the better seed or the lot decides, or they
share it and a play-off is due."""

LOT = "LOT"
PLAYOFF = "PLAYOFF"
MAX_METRICS = 32


@dataclass(frozen=True, slots=True)
class Preset:
    """A ranking: codes of metrics in order of weight, and what decides after them."""

    metrics: tuple[str, ...]
    residual: Residual = "shared"


_UEFA_MINI_TABLE = "POINTS+SCORE_DIFF+SCORE_FOR"

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "esports_rr": Preset(("POINTS", "H2H", "GAME_DIFF", "GAMES_WON"), "playoff_required"),
        "esports_swiss": Preset(("POINTS", "BH/C1", "BH", "SB", "GAME_DIFF"), "seed"),
        "startgg_rr": Preset(("WINS", "GAME_WIN_PCT", "H2H"), "seed"),
        "fifa": Preset(("POINTS", "SCORE_DIFF", "SCORE_FOR", f"H2H:{_UEFA_MINI_TABLE}", "DISCIPLINE"), "lot"),
        "uefa": Preset(
            ("POINTS", f"H2H_RESTART:{_UEFA_MINI_TABLE}", "SCORE_DIFF", "SCORE_FOR", "WINS", "DISCIPLINE"), "seed"
        ),
        "fide_swiss": Preset(("POINTS", "BH/C1", "BH", "SB", "DE", "WIN")),
        "mtg": Preset(("POINTS", "OMW", "GW%", "OGW")),
        "pokemon": Preset(("POINTS", "OWP", "OOWP", "H2H")),
        "valve": Preset(("WINS", "LOSSES", "DIFFICULTY"), "seed"),
        "challonge": Preset(("POINTS", "MBH", "H2H"), "seed"),
    }
)


def find_rule(code: object) -> Metric | HeadToHead | None:
    """The metric or head-to-head comparison of a code, None when there is none. ``LOT`` is neither."""
    if not isinstance(code, str):
        return None
    return find_metric(code) or find_head_to_head(code)


def check_metrics(codes: object) -> tuple[str, ...]:
    """The codes as a tuple.

    :raises EngineError: ``unknown_metric`` names the code; ``invalid_option`` for an empty list, one of more than 32
        codes, or a code that stands there twice.
    """
    if not isinstance(codes, (list, tuple)) or not 1 <= len(codes) <= MAX_METRICS:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "metrics"})
    for code in codes:
        if code != LOT and find_rule(code) is None:
            raise EngineError(ErrorCode.UNKNOWN_METRIC, {"metric": code})
    if len(set(codes)) != len(codes):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "metrics"})
    return tuple(codes)


def parse_ranking(value: object) -> str:
    """The normal form of an option that says how to rank: a preset's name, or codes joined by commas.

    Taken are a preset's name, codes joined by commas, or a list of codes. ``PLAYOFF`` as the last code asks for a
    play-off where everything before is equal; without it such entrants share the place.

    :raises ValueError: for anything else.
    """
    if isinstance(value, str):
        if value in PRESETS:
            return value
        value = value.split(",")
    if not isinstance(value, (list, tuple)):
        raise ValueError("a ranking is a preset or a list of metrics")
    codes = list(value[:-1] if value and value[-1] == PLAYOFF else value)
    try:
        check_metrics(codes)
    except EngineError as error:
        raise ValueError("unknown, repeated or no metrics") from error
    return ",".join(value)


def ranking_of(normal_form: str) -> Preset:
    """The ranking that a normal form of :func:`parse_ranking` stands for.

    :raises ValueError: when it is not one.
    """
    normal_form = parse_ranking(normal_form)
    if normal_form in PRESETS:
        return PRESETS[normal_form]
    codes = tuple(normal_form.split(","))
    return Preset(codes[:-1], "playoff_required") if codes[-1] == PLAYOFF else Preset(codes)
