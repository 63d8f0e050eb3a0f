"""Opening rooms. Each can be opened again and again: the second time it is found, and who opens it is let in."""

from collections.abc import Iterable
from datetime import datetime

from chat import rules
from chat.enums import ConversationKind
from chat.models import Conversation, ConversationMember
from common.db import needs_transaction, use_case
from common.errors import NotFound
from matches.models import Match
from tournaments.models import RosterMember
from users.models import User


@needs_transaction
def open_match_room(*, match_id: int, now: datetime) -> Conversation:
    """The room of a match, whose row the caller has locked.

    Its members are the players on the rosters of both sides; whoever was one and is no more has left.
    """
    match = Match.objects.select_related("entrant_a", "entrant_b").get(pk=match_id)
    sides = [entrant for entrant in (match.entrant_a, match.entrant_b) if entrant is not None]
    players = list(RosterMember.objects.filter(entrant__in=sides, is_active=True).values_list("user_id", flat=True))
    conversation = Conversation.objects.filter(match=match).first()
    if conversation is None:
        title = " – ".join(entrant.name for entrant in sides)
        conversation = Conversation.objects.create(
            kind=ConversationKind.MATCH, match=match, title=title, created_at=now
        )
        _add(conversation, players, now)
    else:
        conversation.members.filter(left_at=None).exclude(user__in=players).update(left_at=now)
        _let_in(conversation, players, now)
    return conversation


@needs_transaction
def direct_room(*, actor: User, other: User, now: datetime) -> Conversation:
    """The one conversation of two people."""
    low, high = sorted([actor.pk, other.pk])
    conversation, _ = Conversation.objects.get_or_create(
        direct_key=f"{low}:{high}", defaults={"kind": ConversationKind.DIRECT, "created_at": now}
    )
    _let_in(conversation, [low, high], now)
    return conversation


@use_case
def open_team_room(*, team_id: int, actor: User, now: datetime) -> Conversation:
    """The room of the actor's team. :raises NotFound: the actor is not in such a team."""
    team = rules.teams_of(actor.pk).filter(pk=team_id).first()
    if team is None:
        raise NotFound
    conversation, _ = Conversation.objects.get_or_create(
        team=team,
        defaults={"kind": ConversationKind.TEAM, "title": team.name, "created_at": now},
    )
    _let_in(conversation, [actor.pk], now)
    return conversation


@use_case
def open_tournament_room(*, tournament_id: int, actor: User, now: datetime) -> Conversation:
    """The room of a tournament. :raises NotFound: the actor neither plays in it nor made it."""
    tournament = rules.tournaments_of(actor.pk).filter(pk=tournament_id).first()
    if tournament is None:
        raise NotFound
    conversation, _ = Conversation.objects.get_or_create(
        tournament=tournament,
        defaults={"kind": ConversationKind.TOURNAMENT, "title": tournament.name, "created_at": now},
    )
    _let_in(conversation, [actor.pk], now)
    return conversation


@use_case
def open_support_room(*, actor: User, now: datetime) -> Conversation:
    """The actor's room with the support team: one per user, open to all staff."""
    conversation, _ = Conversation.objects.get_or_create(
        direct_key=f"support:{actor.pk}", defaults={"kind": ConversationKind.SUPPORT, "created_at": now}
    )
    _let_in(conversation, [actor.pk], now)
    return conversation


def _let_in(conversation: Conversation, user_ids: Iterable[int], now: datetime) -> None:
    conversation.members.filter(user__in=user_ids, left_at__isnull=False).update(left_at=None)
    _add(conversation, user_ids, now)


def _add(conversation: Conversation, user_ids: Iterable[int], now: datetime) -> None:
    """Make members of those who are none; what was written before they came is not unread for them."""
    ConversationMember.objects.bulk_create(
        [
            ConversationMember(
                conversation=conversation, user_id=user_id, last_read_seq=conversation.last_seq, joined_at=now
            )
            for user_id in user_ids
        ],
        ignore_conflicts=True,
    )
