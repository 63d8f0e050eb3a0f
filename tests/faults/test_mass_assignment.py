"""Fields of every model in the body of every request that changes something."""

from collections.abc import Callable

import pytest

from tests.contract.conftest import world, world_of_the_module
from tests.contract.routes import World
from tests.contract.test_access import BODIES, foreign_fields, outcome, remember_rows
from tests.faults.sizes import full

__all__ = ["remember_rows", "world", "world_of_the_module"]

pytestmark = pytest.mark.django_db


def test_no_body_sets_what_it_must_not(world: World, record_property: Callable[[str, object], None]) -> None:
    """Every day tests/contract/test_access.py asks all of them, one test each; here they are counted."""
    asked = BODIES[:: full(1, short=20)]
    changed, fields = [], 0
    for operation in asked:
        who = "staff" if "staff" in operation.schema["summary"].lower() else "owner"
        extra = foreign_fields(operation)
        fields += len(extra)
        if outcome(world, operation, who, extra) != outcome(world, operation, who, {}):
            changed.append(str(operation))

    assert changed == []
    record_property("operations that write", f"{len(asked)} of {len(BODIES)}")
    record_property("pairs of an operation and a foreign field", fields)
    record_property("operations that obeyed one", len(changed))
