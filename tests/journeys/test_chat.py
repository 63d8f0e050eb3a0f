from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rest_framework.test import APIClient

from tests.chat.sockets import Socket, leave


def sign_in(phone_number: str, sms_outbox: list[Any]) -> tuple[APIClient, dict[str, Any]]:
    client = APIClient()
    client.post("/api/auth/otp/request/", {"phone_number": phone_number})
    code = sms_outbox[-1].params["code"]
    body = client.post("/api/auth/otp/verify/", {"phone_number": phone_number, "code": code}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access']}")
    return client, body["user"]


def ticket(client: APIClient) -> str:
    return client.post("/api/auth/ws-ticket/").json()["ticket"]


@pytest.mark.django_db(transaction=True)
async def test_two_people_sign_in_by_phone_and_chat(sms_outbox: list[Any]) -> None:
    ali, ali_user = await sync_to_async(sign_in)("09121111111", sms_outbox)
    sara, sara_user = await sync_to_async(sign_in)("09122222222", sms_outbox)
    found = await sync_to_async(ali.get)("/api/users/users/", {"search": "09122222222"})
    assert [row["id"] for row in found.json()["results"]] == [sara_user["id"]]

    body = {"content": "سلام", "recipient_id": sara_user["id"], "client_id": "1"}
    first = (await sync_to_async(ali.post)("/api/chat/messages/", body)).json()
    room = f"/ws/chat/{first['conversation']}/"
    shown = (await sync_to_async(sara.get)("/api/chat/conversations/")).json()["results"]
    assert [(row["peer"]["id"], row["unread_count"]) for row in shown] == [(ali_user["id"], 1)]

    used = await sync_to_async(ticket)(sara)
    hers = await Socket(f"{room}?ticket={used}").open()
    his = await Socket(f"{room}?ticket={await sync_to_async(ticket)(ali)}").open()
    assert [hers.first["head_seq"], his.first["head_seq"]] == [1, 1]
    await hers.say("resume", after_seq=0)
    assert (await hers.next("new_message"))["message"] == first
    await hers.say("read", seq=1)
    assert (await his.next("read"))["user_id"] == sara_user["id"]
    await hers.say("chat_message", content="خوبی؟", client_id="2")
    for socket in (hers, his):
        message = (await socket.next("new_message"))["message"]
        assert (message["seq"], message["content"], message["client_id"]) == (2, "خوبی؟", "2")

    again = await Socket(f"{room}?ticket={used}").open()
    assert await again.close_code() == 4401
    stranger, _ = await sync_to_async(sign_in)("09123333333", sms_outbox)
    outside = await Socket(f"{room}?ticket={await sync_to_async(ticket)(stranger)}").open()
    assert await outside.close_code() == 4404

    assert (await sync_to_async(sara.post)("/api/auth/logout/")).status_code == 204
    assert await hers.close_code() == 4401
    await leave(hers, his, again, outside)
