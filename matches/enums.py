from django.db import models
from django.utils.translation import gettext_lazy as _


class MatchStatus(models.TextChoices):
    """The statuses of the match document, which clients know."""

    PENDING = "pending", _("Pending")
    ONGOING = "ongoing", _("Ongoing")
    PENDING_CONFIRMATION = "pending_confirmation", _("Pending confirmation")
    COMPLETED = "completed", _("Completed")
    DISPUTED = "disputed", _("Disputed")
    CANCELLED = "cancelled", _("Cancelled")


TRANSITIONS = {
    MatchStatus.PENDING: {MatchStatus.ONGOING, MatchStatus.COMPLETED, MatchStatus.CANCELLED},
    MatchStatus.ONGOING: {MatchStatus.PENDING_CONFIRMATION, MatchStatus.COMPLETED, MatchStatus.CANCELLED},
    MatchStatus.PENDING_CONFIRMATION: {
        MatchStatus.ONGOING,
        MatchStatus.DISPUTED,
        MatchStatus.COMPLETED,
        MatchStatus.CANCELLED,
    },
    MatchStatus.DISPUTED: {MatchStatus.ONGOING, MatchStatus.COMPLETED, MatchStatus.CANCELLED},
}


class MatchOutcome(models.TextChoices):
    """How a match ended: ``sub_status`` of a completed match."""

    CONFIRMED = "confirmed", _("Confirmed by the other side")
    AUTO_CONFIRMED = "auto_confirmed", _("Confirmed by time")
    RESOLVED = "resolved", _("Decided by staff")
    WALKOVER = "walkover", _("Walkover")
    DOUBLE_FORFEIT = "double_forfeit", _("Double forfeit")
    VOID = "void", _("Not played")


class DisputeOutcome(models.TextChoices):
    REPLAY = "replay", _("Play again")
    DRAW = "draw", _("Draw")
    DOUBLE_FORFEIT = "double_forfeit", _("Both lose")


class ReportStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    RESOLVED = "resolved", _("Resolved")
    REJECTED = "rejected", _("Rejected")


REPORT_TRANSITIONS = {ReportStatus.PENDING: {ReportStatus.RESOLVED, ReportStatus.REJECTED}}
