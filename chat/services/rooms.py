"""Opening rooms. Each can be opened again and again: the second time it is found, and who opens it is let in."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from chat import rules
from chat.enums import ConversationKind
from chat.models import Conversation, ConversationMember
from common.db import needs_transaction, use_case
from common.errors import NotFound
from matches import selectors
from matches.models import Match
from users.models import User
from users.usernames import of_closed_account


@needs_transaction
def open_match_rooms(*, match_ids: Sequence[int], now: datetime) -> None:
    """The rooms of matches whose rows the caller has locked; new ones in few statements, however many they are.

    The members of each are the players on the rosters of both sides; whoever was one and is no more has left.
    """
    matches = Match.objects.filter(pk__in=match_ids).select_related("entrant_a", "entrant_b").order_by("pk")
    sides = {match.pk: [entrant for entrant in (match.entrant_a, match.entrant_b) if entrant] for match in matches}
    rosters = selectors.rosters(entrant.pk for entrants in sides.values() for entrant in entrants)
    players = {
        match_id: [user_id for entrant in entrants for user_id in rosters[entrant.pk]]
        for match_id, entrants in sides.items()
    }
    known = {room.match_id: room for room in Conversation.objects.filter(match__in=sides)}
    fresh = Conversation.objects.bulk_create(
        Conversation(
            kind=ConversationKind.MATCH,
            match_id=match_id,
            title=_title(entrant.name for entrant in entrants),
            created_at=now,
        )
        for match_id, entrants in sides.items()
        if match_id not in known
    )
    ConversationMember.objects.bulk_create(
        member for room in fresh for member in _members(room, players[room.match_id], now)
    )
    for match_id, room in known.items():
        room.members.filter(left_at=None).exclude(user__in=players[match_id]).update(left_at=now)
        _let_in(room, players[match_id], now)


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


@needs_transaction
def leave_all(*, user_id: int, now: datetime) -> None:
    """Out of every room for good. What was written stays, as a part of what others said; the titles lose the name."""
    ConversationMember.objects.filter(user=user_id, left_at=None).update(left_at=now)
    mine = Q(entrant_a__user=user_id) | Q(entrant_b__user=user_id)
    titled = []
    for match in Match.objects.filter(mine, conversation__isnull=False).select_related(
        "conversation", "entrant_a", "entrant_b"
    ):
        sides = [entrant for entrant in (match.entrant_a, match.entrant_b) if entrant]
        room = match.conversation
        room.title = _title(of_closed_account(user_id) if side.user_id == user_id else side.name for side in sides)
        titled.append(room)
    Conversation.objects.bulk_update(titled, ["title"])


def _title(names: Iterable[str]) -> str:
    return " – ".join(names)


def _let_in(conversation: Conversation, user_ids: Iterable[int], now: datetime) -> None:
    conversation.members.filter(user__in=user_ids, left_at__isnull=False).update(left_at=None)
    ConversationMember.objects.bulk_create(_members(conversation, user_ids, now), ignore_conflicts=True)


def _members(conversation: Conversation, user_ids: Iterable[int], now: datetime) -> list[ConversationMember]:
    """Members to be; what was written before they came is not unread for them."""
    return [
        ConversationMember(
            conversation=conversation, user_id=user_id, last_read_seq=conversation.last_seq, joined_at=now
        )
        for user_id in user_ids
    ]
