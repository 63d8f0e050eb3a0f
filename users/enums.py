from django.db import models
from django.utils.translation import gettext_lazy as _


class OtpPurpose(models.TextChoices):
    LOGIN = "login"
    STEP_UP = "step_up"
    PHONE_CHANGE = "phone_change"


class OtpSending(models.TextChoices):
    """What became of the text message that carries a code."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class Audience(models.TextChoices):
    """Who may see something of a person's; members are people who are signed in."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    NOBODY = "nobody"


class ContactAudience(models.TextChoices):
    """Who may write to a person or invite them; teammates share an open team with them."""

    EVERYONE = "everyone"
    TEAMMATES = "teammates"
    NOBODY = "nobody"


class ExportStatus(models.TextChoices):
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class Role(models.TextChoices):
    """What somebody does here beside playing, which everybody may. ``users/roles.py`` says what each may do."""

    SUPPORT = "support", _("Support")
    GAME_MANAGER = "game_manager", _("Game manager")
    ORGANISER = "organiser", _("Organiser")
    ADMINISTRATOR = "administrator", _("Administrator")


class IdentityStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    REVOKED = "revoked", _("Revoked")


IDENTITY_TRANSITIONS = {
    IdentityStatus.PENDING: {IdentityStatus.APPROVED, IdentityStatus.REJECTED},
    IdentityStatus.APPROVED: {IdentityStatus.REVOKED},
}


class DocumentKind(models.TextChoices):
    FRONT = "front", _("Front of the card")
    BACK = "back", _("Back of the card")
    SELFIE = "selfie", _("Selfie")
