"""``Idempotency-Key``: a request that is repeated happens once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from common.errors import Busy, DomainError, NotFound
from common.models import IdempotencyKey
from tests.conftest import access_token
from tests.factories.tournaments import make_tournament
from tests.factories.users import UserFactory
from tournaments import selectors
from tournaments.models import Entrant, Tournament
from users.models import User


@pytest.fixture
def cup(db: None) -> Tournament:
    return make_tournament()


def join(client: Any, cup: Tournament, key: str = "k1", **body: Any) -> Any:
    return client.post(f"/api/tournaments/tournaments/{cup.pk}/join/", body, HTTP_IDEMPOTENCY_KEY=key)


def test_repeated_request_gets_the_same_answer_and_happens_once(
    client_for: Callable[..., Any], cup: Tournament
) -> None:
    client = client_for(UserFactory())
    first, second = join(client, cup), join(client, cup)

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (first.status_code, first.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (201, None, "true")
    assert second["Content-Type"] == "application/json"
    assert Entrant.objects.count() == 1


def test_refusal_is_kept_too(client_for: Callable[..., Any], cup: Tournament) -> None:
    client = client_for(UserFactory())
    join(client, cup, "a")
    first, second = join(client, cup, "b"), join(client, cup, "b")

    assert (first.status_code, first.content) == (400, second.content)
    assert second["Content-Type"] == "application/problem+json"


def test_other_body_under_the_same_key_is_refused(client_for: Callable[..., Any], cup: Tournament) -> None:
    client = client_for(UserFactory())
    join(client, cup)
    answer = join(client, cup, team_id=7)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_are_ones_own_and_of_one_route(client_for: Callable[..., Any], cup: Tournament, staff: User) -> None:
    other = make_tournament()
    client = client_for(UserFactory())
    answers = [join(client, cup), join(client_for(UserFactory()), cup), join(client, other)]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert Entrant.objects.count() == 3


def test_request_in_flight_is_told(client_for: Callable[..., Any], cup: Tournament) -> None:
    user = UserFactory()
    client = client_for(user)
    join(client, cup)
    IdempotencyKey.objects.update(status_code=None, locked_until=timezone.now() + timedelta(seconds=5))
    answer = join(client, cup)

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "request_in_flight", "2")


def test_request_that_died_on_the_way_may_be_carried_on(client_for: Callable[..., Any], cup: Tournament) -> None:
    client = client_for(UserFactory())
    join(client, cup)
    IdempotencyKey.objects.update(status_code=None, locked_until=timezone.now() - timedelta(seconds=1))

    assert join(client, cup).json()["code"] == "already_joined"


def test_key_is_free_again_after_its_days(client_for: Callable[..., Any], cup: Tournament, settings: Any) -> None:
    client = client_for(UserFactory())
    join(client, cup)
    IdempotencyKey.objects.update(
        created_at=timezone.now() - timedelta(hours=settings.IDEMPOTENCY_KEY_HOURS, seconds=1)
    )

    assert join(client, cup, team_id=7).status_code == 400


def raising(error: Exception) -> Callable[..., int]:
    def id_of(*given: Any) -> int:
        raise error

    return id_of


@pytest.mark.parametrize(("error", "status", "kept"), [(Busy(retry_after=1), 503, 0), (NotFound(), 404, 1)])
def test_answer_worth_another_try_is_not_kept(
    client_for: Callable[..., Any], cup: Tournament, monkeypatch: pytest.MonkeyPatch, error: DomainError, status: int,
    kept: int,
) -> None:  # fmt: skip
    client = client_for(UserFactory())
    with monkeypatch.context() as broken:
        broken.setattr(selectors, "id_of", raising(error))
        assert join(client, cup).status_code == status
    assert IdempotencyKey.objects.count() == kept
    assert join(client, cup).status_code == (404 if kept else 201)


def test_defect_of_ours_is_not_kept(
    client_for: Callable[..., Any], cup: Tournament, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(UserFactory())
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(selectors, "id_of", raising(RuntimeError("boom")))
        assert join(client, cup).status_code == 500
    assert join(client, cup).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "k" * 201, "a b", "ک"])
def test_odd_key_is_refused(client_for: Callable[..., Any], cup: Tournament, key: str) -> None:
    answer = join(client_for(UserFactory()), cup, key.encode().decode("latin-1"))

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert Entrant.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_with_one_key_have_one_effect() -> None:
    cup, user = make_tournament(), UserFactory()
    token, barrier, answers = access_token(user), threading.Barrier(8), []

    def send() -> None:
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}", HTTP_IDEMPOTENCY_KEY="one")
        barrier.wait()
        answers.append(client.post(f"/api/tournaments/tournaments/{cup.pk}/join/", {}).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(answers) <= {201, 409}
    assert answers.count(201) >= 1
    assert (Entrant.objects.count(), IdempotencyKey.objects.count()) == (1, 1)
