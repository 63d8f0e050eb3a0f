"""Who may read and write where. A room that is not open to somebody does not exist for them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.enums import STAFF_KINDS, ConversationKind
from chat.models import Conversation, ConversationMember, Message
from common.errors import NotFound
from teams.models import Team, TeamMember
from teams.selectors import are_teammates
from tournaments.models import RosterMember, Tournament
from users.enums import Role
from users.models import RoleGrant, User
from users.rules import require_contact
from users.selectors import support_staff


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
    """Where the user may read and write: their own rooms, and those that they oversee as staff.

    Everything is asked of the database, so that an open socket outlives neither a membership nor a staff's right.
    """
    return Conversation.objects.filter(Q(pk__in=joined_by(user_id).values("pk")) | _overseen_by(user_id))


def _overseen_by(user_id: int) -> Q:
    """The rooms of matches, tournaments and support; for a game's manager those of its tournaments and matches."""
    managed = RoleGrant.objects.filter(user=user_id, user__is_active=True, role=Role.GAME_MANAGER).values("game")
    return (
        Q(Exists(support_staff().filter(pk=user_id)), kind__in=STAFF_KINDS)
        | Q(kind=ConversationKind.TOURNAMENT, tournament__game__in=managed)
        | Q(kind=ConversationKind.MATCH, match__tournament__game__in=managed)
    )


def require_open(*, conversation_id: int, user_id: int) -> Conversation:
    """:raises NotFound: the room is not open to the user."""
    conversation = open_to(user_id).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def require_direct(*, sender: User, to: User) -> None:
    """:raises ContactRefused: the other takes no messages from the sender."""
    require_contact(
        sender=sender,
        to=to,
        setting="messages",
        are_teammates=lambda: are_teammates(sender.pk, to.pk),
    )


def other_of(conversation: Conversation, user_id: int) -> User | None:
    """Whom a direct conversation is with; None in a room of another kind."""
    if conversation.kind != ConversationKind.DIRECT:
        return None
    return User.objects.filter(pk__in=conversation.members.exclude(user=user_id).values("user")).first()


def may_edit(message: Message, actor: User) -> bool:
    return message.sender_id == actor.pk


def may_delete(message: Message, actor: User) -> bool:
    """One's own; staff also another's in the rooms that they oversee."""
    overseen = Conversation.objects.filter(_overseen_by(actor.pk), pk=message.conversation_id)
    return message.sender_id == actor.pk or overseen.exists()
