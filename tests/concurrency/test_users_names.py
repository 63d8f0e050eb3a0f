"""One name has one owner, at any moment and however it is spelt; a closed account is not signed in to."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.limits import hit
from tests.concurrency.threads import in_parallel, one_waits_for_the_other, rounds, told
from tests.factories.games import GameFactory
from tests.factories.tournaments import fill, join, make_tournament
from tests.factories.users import UserFactory
from tournaments.services import lifecycle
from users.assurance import Assurance
from users.models import FormerUsername, InGameID, InGameIDChange, User
from users.services import closing, otp, profiles, search, sessions

pytestmark = pytest.mark.django_db(transaction=True)

LOOKALIKES = ["Falcon", "fa1con", "FALC0N", "f.a.l.c.o.n"]


def rename(user: User, name: str, now: datetime | None = None) -> Any:
    return lambda: profiles.update(actor=user, username=name, now=now or timezone.now())


def test_one_of_many_gets_a_name() -> None:
    for _ in rounds(2):
        users = UserFactory.create_batch(len(LOOKALIKES))
        outcomes = in_parallel(*(rename(user, name) for user, name in zip(users, LOOKALIKES, strict=True)))
        assert told(outcomes) == {"done": 1, "username_taken": len(LOOKALIKES) - 1}
        assert User.objects.filter(username_key="falcon").count() == 1
        User.objects.all().delete()


def test_name_given_up_at_this_moment_is_not_snatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other waits for the unique index, and is told of the hold that came with the change."""
    owner, thief = UserFactory(username="Falcon"), UserFactory(username="thief")
    outcomes = one_waits_for_the_other(
        monkeypatch, profiles.audit, "record", rename(owner, "Eagle"), rename(thief, "Fa1con")
    )
    assert told(outcomes) == {"done": 1, "username_taken": 1}
    assert set(User.objects.values_list("username", flat=True)) == {"Eagle", "thief"}
    assert FormerUsername.objects.get().user == owner


def test_asked_before_the_write_it_would_be_snatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race that is won by asking last: the hold is there, and not yet to be seen."""
    owner, thief = UserFactory(username="Falcon"), UserFactory(username="thief")

    def naive() -> None:
        with transaction.atomic():
            assert not FormerUsername.objects.filter(username_key="falcon").exists()
            thief.username = "Falcon"
            thief.save()

    told(one_waits_for_the_other(monkeypatch, profiles.audit, "record", rename(owner, "Eagle"), naive))
    assert set(User.objects.values_list("username", flat=True)) == {"Eagle", "Falcon"}


def test_searches_for_phones_are_counted_exactly() -> None:
    user, now = UserFactory(), timezone.now()
    limit = settings.PHONE_SEARCHES_PER_DAY
    for number in range(limit - 3):
        hit(key=f"search-phone:{user.pk}", limit=limit, window_seconds=86_400, now=now + timedelta(microseconds=number))
    jobs = [lambda: search.find(actor=user, term="09121112233", now=now).count() for _ in range(10)]
    assert told(in_parallel(*jobs)) == {"done": 3, "rate_limited": 7}


def test_closing_and_signing_in_end_in_one_or_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otp.secrets, "randbelow", lambda limit: 123456)
    device = sessions.Device("phone", "agent", "10.0.0.1")
    for _ in rounds(3):
        user, now = UserFactory(), timezone.now()
        closing.request(actor=user, assurance=Assurance(level=2, proved_at=now), now=now)
        User.objects.filter(pk=user.pk).update(closing_at=now)
        otp.issue(phone_number=user.phone_number, ip="10.0.0.1", now=now)
        outcomes = in_parallel(
            lambda user=user, now=now: closing.close(user_id=user.pk, now=now),
            lambda user=user, now=now: sessions.sign_in(
                phone_number=user.phone_number, code="123456", device=device, now=now
            ),
        )
        told(outcomes)
        user.refresh_from_db()
        live = user.sessions.filter(revoked_at=None).count()
        assert (user.is_active, live, user.closed_at is None) in {(True, 1, True), (False, 0, False)}
        User.objects.filter(pk=user.pk).delete()


def test_id_does_not_change_under_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start has the tournament locked; whoever changes an id waits for it, and is then too late."""
    user, game = UserFactory(), GameFactory()
    InGameID.objects.create(user=user, game=game, player_id="Mine")
    tournament = make_tournament(game=game)
    join(tournament, user)
    fill(tournament, 1)
    outcomes = one_waits_for_the_other(
        monkeypatch,
        lifecycle,
        "publish_event",
        lambda: lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now()),
        lambda: profiles.update(actor=user, in_game_ids=[{"game": game, "player_id": "Other"}], now=timezone.now()),
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Tournament", "InGameIdFrozen"]
    assert InGameID.objects.get().player_id == "Mine"
    assert InGameIDChange.objects.count() == 0
