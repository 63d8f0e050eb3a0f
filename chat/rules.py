"""Who may read and write where. A room that is not open to somebody does not exist for them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.enums import STAFF_KINDS
from chat.models import Conversation, ConversationMember, Message
from common.errors import NotFound
from teams.models import Team, TeamMember
from tournaments.models import RosterMember, Tournament
from users.models import User


def teams_of(user_id: int) -> QuerySet[Team]:
    return Team.objects.filter(Exists(TeamMember.objects.filter(team=OuterRef("pk"), user=user_id)))


def tournaments_of(user_id: int) -> QuerySet[Tournament]:
    """Those the user plays in or has made."""
    playing = RosterMember.objects.filter(tournament=OuterRef("pk"), user=user_id, is_active=True)
    return Tournament.objects.filter(Q(creator=user_id) | Exists(playing))


def joined_by(user_id: int) -> QuerySet[Conversation]:
    """The user's own rooms. Whoever left the team or the tournament has lost its room, too."""
    membership = ConversationMember.objects.filter(conversation=OuterRef("pk"), user=user_id, left_at=None)
    return Conversation.objects.filter(
        Exists(membership),
        Q(team=None) | Q(team__in=teams_of(user_id)),
        Q(tournament=None) | Q(tournament__in=tournaments_of(user_id)),
    )


def open_to(user_id: int) -> QuerySet[Conversation]:
    """Where the user may read and write: their own rooms, and for staff the rooms of matches, tournaments and support.

    Everything is asked of the database, so that an open socket outlives neither a membership nor a staff's right.
    """
    staff = User.objects.filter(pk=user_id, is_staff=True)
    return Conversation.objects.filter(
        Q(pk__in=joined_by(user_id).values("pk")) | Q(Exists(staff), kind__in=STAFF_KINDS)
    )


def require_open(*, conversation_id: int, user_id: int) -> Conversation:
    """:raises NotFound: the room is not open to the user."""
    conversation = open_to(user_id).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def may_edit(message: Message, actor: User) -> bool:
    return message.sender_id == actor.pk


def may_delete(message: Message, actor: User) -> bool:
    """One's own; staff also another's."""
    return message.sender_id == actor.pk or User.objects.filter(pk=actor.pk, is_staff=True).exists()
