from django.conf import settings
from django.db import models
from django.db.models import Q

from common.db import LockQuerySet
from notifications.enums import Channel, DeliveryStatus

DUE_STATUSES = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)


class Feed(models.Model):
    """The head of one user's notifications: the row whose lock hands out ``seq`` without gaps."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    head_seq = models.BigIntegerField(default=0)

    objects = LockQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.head_seq}"


class Notification(models.Model):
    """One thing one user was told. ``seq`` counts 1, 2, 3 … per user, so that a client can ask for what it missed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=200)
    is_read = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "seq"], name="notification_seq_unique"),
            models.UniqueConstraint(fields=["user", "dedupe_key"], name="notification_dedupe_unique"),
        ]
        indexes = [models.Index(fields=["user"], condition=Q(is_read=False), name="notification_unread_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}:{self.seq}"


class Delivery(models.Model):
    """A notification on its way to a phone or a mailbox; the row is the outbox.

    ``next_attempt_at`` is when it may be tried (again); while it is being sent, when its sender is given up for dead.
    """

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    provider = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_channel_unique"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status__in=DUE_STATUSES), name="delivery_due_idx")
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.channel} {self.status}"
