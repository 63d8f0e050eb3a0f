from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from common.models import AuditEntry
from tests.factories.users import UserFactory
from users import usernames
from users.errors import UsernameRefused, UsernameTaken, UsernameTooSoon
from users.models import User
from users.services import profiles

ME = "/api/users/users/me/"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Sara", "Sara"),
        ("sara.k-99_x", "sara.k-99_x"),
        ("علی۱۲", "علی۱۲"),
        ("علي", "علی"),
        ("کوروش99", "کوروش99"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),
        ("Ｓara", "Sara"),
        ("  Sara\u202e ", "Sara"),
        ("x" * 30, "x" * 30),
    ],
)
def test_username_is_kept_as_it_is_meant(sent: str, kept: str) -> None:
    assert usernames.check(sent) == kept


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ab", "username_length"),
        ("x" * 31, "username_length"),
        ("", "username_length"),
        ("a b c", "username_characters"),
        ("sаra", "username_characters"),  # a Cyrillic а
        ("σara", "username_characters"),
        ("saraé", "username_characters"),
        ("sara💥", "username_characters"),
        ("ہاشم", "username_characters"),
        ("12345", "username_without_letter"),
        ("۱۲۳۴", "username_without_letter"),
        ("1.2-3", "username_without_letter"),
        (".sara", "username_punctuation"),
        ("sara_", "username_punctuation"),
        ("sa..ra", "username_punctuation"),
        ("sa._ra", "username_punctuation"),
        ("sa\u200cra", "username_punctuation"),
        ("علی\u200c1", "username_punctuation"),
        ("saraعلی", "username_scripts_mixed"),
        ("admin", "username_reserved"),
        ("ADM1N", "username_reserved"),
        ("ad.min", "username_reserved"),
        ("adrnin", "username_reserved"),
        ("support_24", "username_reserved"),
        ("Support7", "username_reserved"),
        ("میدان", "username_reserved"),
        ("ميدان۱", "username_reserved"),
        ("پشتیبانی", "username_reserved"),
        ("deleted-12", "username_reserved"),
        ("deleted", "username_reserved"),
    ],
)
def test_impossible_username_is_refused_with_its_reason(name: str, code: str) -> None:
    with pytest.raises(UsernameRefused) as refused:
        usernames.check(name)
    assert (refused.value.code, refused.value.errors["username"][0]["code"]) == (code, code)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sara", "sARA"),
        ("sara", "s.a-r_a"),
        ("b0b", "bob"),
        ("bill", "b1II"),
        ("modern", "rnodern"),
        ("علي", "علی"),
        ("آرش", "ارش"),
        ("علی۱۲", "علی12"),
        ("علی١٢", "علی12"),
        ("نیم\u200cفاصله", "نیمفاصله"),
        ("sara", "sаrа"),  # Cyrillic
        ("nick", "ηιcκ"),  # Greek
        ("ＳＡＲＡ", "sara"),
    ],
)
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert usernames.key(one) == usernames.key(other)


@pytest.mark.parametrize(("one", "other"), [("sara", "saba"), ("ali2", "ali3"), ("علی", "علیرضا"), ("نگار", "نگین")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert usernames.key(one) != usernames.key(other)


@pytest.mark.parametrize("name", ["Modern.Mammoth_01", "آریا\u200cمهر۱۲", "I11usion", "m" * 30])
def test_key_of_a_beginning_begins_the_key(name: str) -> None:
    key = usernames.key(name)
    assert all(key.startswith(usernames.key(name[:size])) for size in range(len(name) + 1))
    assert len(key) <= usernames.KEY_MAX_LENGTH


def test_key_fits_its_column_whatever_is_folded() -> None:
    assert len(usernames.key("ﷺ" * 30)) == usernames.KEY_MAX_LENGTH


def test_key_is_written_by_every_door(db: None) -> None:
    user = UserFactory(username="Sniper.O1")
    assert user.username_key == usernames.key("sniperol")
    User.objects.bulk_create([User(phone_number="09120000001", username="Bulk")])
    assert User.objects.get(username="Bulk").username_key == "bulk"
    user.username = "Other"
    user.save()
    user.refresh_from_db()
    assert user.username_key == "other"


@pytest.mark.parametrize("name", ["aLI", "a1i", "A.L.I", "al1"])
def test_username_that_looks_like_anothers_is_taken(client_for: Callable[..., Any], user: User, name: str) -> None:
    UserFactory(username="Ali")
    answer = client_for(user).patch(ME, {"username": name, "full_name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "username_taken")
    assert answer.json()["errors"]["username"][0]["code"] == "username_taken"
    user.refresh_from_db()
    assert (user.full_name, user.former_usernames.count()) == ("", 0)


def test_username_can_be_chosen_once_and_then_once_in_thirty_days(user: User, now: datetime) -> None:
    profiles.update(actor=user, username="Sara", now=now)
    profiles.update(actor=user, username="Sara", now=now)
    with pytest.raises(UsernameTooSoon) as refused:
        profiles.update(actor=user, username="Sara2", now=now + timedelta(days=29))
    assert refused.value.params["days"] == 30
    changed = profiles.update(actor=user, username="Sara2", now=now + timedelta(days=30))
    assert changed.username == "Sara2"
    assert list(user.former_usernames.order_by("pk").values_list("username", flat=True))[1:] == ["Sara"]
    assert AuditEntry.objects.filter(action="profile.update", changes__username=["Sara", "Sara2"]).count() == 1


def test_former_name_is_held_for_its_owner(now: datetime, db: None) -> None:
    owner, other = UserFactory(username="Falcon"), UserFactory()
    profiles.update(actor=owner, username="Eagle", now=now)
    with pytest.raises(UsernameTaken):
        profiles.update(actor=other, username="Fa1c0n", now=now + timedelta(days=89))
    other.refresh_from_db()
    assert other.username != "Fa1c0n"
    profiles.update(actor=owner, username="Falcon", now=now + timedelta(days=31))
    with pytest.raises(UsernameTaken):
        profiles.update(actor=other, username="Eagle", now=now + timedelta(days=120))
    assert profiles.update(actor=other, username="Eagle", now=now + timedelta(days=122)).username == "Eagle"


def test_search_by_a_beginning_uses_the_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        query = User.objects.filter(username_key__startswith="sni")
        plan = query.explain()
    assert "user_username_unique" in plan
    assert "username_key)::text ~>=~" in plan
