"""Plans, results and whole stages as canonical JSON text: what to store, to publish and to hash.

A stage is its configuration, its seeds and its results; everything else is derived again when the text is read, and
the hash proves that it came out the same. Every document names its ``schema_version``; a later engine keeps reading
the older ones.
"""

from .decoding import as_list, as_object, as_text, config_from_data, invalid, parse, result_from_data
from .encoding import Json, canonical, config_to_data, result_to_data
from .errors import EngineError, ErrorCode
from .plan import StagePlan
from .reduce import fold
from .stage import plan_stage
from .types import EntrantId, Result
from .view import StageView

SCHEMA_VERSION = 1


def to_json(value: StagePlan | StageView | Result) -> str:
    """The same value gives the same text on every machine."""
    document: dict[str, Json]
    match value:
        case StagePlan():
            document = {"type": "plan", **_plan_to_data(value)}
        case StageView():
            results: list[Json] = [result_to_data(result) for result in value.results]
            document = {"type": "stage", **_plan_to_data(value.plan), "results": results}
        case Result():
            document = {"type": "result", **result_to_data(value)}
    return canonical({**document, "schema_version": SCHEMA_VERSION})


def from_json(text: str) -> StagePlan | StageView | Result:
    """What ``to_json`` was given: ``from_json(to_json(value)) == value``.

    :raises EngineError: ``invalid_document``, ``unsupported_schema``, ``plan_hash_mismatch`` when this engine plans
        other matches than the one that wrote the document, and what ``plan_stage`` and ``fold`` raise.
    """
    document = as_object(parse(text), "document")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise EngineError(ErrorCode.UNSUPPORTED_SCHEMA, {"supported": SCHEMA_VERSION})
    match document.get("type"):
        case "plan":
            return _plan_from_data(document)
        case "stage":
            results = [result_from_data(result) for result in as_list(document.get("results"), "results")]
            return fold(_plan_from_data(document), results)
        case "result":
            return result_from_data(document)
    raise invalid("type")


def _plan_to_data(plan: StagePlan) -> dict[str, Json]:
    seeds: list[Json] = list(plan.seeds)
    return {**config_to_data(plan.config), "seeds": seeds, "plan_hash": plan.plan_hash}


def _plan_from_data(document: dict[str, object]) -> StagePlan:
    seeds = [EntrantId(as_text(entrant, "seeds")) for entrant in as_list(document.get("seeds"), "seeds")]
    plan = plan_stage(config_from_data(document), seeds)
    if document.get("plan_hash") != plan.plan_hash:
        raise EngineError(ErrorCode.PLAN_HASH_MISMATCH)
    return plan
