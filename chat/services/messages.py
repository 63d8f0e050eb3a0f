"""Messages: send, edit, delete, read. The row is the truth; the broadcast is a hint that a client may miss."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from chat import rules
from chat.errors import MessageAlreadyDeleted, MessageEmpty, MessageTooLong, MessageToOneself
from chat.models import Conversation, ConversationMember, Message
from chat.serializers import MessageSerializer
from chat.services import rooms
from common import audit, uploads
from common.db import needs_transaction, use_case
from common.errors import InvalidInput, NotFound, PermissionDenied
from common.limits import hit
from common.realtime import broadcast_on_commit, conversation_group
from common.text import clean_text
from users.models import User

MINUTE = 60


@use_case
def send(
    *,
    conversation_id: int,
    actor: User,
    content: str,
    client_id: str = "",
    reply_to: int | None = None,
    attachment: UploadedFile | None = None,
    now: datetime,
) -> Message:
    """Write into a room. The same ``client_id`` again gives the message of the first time and sends nothing.

    :raises NotFound: the room is not open to the actor. :raises MessageEmpty: neither text nor picture.
    :raises MessageTooLong: over CHAT_MESSAGE_MAX_LENGTH. :raises InvalidInput: ``reply_to`` is not in this room.
    :raises ContactRefused: the other of a direct conversation takes no messages from the actor.
    :raises FileRejected: not a picture. :raises RateLimited: over CHAT_MESSAGES_PER_MINUTE.
    """
    _count(actor, now)
    if attachment is not None:
        rules.require_open(conversation_id=conversation_id, user_id=actor.pk)
    path = _keep(attachment)
    conversation = Conversation.objects.filter(pk=conversation_id).locked().first()
    if conversation is None or not rules.open_to(actor.pk).filter(pk=conversation_id).exists():
        raise NotFound
    _require_welcome(conversation, actor)
    return _append(conversation, actor, content=content, client_id=client_id, reply_to=reply_to, path=path, now=now)


@use_case
def send_direct(
    *,
    recipient_id: int,
    actor: User,
    content: str,
    client_id: str = "",
    attachment: UploadedFile | None = None,
    now: datetime,
) -> Message:
    """Write to one person; the conversation of the two is opened by the first message.

    :raises InvalidInput: no such user. :raises MessageToOneself: the actor is the recipient.
    :raises ContactRefused: the recipient takes no messages from the actor.
    :raises MessageEmpty, MessageTooLong, FileRejected, RateLimited: see ``send``.
    """
    _count(actor, now)
    other = User.objects.filter(pk=recipient_id, is_active=True).first()
    if other is None:
        raise InvalidInput.of("recipient_id", "does_not_exist", _("There is no such user."))
    if other == actor:
        raise MessageToOneself
    rules.require_direct(sender=actor, to=other)
    path = _keep(attachment)
    room = rooms.direct_room(actor=actor, other=other, now=now)
    conversation = Conversation.objects.locked().get(pk=room.pk)
    return _append(conversation, actor, content=content, client_id=client_id, reply_to=None, path=path, now=now)


@use_case
def edit(*, message_id: int, actor: User, content: str, now: datetime) -> Message:
    """Put another text into one's own message.

    :raises NotFound: its room is not open to the actor. :raises PermissionDenied: it is another's.
    :raises MessageAlreadyDeleted, MessageEmpty, MessageTooLong, ContactRefused, RateLimited: see ``send``.
    """
    _count(actor, now)
    message = _locked(message_id, actor)
    if not rules.may_edit(message, actor):
        raise PermissionDenied
    if message.deleted_at:
        raise MessageAlreadyDeleted
    _require_welcome(message.conversation, actor)
    message.content = _text(content, may_be_empty=bool(message.attachment))
    message.edited_at = now
    message.save(update_fields=["content", "edited_at"])
    _broadcast(message.conversation_id, "message_edited", message=MessageSerializer(message).data)
    return message


@use_case
def delete(*, message_id: int, actor: User, now: datetime) -> None:
    """Take a message back; staff may take back another's, which is recorded. Again: nothing happens.

    :raises NotFound: its room is not open to the actor. :raises PermissionDenied: it is another's.
    """
    message = _locked(message_id, actor)
    if not rules.may_delete(message, actor):
        raise PermissionDenied
    if message.deleted_at:
        return
    message.deleted_at = now
    message.save(update_fields=["deleted_at"])
    if message.sender_id != actor.pk:
        audit.record(action="message.delete", actor=actor, target=message, now=now)
    _broadcast(message.conversation_id, "message_deleted", message_id=message.pk, seq=message.seq)


@use_case
def mark_read(*, conversation_id: int, actor: User, seq: int) -> int:
    """The actor has read up to ``seq``, or to the last message if that comes first; it never goes back.

    Returns how far they have read. Staff who are no members leave no mark.

    :raises NotFound: the room is not open to the actor.
    """
    conversation = rules.require_open(conversation_id=conversation_id, user_id=actor.pk)
    seq = min(seq, conversation.last_seq)
    member = ConversationMember.objects.filter(conversation=conversation, user=actor, left_at=None).locked().first()
    if member is None:
        return seq
    if member.last_read_seq < seq:
        member.last_read_seq = seq
        member.save(update_fields=["last_read_seq"])
        _broadcast(conversation.pk, "read", user_id=actor.pk, seq=seq)
    return member.last_read_seq


def _count(actor: User, now: datetime) -> None:
    limit = settings.CHAT_MESSAGES_PER_MINUTE
    hit(key=f"chat:{actor.pk}", limit=limit, window_seconds=MINUTE, now=now)


def _require_welcome(conversation: Conversation, actor: User) -> None:
    """:raises ContactRefused: the other of a direct conversation takes no messages from the actor."""
    other = rules.other_of(conversation, actor.pk)
    if other is not None:
        rules.require_direct(sender=actor, to=other)


def _keep(attachment: UploadedFile | None) -> str:
    """Decoding a picture takes time, so it comes before the lock of the room."""
    return uploads.store_image(attachment, folder="chat").path if attachment is not None else ""


def _text(content: str, *, may_be_empty: bool) -> str:
    text = clean_text(content)
    if not text and not may_be_empty:
        raise MessageEmpty
    if len(text) > settings.CHAT_MESSAGE_MAX_LENGTH:
        raise MessageTooLong(limit=settings.CHAT_MESSAGE_MAX_LENGTH)
    return text


@needs_transaction
def _append(
    conversation: Conversation,
    actor: User,
    *,
    content: str,
    client_id: str,
    reply_to: int | None,
    path: str,
    now: datetime,
) -> Message:
    if client_id:
        sent = conversation.messages.select_related("sender").filter(sender=actor, client_id=client_id).first()
        if sent is not None:
            return sent
    text = _text(content, may_be_empty=bool(path))
    if reply_to is not None and not conversation.messages.filter(pk=reply_to).exists():
        raise InvalidInput.of("reply_to", "does_not_exist", _("There is no such message here."))
    conversation.last_seq += 1
    conversation.last_message_at = now
    conversation.save(update_fields=["last_seq", "last_message_at"])
    message = Message.objects.create(
        conversation=conversation,
        seq=conversation.last_seq,
        sender=actor,
        client_id=client_id,
        content=text,
        reply_to_id=reply_to,
        attachment=path,
        created_at=now,
    )
    conversation.members.filter(user=actor, left_at=None).update(last_read_seq=message.seq)
    _broadcast(conversation.pk, "new_message", message=MessageSerializer(message).data)
    return message


def _locked(message_id: int, actor: User) -> Message:
    message = Message.objects.filter(pk=message_id).locked().select_related("sender").first()
    if message is None:
        raise NotFound
    rules.require_open(conversation_id=message.conversation_id, user_id=actor.pk)
    return message


def _broadcast(conversation_id: int, kind: str, **content: Any) -> None:
    broadcast_on_commit(conversation_group(conversation_id), {"type": kind, **content})
