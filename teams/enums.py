from collections.abc import Mapping

from django.db import models


class Role(models.TextChoices):
    CAPTAIN = "captain"
    MANAGER = "manager"
    MEMBER = "member"


class InvitationStatus(models.TextChoices):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


INVITATION_TRANSITIONS: Mapping[str, frozenset[str]] = {
    InvitationStatus.PENDING: frozenset(
        {
            InvitationStatus.ACCEPTED,
            InvitationStatus.REJECTED,
            InvitationStatus.CANCELLED,
            InvitationStatus.EXPIRED,
        }
    )
}
