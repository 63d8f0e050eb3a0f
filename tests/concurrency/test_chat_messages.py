import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from chat import rules
from chat.models import Conversation, Message
from chat.services import messages
from common.db import LockQuerySet
from tests.factories.chat import ConversationFactory
from tests.factories.users import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def together(count: int, work: Callable[[int], object]) -> list[Exception]:
    """Run ``work(0)`` … ``work(count - 1)`` in threads that start at once; what they raised."""
    start, raised = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            start.wait(timeout=20)
            work(number)
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


def send(room: Conversation, sender: User, content: str, client_id: str = "") -> Message:
    return messages.send(
        conversation_id=room.pk, actor=sender, content=content, client_id=client_id, now=timezone.now()
    )


def test_two_messages_get_one_seq_without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [UserFactory(), UserFactory()]
    room = ConversationFactory(members=people)
    both_have_read = threading.Barrier(2)
    open_to = rules.open_to

    def wait_and_check(user_id: int) -> Any:
        both_have_read.wait(timeout=20)
        return open_to(user_id)

    monkeypatch.setattr(LockQuerySet, "locked", lambda self: self.order_by("pk"))
    monkeypatch.setattr(rules, "open_to", wait_and_check)
    raised = together(2, lambda number: send(room, people[number], "x"))
    assert [type(error) for error in raised] == [IntegrityError]
    assert Message.objects.count() == 1


def test_twenty_people_write_a_dense_row_of_messages() -> None:
    people = UserFactory.create_batch(20)
    room = ConversationFactory(members=people)

    def write(number: int) -> None:
        for turn in range(10):
            send(room, people[number], f"{number}:{turn}")

    assert together(20, write) == []
    written = list(Message.objects.order_by("seq").values_list("seq", "content"))
    assert [seq for seq, _ in written] == list(range(1, 201))
    assert len({content for _, content in written}) == 200
    for number in range(20):
        own = [content for _, content in written if content.startswith(f"{number}:")]
        assert own == [f"{number}:{turn}" for turn in range(10)]
    room.refresh_from_db()
    assert room.last_seq == 200


def test_one_client_id_sent_ten_times_at_once_is_one_message() -> None:
    sender = UserFactory()
    room = ConversationFactory(members=[sender])
    assert together(10, lambda number: send(room, sender, "x", "same")) == []
    assert list(Message.objects.values_list("seq", "client_id")) == [(1, "same")]


def test_first_messages_of_two_people_at_once_open_one_conversation() -> None:
    people = [UserFactory(), UserFactory()]

    def write(number: int) -> None:
        messages.send_direct(recipient_id=people[1 - number].pk, actor=people[number], content="x", now=timezone.now())

    assert together(2, write) == []
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert Conversation.objects.get().members.count() == 2


def test_reading_and_writing_at_once_do_not_block_each_other() -> None:
    people = UserFactory.create_batch(6)
    room = ConversationFactory(members=people)

    def work(number: int) -> None:
        for turn in range(10):
            if number % 2:
                messages.mark_read(conversation_id=room.pk, actor=people[number], seq=turn)
            else:
                send(room, people[number], str(turn))

    assert together(6, work) == []
    assert Message.objects.count() == 30
