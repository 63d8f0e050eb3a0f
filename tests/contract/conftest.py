from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TestCase

from tests.contract.routes import World, build_world


@pytest.fixture(scope="module")
def world_of_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()
        with TestCase.captureOnCommitCallbacks(execute=True):
            world = build_world()
        yield world
        TestCase._rollback_atomics(atomics)


@pytest.fixture
def world(world_of_the_module: World, db: None) -> World:
    """One of everything, built once per module; what a test does to it is rolled back to a savepoint."""
    return world_of_the_module
