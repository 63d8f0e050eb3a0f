from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.forms.models import model_to_dict

from common.db import insert
from common.models import AuditEntry
from tests.factories.tournaments import make_tournament
from tests.factories.users import UserFactory
from tournaments.models import Entrant, RosterMember, Tournament

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def entry(**fields: Any) -> AuditEntry:
    return AuditEntry(action="a", target_type="t", target_id=1, created_at=NOW, **fields)


def test_insert_writes_what_bulk_create_writes() -> None:
    actor = UserFactory()
    ours, theirs = ([entry(actor=actor, changes={"نام": [1, None]}, reason="x"), entry(actor=None)] for _ in range(2))
    insert(ours)
    AuditEntry.objects.bulk_create(theirs)
    read = [AuditEntry.objects.get(pk=row.pk) for row in (*ours, *theirs)]
    plain = [model_to_dict(row, exclude=["id"]) | {"at": row.created_at} for row in read]
    assert plain[:2] == plain[2:]


def test_insert_gives_each_row_its_key_in_one_statement(django_assert_num_queries: Any) -> None:
    tournament, users = make_tournament(), UserFactory.create_batch(3)
    entrant = Entrant(tournament=tournament, user=users[0], captain=users[0], name="A", joined_at=NOW)
    roster = [RosterMember(entrant=entrant, tournament=tournament, user=user) for user in users]
    with django_assert_num_queries(2):
        insert([entrant])
        for row in roster:
            row.entrant_id = entrant.pk
        insert(roster)
    assert [RosterMember.objects.get(pk=row.pk).user for row in roster] == users
    roster[0].is_active = False
    roster[0].save()
    assert RosterMember.objects.count() == 3


def test_insert_of_nothing_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        insert([])


def test_shared_row_is_the_row_whole_and_locked_for_share(django_assert_num_queries: Any) -> None:
    tournament = make_tournament(settings={"a": [1]}, description="متن")
    with transaction.atomic(), django_assert_num_queries(1):
        found = Tournament.objects.shared_row(tournament.pk)
    tournament.refresh_from_db()
    assert found is not None
    assert {field.attname: getattr(found, field.attname) for field in Tournament._meta.concrete_fields} == {
        field.attname: getattr(tournament, field.attname) for field in Tournament._meta.concrete_fields
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmax::text <> '0' FROM tournaments_tournament WHERE id = %s", [tournament.pk])
        assert cursor.fetchone() == (True,)


def test_shared_row_of_a_key_that_is_not_there_is_none() -> None:
    assert Tournament.objects.shared_row(0) is None
