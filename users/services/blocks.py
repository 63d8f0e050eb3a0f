from datetime import datetime

from django.conf import settings

from common import audit
from common.db import use_case
from common.errors import NotFound
from users.errors import CannotBlockSelf, CannotBlockStaff, TooManyBlocks
from users.models import Block, User


@use_case
def add(*, actor: User, user_id: int, now: datetime) -> Block:
    """Keep somebody from finding, inviting and writing to the actor; they are not told.

    :raises NotFound: there is no such active user. :raises CannotBlockSelf, CannotBlockStaff: not this one.
    :raises AlreadyBlocked: (by constraint) it has been done. :raises TooManyBlocks: the actor has BLOCKS_MAX.
    """
    if user_id == actor.pk:
        raise CannotBlockSelf
    other = User.objects.filter(pk=user_id, is_active=True).first()
    if other is None:
        raise NotFound
    if other.is_staff:
        raise CannotBlockStaff
    if Block.objects.filter(user=actor).count() >= settings.BLOCKS_MAX:
        raise TooManyBlocks(limit=settings.BLOCKS_MAX)
    block = Block.objects.create(user=actor, blocked=other, created_at=now)
    audit.record(action="block.add", actor=actor, target=actor, now=now, blocked=other.pk)
    return block


@use_case
def remove(*, actor: User, block_id: int, now: datetime) -> None:
    """Let somebody come to the actor again. :raises NotFound: the actor has no such block."""
    block = Block.objects.filter(pk=block_id, user=actor).first()
    if block is None:
        raise NotFound
    audit.record(action="block.remove", actor=actor, target=actor, now=now, blocked=block.blocked_id)
    block.delete()
