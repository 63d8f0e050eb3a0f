"""What a stolen session is not enough for: the one list, held against every operation."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.conftest import access_token
from tests.contract.routes import WRITES, Operation, World
from tests.contract.test_access import ask

pytestmark = pytest.mark.django_db

# For the owner of the account. docs/sign-in.md tells people of them.
NEEDS_STEP_UP = {
    "DELETE /api/users/users/me/",
    "POST /api/auth/phone-change/",
    "POST /api/auth/totp/disable/",
    "POST /api/auth/totp/recovery-codes/",
    "POST /api/auth/totp/setup/",
    "POST /api/wallet/destinations/",
    "POST /api/wallet/withdrawal-requests/",
}


def answer_of(world: World, operation: Operation) -> Any:
    """What the owner is answered with a token of level 1; nothing stays changed."""
    savepoint = transaction.atomic()
    savepoint._from_testcase = True
    with savepoint:
        answer = ask(world, operation, "owner")
        transaction.set_rollback(True)
    return answer


def test_these_operations_need_a_fresh_second_factor_and_no_others(world: World) -> None:
    refused = {
        str(operation)
        for operation in WRITES
        if b'"step_up_required"' in getattr(answer_of(world, operation), "content", b"")
    }
    assert refused == NEEDS_STEP_UP


@pytest.mark.parametrize("name", sorted(NEEDS_STEP_UP))
def test_fresh_second_factor_opens_them(world: World, name: str) -> None:
    operation = next(operation for operation in WRITES if str(operation) == name)
    token = access_token(world.owner, proved_at=timezone.now())
    client = world.client(None, HTTP_AUTHORIZATION=f"Bearer {token}")
    body = world.body(operation) if operation.reads_body else {}
    answer = client.generic(operation.method, world.url(operation.route), json.dumps(body), "application/json")
    assert answer.status_code != 403, answer.content
