"""The one query of every authenticated request is written by hand; it must read what the ORM would."""

from datetime import timedelta
from typing import Any

import pytest
from django.forms.models import model_to_dict
from django.utils import timezone

from tests.conftest import open_session
from tests.factories.users import StaffFactory
from users import selectors
from users.models import Session, User

pytestmark = pytest.mark.django_db


def values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_session_and_user_are_as_the_orm_reads_them(django_assert_num_queries: Any) -> None:
    made = open_session(StaffFactory(full_name="سارا", email="sara@example.org", last_login=timezone.now()))
    Session.objects.filter(pk=made.pk).update(ip="2001:db8::1", device_name="Pixel", user_agent="x")
    read = Session.objects.select_related("user").get(pk=made.pk)

    with django_assert_num_queries(1):
        live = selectors.live_session(made.pk, timezone.now())
        assert live is not None
        assert (values(live), values(live.user)) == (values(read), values(read.user))
        assert [type(value) for value in values(live.user).values()] == [
            type(value) for value in values(read.user).values()
        ]
        assert (live, live.user, live._state.adding, live.user._state.db) == (read, read.user, False, "default")
    assert model_to_dict(live) == model_to_dict(read)


@pytest.mark.parametrize(
    "end",
    [
        lambda session: Session.objects.update(revoked_at=timezone.now()),
        lambda session: Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        lambda session: User.objects.update(is_active=False),
        lambda session: session.delete(),
    ],
)
def test_session_that_has_ended_is_none(user: User, end: Any) -> None:
    session, other = open_session(user), open_session(user)
    assert selectors.live_session(session.pk, timezone.now()) == session
    number = session.pk
    end(session)
    assert selectors.live_session(number, timezone.now()) is None
    assert selectors.live_session(other.pk + 1, timezone.now()) is None
