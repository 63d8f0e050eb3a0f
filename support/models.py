from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from common.db import LockQuerySet
from games.models import Game
from matches.models import Match
from support.enums import TicketStatus
from tournaments.models import Tournament
from users.models import User


class Ticket(models.Model):
    """A question or complaint of a user, and who looks after it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tickets")
    title = models.CharField(max_length=200)
    game = models.ForeignKey(Game, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    tournament = models.ForeignKey(Tournament, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    match = models.ForeignKey(Match, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    assignee = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_tickets"
    )
    status = models.CharField(max_length=10, choices=TicketStatus, default=TicketStatus.OPEN)
    rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__range=(1, 5)), name="ticket_rating_range"),
            models.CheckConstraint(
                condition=Q(status=TicketStatus.CLOSED, closed_at__isnull=False)
                | ~Q(status=TicketStatus.CLOSED) & Q(closed_at=None),
                name="ticket_closed_at_fits_status",
            ),
        ]
        indexes = [models.Index(fields=["status", "assignee"], name="ticket_status_idx")]

    def __str__(self) -> str:
        return f"{self.pk} {self.title}"


class TicketMessage(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(blank=True)
    is_staff_reply = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.author}"


class TicketAttachment(models.Model):
    message = models.ForeignKey(TicketMessage, on_delete=models.CASCADE, related_name="attachments")
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.path


class SupportAssignment(models.Model):
    """Who supports which game. A head of support also gets what nobody else is there for."""

    support_person = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="support_assignments", limit_choices_to={"is_staff": True}
    )
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="support_assignments")
    head_support = models.BooleanField(default=False)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["support_person", "game"], name="support_assignment_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.support_person}: {self.game}"
