"""The formats that tournaments are played in here, and their options."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from tournaments.engine import FORMATS, EngineError, EntrantId, StageConfig, complete_config, plan_stage

PLAYED = frozenset(
    {
        "single_elimination",
        "double_elimination",
        "gsl",
        "stepladder",
        "round_robin",
        "groups",
        "swiss",
        "swiss_limited",
    }
)
"""Of the formats that the engine knows, those whose matches are stored and moved on here."""
MOST_MATCHES = 32_768
"""The matches of one tournament: a Swiss of 4,096 has 24,576 of them."""
ANY_SECRET = bytes(32)


def checked_options(format: str, options: dict[str, Any], best_of: int, most_entrants: int) -> dict[str, Any]:
    """Every option of the format, in its normal form.

    :raises InvalidInput: ``format`` with ``format_not_played``, or the engine's code for what it does not know;
        ``max_participants`` when the format cannot be played by so many, or not in ``MOST_MATCHES``.
    """
    if format in FORMATS.keys() - PLAYED:
        raise InvalidInput.of("format", "format_not_played", _("Tournaments are not played in this format yet."))
    try:
        config = complete_config(StageConfig(format, {"best_of": best_of, **options}))
    except EngineError as error:
        raise InvalidInput.of("format", error.code, _("This format or one of its options is not possible.")) from error
    try:
        plan = plan_stage(config, [EntrantId(str(number)) for number in range(most_entrants)], ANY_SECRET)
    except EngineError as error:
        message = _("This format cannot be played with so many participants.")
        raise InvalidInput.of("max_participants", error.code, message) from error
    if len(plan.matches) > MOST_MATCHES:
        message = _("This format would need too many matches for so many participants.")
        raise InvalidInput.of("max_participants", "too_many_matches", message)
    return dict(config.options)


def least_entrants(format: str) -> int:
    return FORMATS[format].min_entrants


def is_decisive(format: str) -> bool:
    """Whether every match needs a winner, so that nobody can rule that both sides lose."""
    return FORMATS[format].decisive
