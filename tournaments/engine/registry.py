"""The formats this engine plays."""

from collections.abc import Mapping
from types import MappingProxyType

from .double import DOUBLE_ELIMINATION
from .errors import EngineError, ErrorCode
from .format import Format
from .groups import GROUPS
from .gsl import GSL
from .heats.stage import FREE_FOR_ALL
from .round_robin import ROUND_ROBIN
from .single import SINGLE_ELIMINATION
from .stepladder import STEPLADDER
from .swiss.fixed import SWISS
from .swiss.limited_stage import SWISS_LIMITED

_ALL = (
    SINGLE_ELIMINATION,
    DOUBLE_ELIMINATION,
    ROUND_ROBIN,
    GSL,
    STEPLADDER,
    GROUPS,
    SWISS,
    SWISS_LIMITED,
    FREE_FOR_ALL,
)
FORMATS: Mapping[str, Format] = MappingProxyType({format_.name: format_ for format_ in _ALL})


def format_named(name: object) -> Format:
    """:raises EngineError: ``unknown_format``."""
    found = FORMATS.get(name) if isinstance(name, str) else None
    if found is None:
        raise EngineError(ErrorCode.UNKNOWN_FORMAT, {"format": name})
    return found
