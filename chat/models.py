from django.db import models
from django.db.models import Q

from chat.enums import ConversationKind
from common.db import LockQuerySet
from matches.models import Match
from teams.models import Team
from tournaments.models import Tournament
from users.models import User

CLIENT_ID_MAX_LENGTH = 64
SUBJECTS = ("match", "tournament", "team", "direct_key")


def _about(subject: str, *kinds: ConversationKind) -> Q:
    others = {name: None for name in SUBJECTS if name != subject}
    return Q(**others, **{f"{subject}__isnull": False}, kind__in=kinds)


class Conversation(models.Model):
    """A room. Its row's lock hands out ``seq``, so that the order of messages is the order of their commits.

    ``direct_key`` names the people of a room that hangs on nothing else: "12:40" or "support:12".
    """

    kind = models.CharField(max_length=10, choices=ConversationKind)
    title = models.CharField(max_length=250, blank=True)
    match = models.OneToOneField(Match, null=True, blank=True, on_delete=models.CASCADE, related_name="conversation")
    tournament = models.OneToOneField(
        Tournament, null=True, blank=True, on_delete=models.CASCADE, related_name="conversation"
    )
    team = models.OneToOneField(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="conversation")
    direct_key = models.CharField(max_length=50, null=True, blank=True, unique=True)
    last_seq = models.BigIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_about("match", ConversationKind.MATCH)
                | _about("tournament", ConversationKind.TOURNAMENT)
                | _about("team", ConversationKind.TEAM)
                | _about("direct_key", ConversationKind.DIRECT, ConversationKind.SUPPORT),
                name="conversation_subject_fits_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ConversationMember(models.Model):
    """A person in a room, and how far they have read."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    last_read_seq = models.BigIntegerField(default=0)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="conversation_member_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class Message(models.Model):
    """What somebody wrote. ``seq`` counts 1, 2, 3 … per conversation, so that a client can ask for what it missed.

    A deleted message keeps its text for moderators; nobody else is shown it.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.BigIntegerField()
    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=CLIENT_ID_MAX_LENGTH, blank=True)
    content = models.TextField(blank=True)
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    attachment = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_unique"),
            models.UniqueConstraint(
                fields=["conversation", "sender", "client_id"],
                condition=~Q(client_id=""),
                name="message_client_id_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}:{self.seq}"
