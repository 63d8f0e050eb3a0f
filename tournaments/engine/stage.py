"""Planning a stage, and reading places and standings from a view, for whatever format it has."""

from collections.abc import Mapping, Sequence

from .errors import EngineError, ErrorCode
from .format import Format, Option, RoundPairing
from .plan import StagePlan
from .registry import format_named
from .types import EntrantId, OptionValue, PlaceRange, StageConfig, Standing
from .view import StageView


def complete_config(config: StageConfig) -> StageConfig:
    """The same configuration in its normal form, with every option of the format filled in.

    :raises EngineError: ``invalid_config``, ``unknown_format``, ``unknown_option``, ``invalid_option``.
    """
    if not isinstance(config, StageConfig) or not isinstance(config.options, Mapping):
        raise EngineError(ErrorCode.INVALID_CONFIG)
    format_ = format_named(config.format)
    options = format_.options
    if format_.inner is not None:
        options += format_.inner(config.options).options
    known = {option.name for option in options}
    for name in config.options:
        if name not in known:
            raise EngineError(ErrorCode.UNKNOWN_OPTION, {"format": format_.name, "option": name})
    values = {option.name: _option_value(option, config.options) for option in options}
    return StageConfig(format_.name, values)


def _option_value(option: Option, given: Mapping[str, OptionValue]) -> OptionValue:
    if option.name not in given:
        return option.default
    try:
        return option.parse(given[option.name])
    except ValueError as error:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": option.name}) from error


def check_entrant_count(format_: Format, count: int) -> None:
    """:raises EngineError: ``too_few_entrants``, ``too_many_entrants``."""
    if count < format_.min_entrants:
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"minimum": format_.min_entrants, "given": count})
    if count > format_.max_entrants:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": format_.max_entrants, "given": count})


def _checked_seeds(format_: Format, seeds: Sequence[EntrantId]) -> tuple[EntrantId, ...]:
    if not isinstance(seeds, Sequence) or isinstance(seeds, str | bytes):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    check_entrant_count(format_, len(seeds))
    if set(map(type, seeds)) == {str} and len({*seeds, ""}) == len(seeds) + 1:
        return tuple(seeds)
    seen: set[EntrantId] = set()
    for number, entrant in enumerate(seeds, start=1):
        if not isinstance(entrant, str) or not entrant:
            raise EngineError(ErrorCode.INVALID_ENTRANT, {"seed": number})
        if entrant in seen:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": entrant})
        seen.add(entrant)
    return tuple(seeds)


def plan_stage(config: StageConfig, seeds: Sequence[EntrantId], draw_seed: bytes = b"") -> StagePlan:
    """Plan all matches of a stage. ``seeds`` are the entrants from the best seed down, all different and not empty;
    ``draw_seed`` feeds the random steps of the formats that have any.

    :raises EngineError: what ``complete_config`` raises, ``too_few_entrants``, ``too_many_entrants``,
        ``invalid_entrant``, ``duplicate_entrant``, ``invalid_draw_seed``.
    """
    complete = complete_config(config)
    format_ = format_named(complete.format)
    entrants = _checked_seeds(format_, seeds)
    if not isinstance(draw_seed, bytes):
        raise EngineError(ErrorCode.INVALID_DRAW_SEED)
    count = len(entrants)
    heats = format_.heats.plan(complete.options, count) if format_.heats is not None else ()
    return StagePlan(complete, entrants, format_.plan(complete.options, count, draw_seed), heats, draw_seed)


def next_round(view: StageView) -> RoundPairing:
    """The pairing of the next round, for formats that pair round by round; record its ``event`` to make it so.

    Equal views give equal pairings, whatever the order of the results in them.

    :raises EngineError: ``round_not_open`` while a match of the round before is open, when all rounds are paired, and
        in formats whose matches are all planned beforehand; ``draw_seed_required`` for a drawn round.
    """
    pair = _format_of(view).pair
    if pair is None or view.round_to_pair is None:
        raise EngineError(ErrorCode.ROUND_NOT_OPEN, {"round": None, "open": view.round_to_pair})
    return pair(view)


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """The places that no unplayed match can change any more, by place and then by seed.

    While a stage runs these are only some of the entrants; when it is complete, everyone, and the ranges partition
    1..n. Competition ranks: 1, 2, 3, 3, 5, 5, 5, 5. If nobody wins the last match, both its sides share 1 and 2.
    """
    return _format_of(view).placements(view)


def standings(view: StageView) -> tuple[Standing, ...]:
    """One row for each entrant, the best first, tied ones by seed; ``final`` rows agree with :func:`placements`."""
    return _format_of(view).standings(view)


def _format_of(view: StageView) -> Format:
    if not isinstance(view, StageView):
        raise EngineError(ErrorCode.INVALID_VIEW)
    return format_named(view.plan.config.format)
