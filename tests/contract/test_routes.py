"""Every route: who may call it is a decision, every refusal has the one shape, the document tells of all of them."""

from typing import Any

import pytest
from django.conf import settings

from tests.contract.routes import (
    ALIASES,
    ALL_ROUTES,
    OPERATIONS,
    READS,
    ROUTES,
    WRITES,
    Operation,
    Route,
    World,
    operations,
)
from tests.contract.test_bad_input import wrong_with

pytestmark = pytest.mark.django_db

# What needs no token. Whoever adds to it has thought about it.
PUBLIC = {
    "POST /api/auth/otp/request/",
    "POST /api/auth/otp/verify/",
    "POST /api/auth/token/refresh/",
    "GET /api/teams/teams/",
    "GET /api/teams/teams/{pk}/",
    "GET /api/teams/teams/{pk}/match-history/",
    "GET /api/teams/top-teams/",
    "GET /api/tournaments/games/",
    "GET /api/tournaments/games/{pk}/",
    "GET /api/tournaments/matches/",
    "GET /api/tournaments/matches/{pk}/",
    "GET /api/tournaments/scorings/",
    "GET /api/tournaments/tournaments/",
    "GET /api/tournaments/tournaments/top-tournaments/",
    "GET /api/tournaments/tournaments/total-prize-money/",
    "GET /api/tournaments/tournaments/total-tournaments/",
    "GET /api/tournaments/tournaments/{pk}/",
    "GET /api/tournaments/tournaments/{pk}/draw/proof/",
    "GET /api/tournaments/tournaments/{pk}/payout-plan/",
    "GET /api/tournaments/tournaments/{pk}/winners/",
    "GET /api/tournaments/tournaments/{tournament}/bracket.svg",
    "GET /api/tournaments/tournaments/{tournament}/bracket/",
    "GET /api/tournaments/tournaments/{tournament}/participants/",
    "GET /api/tournaments/tournaments/{tournament}/standings/",
    "GET /api/users/ranks/",
    "GET /api/users/seasons/",
    "GET /api/users/top-players-by-rank/",
    "GET /api/users/top-players/",
    "GET /api/users/total-players/",
    "GET /api/users/users/{pk}/achievements/",
    "GET /api/users/users/{pk}/match-history/",
    "GET /api/users/users/{pk}/standings/",
    "GET /api/users/users/{pk}/tournaments/",
    "GET /api/wallet/verify-deposit/",
}

# Public, but somebody who is signed in may ask it for what is not theirs.
REFUSES_SOME = {"POST /api/auth/otp/request/"}


def test_router_is_read_as_a_whole() -> None:
    assert (len(ROUTES) > 70, len(WRITES) > 40) == (True, True)
    assert {operation for operation in operations() if "/api/schema/" not in operation[0]} == {
        (operation.route.key, operation.method) for operation in OPERATIONS
    }
    assert {f"{method} {route}" for route in ALL_ROUTES for method in route.actions} - set(
        map(str, OPERATIONS)
    ) == ALIASES


def test_rest_framework_refuses_strangers_by_default() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == ["rest_framework.permissions.IsAuthenticated"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_only_the_named_operations_are_public(world: World, operation: Operation) -> None:
    answer = world.client(None).generic(operation.method, world.url(operation.route))

    if str(operation) in PUBLIC:
        assert answer.status_code not in {401, 403}
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert wrong_with(answer) == ""


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_token_is_asked_for_before_the_thing_is_looked_for(world: World, operation: Operation) -> None:
    if str(operation) in PUBLIC:
        return
    path = operation.route.path.format(pk="999999999", tournament="no-such-tournament")
    assert world.client(None).generic(operation.method, path).status_code == 401


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_other_methods_are_refused(world: World, route: Route) -> None:
    allowed = {method for other in ROUTES if other.path == route.path for method in other.actions}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - allowed:
        answer = world.client(world.staff).generic(method, world.url(route))
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), method
        assert wrong_with(answer) == ""
        assert set(answer["Allow"].split(", ")) - READS == allowed - READS


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing/", "/api/wallet/nothing/", "/nothing", "/api/%00/", "/api/%ff"]
)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_unknown_path_is_a_problem(world: World, path: str, language: str) -> None:
    answer = world.client(None, HTTP_ACCEPT_LANGUAGE=language).get(path)

    assert (answer.status_code, answer.json()["code"], wrong_with(answer)) == (404, "not_found", "")
    assert (answer.json()["detail"] == "There is no such thing here.") == (language == "en")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_operation_is_documented(operation: Operation) -> None:
    document: dict[str, Any] = operation.schema

    assert document["operationId"]
    assert document["summary"]
    assert len(document["tags"]) == 1
    problems = [status for status, answer in document["responses"].items() if "application/problem+json" in str(answer)]
    assert "400" in problems
    assert ("403" in problems) == (str(operation) not in PUBLIC - REFUSES_SOME)
    assert any(status.startswith(("2", "3")) for status in document["responses"])


def test_operation_ids_are_unique() -> None:
    names = [document["operationId"] for document in operations().values()]

    assert len(set(names)) == len(names)
