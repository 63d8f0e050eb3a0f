"""The formats that tournaments are played in here, and their options."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from tournaments.engine import FORMATS, EngineError, StageConfig, complete_config

PLAYED = frozenset({"single_elimination"})
"""Of the formats that the engine knows, those whose matches are stored and moved on here."""


def checked_options(format: str, options: dict[str, Any], best_of: int) -> dict[str, Any]:
    """Every option of the format, in its normal form.

    :raises InvalidInput: ``format`` with ``format_not_played``, or the engine's code for what it does not know.
    """
    if format in FORMATS.keys() - PLAYED or options.get("reseed"):
        raise InvalidInput.of("format", "format_not_played", _("Tournaments are not played in this format yet."))
    try:
        config = complete_config(StageConfig(format, {"best_of": best_of, **options}))
    except EngineError as error:
        raise InvalidInput.of("format", error.code, _("This format or one of its options is not possible.")) from error
    return dict(config.options)
