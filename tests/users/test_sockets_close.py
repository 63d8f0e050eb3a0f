"""Whoever is signed out is off the sockets within five seconds; whoever is not stays."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone
from rest_framework.test import APIClient

from tests.chat.sockets import Socket, leave
from tests.conftest import open_session
from tests.factories.users import StaffFactory, UserFactory
from users.models import Session
from users.services import disabling, sessions, tickets

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("close_connections")]
SECONDS = 5


def client(session: Session) -> APIClient:
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {sessions._tokens(session).access}")
    return made


def log_out(lost: Session, kept: Session) -> None:
    assert client(lost).post("/api/auth/logout/").status_code == 204


def revoke_one(lost: Session, kept: Session) -> None:
    assert client(kept).delete(f"/api/auth/sessions/{lost.pk}/").status_code == 204


def revoke_others(lost: Session, kept: Session) -> None:
    assert client(kept).post("/api/auth/sessions/revoke_all/").json() == {"revoked": 1}


def reuse_a_refresh_token(lost: Session, kept: Session) -> None:
    old = sessions._tokens(lost).refresh
    sessions.refresh(token=old, now=timezone.now())
    Session.objects.filter(pk=lost.pk).update(rotated_at=timezone.now() - timedelta(minutes=1))
    assert APIClient().post("/api/auth/token/refresh/", {"refresh": old}).status_code == 401


def sign_out_by_staff(lost: Session, kept: Session) -> None:
    sessions.sign_out(user_id=lost.user_id, actor=StaffFactory(), reason="lost phone", now=timezone.now())


def disable_the_account(lost: Session, kept: Session) -> None:
    disabling.disable(user_id=lost.user_id, actor=StaffFactory(), reason="cheating", now=timezone.now())


def sessions_of_one_user() -> list[Session]:
    user = UserFactory()
    return [open_session(user), open_session(user)]


async def connect(session: Session) -> Socket:
    ticket = await database_sync_to_async(tickets.issue)(session_id=session.pk)
    return await Socket(f"/ws/notifications/?ticket={ticket}").open()


@pytest.mark.parametrize(
    ("end", "others_stay", "redis"),
    [
        (log_out, True, "there"),
        (revoke_one, True, "there"),
        (revoke_others, True, "there"),
        (reuse_a_refresh_token, True, "there"),
        (sign_out_by_staff, False, "there"),
        (disable_the_account, False, "there"),
        (log_out, True, "away"),
        (disable_the_account, False, "away"),
    ],
)
async def test_sockets_of_a_session_close_with_it(
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[Session, Session], None],
    others_stay: bool,
    redis: str,
) -> None:
    if redis == "away":
        monkeypatch.setattr("common.realtime._send", lambda group, message: None)
    lost, kept = await database_sync_to_async(sessions_of_one_user)()
    closing, staying = await connect(lost), await connect(kept)

    await database_sync_to_async(end)(lost, kept)
    began = monotonic()
    closed = [closing] if others_stay else [closing, staying]
    assert await asyncio.gather(*(socket.close_code(timeout=SECONDS) for socket in closed)) == [4401] * len(closed)
    assert monotonic() - began < (SECONDS if redis == "away" else 1.5)
    if others_stay:
        await staying.say("resume", after_seq=0)
        assert (await staying.next("resumed", timeout=SECONDS))["type"] == "resumed"
    await leave(*([staying] if others_stay else []))


async def test_ticket_of_a_signed_out_session_opens_nothing(transactional_db: None) -> None:
    lost, kept = await database_sync_to_async(sessions_of_one_user)()
    ticket = await database_sync_to_async(tickets.issue)(session_id=lost.pk)
    await database_sync_to_async(log_out)(lost, kept)
    socket = await Socket(f"/ws/notifications/?ticket={ticket}").open()
    assert socket.first["code"] == "not_authenticated"
    assert await socket.close_code() == 4401
