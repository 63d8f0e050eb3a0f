"""Plans, results and whole stages as canonical JSON text: what to store, to publish and to hash.

A stage is its configuration, its seeds and its events; everything else is derived again when the text is read, and
the hash proves that it came out the same. The secret of the draw is not written: whoever reads a stage that was drawn
gives it again. Every document names its ``schema_version``; a later engine keeps reading
the older ones.
"""

from .decoding import as_list, as_object, as_text, config_from_data, event_from_data, invalid, parse
from .encoding import Json, canonical, config_to_data, event_to_data
from .errors import EngineError, ErrorCode
from .events import Result
from .plan import StagePlan
from .reduce import fold
from .stage import plan_stage
from .types import EntrantId
from .view import StageView

SCHEMA_VERSION = 2
"""2 writes all events of a stage; 1 knew only results."""


def to_json(value: StagePlan | StageView | Result) -> str:
    """The same value gives the same text on every machine.

    :raises EngineError: ``invalid_document`` for anything else.
    """
    document: dict[str, Json]
    match value:
        case StagePlan():
            document = {"type": "plan", **_plan_to_data(value)}
        case StageView():
            events: list[Json] = [event_to_data(event) for event in value.events]
            document = {"type": "stage", **_plan_to_data(value.plan), "events": events}
        case Result():
            document = {"type": "result", **event_to_data(value)}
        case _:
            raise invalid("type")
    return canonical({**document, "schema_version": SCHEMA_VERSION})


def from_json(text: str, draw_seed: bytes = b"") -> StagePlan | StageView | Result:
    """What ``to_json`` was given: ``from_json(to_json(value)) == value``. ``draw_seed`` is needed where the plan was
    drawn with it.

    :raises EngineError: ``invalid_document``, ``unsupported_schema``, ``plan_hash_mismatch`` when this engine plans
        other matches than the one that wrote the document, and what ``plan_stage`` and ``fold`` raise.
    """
    document = as_object(parse(text), "document")
    version = document.get("schema_version")
    if type(version) is not int or version not in (1, SCHEMA_VERSION):
        raise EngineError(ErrorCode.UNSUPPORTED_SCHEMA, {"supported": SCHEMA_VERSION})
    match document.get("type"):
        case "plan":
            return _plan_from_data(document, draw_seed)
        case "stage":
            name = "results" if version == 1 else "events"
            events = [event_from_data(event) for event in as_list(document.get(name), name)]
            return fold(_plan_from_data(document, draw_seed), events)
        case "result":
            event = event_from_data(document)
            if isinstance(event, Result):
                return event
    raise invalid("type")


def _plan_to_data(plan: StagePlan) -> dict[str, Json]:
    seeds: list[Json] = list(plan.seeds)
    return {**config_to_data(plan.config), "seeds": seeds, "plan_hash": plan.plan_hash}


def _plan_from_data(document: dict[str, object], draw_seed: bytes) -> StagePlan:
    seeds = [EntrantId(as_text(entrant, "seeds")) for entrant in as_list(document.get("seeds"), "seeds")]
    plan = plan_stage(config_from_data(document), seeds, draw_seed)
    if document.get("plan_hash") != plan.plan_hash:
        raise EngineError(ErrorCode.PLAN_HASH_MISMATCH)
    return plan
