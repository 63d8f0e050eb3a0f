"""Requests made up from the schema, for every operation: no 500, and no answer that the schema does not know of."""

import warnings
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
import requests
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from tests.contract.routes import OPERATIONS, Operation, World, schema
from tests.contract.test_bad_input import wrong_with

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
EXAMPLES = 5
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]


@cache
def described() -> dict[tuple[str, str], Any]:
    found = [result.ok() for result in schemathesis.openapi.from_dict(schema()).get_all_operations()]
    return {(item.path, item.method.upper()): item for item in found}


def path_in_schema(operation: Operation) -> str:
    return next(
        path for path, methods in schema()["paths"].items()
        if operation.schema in methods.values()
    )  # fmt: skip


def undocumented(operation: Operation, answer: Any) -> str:
    documented = operation.schema["responses"].get(str(answer.status_code))
    if documented is None:
        return "" if answer.status_code in {402, 404, 405, 406, 409, 413, 415, 422} else f"status {answer.status_code}"
    kinds = documented.get("content", {})
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    return "" if kind in kinds or (not kinds and not answer.content) else f"{answer.status_code} {kind}"


@pytest.mark.parametrize("mode", MODES, ids=["valid", "invalid"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_made_up_request_is_answered_as_documented(world: World, operation: Operation, mode: Any) -> None:
    item = described()[path_in_schema(operation), operation.method]
    clients = [world.client(world.owner), world.client(world.staff)]
    cases = item.as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, ours=st.booleans())
    def send(case: Any, ours: bool) -> None:
        if ours:
            case.path_parameters = {name: world.ids(operation.route)["pk"] for name in case.path_parameters or {}}
        prepared = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
        url, _, query = str(prepared.url).partition("?")
        for client in clients:
            savepoint = transaction.atomic()
            savepoint._from_testcase = True
            with savepoint:
                answer = client.generic(
                    operation.method,
                    url.removeprefix("http://testserver"),
                    prepared.body or b"",
                    content_type=prepared.headers.get("Content-Type", "application/json"),
                    QUERY_STRING=query,
                )
                transaction.set_rollback(True)
            no_bank = answer.status_code == 503 and answer.json()["code"] == "gateway_unavailable"
            assert no_bank or wrong_with(answer) == ""
            assert undocumented(operation, answer) == ""

    with suppress(Unsatisfiable):  # nothing invalid can be made of some paths
        send()
