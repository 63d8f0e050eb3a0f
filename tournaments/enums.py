from django.db import models
from django.utils.translation import gettext_lazy as _


class TournamentStatus(models.TextChoices):
    """What is stored. What clients see (``Phase``) follows from it and the clock."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ONGOING = "ongoing", _("Ongoing")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class Phase(models.TextChoices):
    DRAFT = "draft", _("Draft")
    UPCOMING = "upcoming", _("Upcoming")
    REGISTRATION_OPEN = "registration_open", _("Registration open")
    CHECK_IN = "check_in", _("Check-in")
    ONGOING = "ongoing", _("Ongoing")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


TRANSITIONS = {
    TournamentStatus.DRAFT: {TournamentStatus.PUBLISHED, TournamentStatus.CANCELLED},
    TournamentStatus.PUBLISHED: {TournamentStatus.ONGOING, TournamentStatus.CANCELLED},
    TournamentStatus.ONGOING: {TournamentStatus.COMPLETED, TournamentStatus.CANCELLED},
}


class TournamentType(models.TextChoices):
    INDIVIDUAL = "individual", _("Individual")
    TEAM = "team", _("Team")


class PrizeSource(models.TextChoices):
    """Where the prize comes from: a sponsor's or the platform's fixed sum, or the pooled entry fees."""

    SPONSOR = "sponsor", _("Sponsor")
    PLATFORM = "platform", _("Platform")
    ENTRY_POOL = "entry_pool", _("Entry fees")


class PrizeKind(models.TextChoices):
    """What prizes are for: places, with basis points of the pool or Rials in ``prize_distribution``; or kills."""

    SHARE = "share", _("Shares of the pool")
    FIXED = "fixed", _("Fixed amounts")
    PER_KILL = "per_kill", _("An amount for every kill")


class PrizeTieMode(models.TextChoices):
    """The engine's ways to pay entrants who share places."""

    POOL_AVERAGE = "pool_average", _("The prizes of their places, divided equally")
    HORT = "hort", _("Half by tie-break, half divided equally")
    TIEBREAK = "tiebreak", _("By tie-break alone")


class PayoutStatus(models.TextChoices):
    DUE = "due", _("Due")
    HELD = "held", _("Held")
    PAID = "paid", _("Paid")
    FORFEITED = "forfeited", _("Forfeited")


PAYOUT_TRANSITIONS = {
    PayoutStatus.DUE: {PayoutStatus.HELD, PayoutStatus.PAID, PayoutStatus.FORFEITED},
    PayoutStatus.HELD: {PayoutStatus.DUE, PayoutStatus.FORFEITED},
}


class EntrantStatus(models.TextChoices):
    PENDING_PAYMENT = "pending_payment", _("Waiting for the payment")
    JOINED = "joined", _("Joined")
    CHECKED_IN = "checked_in", _("Checked in")
    PLAYING = "playing", _("Playing")
    FINISHED = "finished", _("Finished")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DISQUALIFIED = "disqualified", _("Disqualified")
    LEFT = "left", _("Left")
    REMOVED = "removed", _("Removed")
    DROPPED = "dropped", _("Dropped: did not check in")
    LAPSED = "lapsed", _("Lapsed: not paid in time")


HOLDING_A_SEAT = (
    EntrantStatus.PENDING_PAYMENT,
    EntrantStatus.JOINED,
    EntrantStatus.CHECKED_IN,
    EntrantStatus.PLAYING,
    EntrantStatus.FINISHED,
    EntrantStatus.WITHDRAWN,
    EntrantStatus.DISQUALIFIED,
)
GONE = (EntrantStatus.WITHDRAWN, EntrantStatus.DISQUALIFIED)
"""Out of a tournament that had started: they keep their place in it, and play no more."""

ENTRANT_TRANSITIONS = {
    EntrantStatus.PENDING_PAYMENT: {
        EntrantStatus.JOINED,
        EntrantStatus.LEFT,
        EntrantStatus.REMOVED,
        EntrantStatus.LAPSED,
    },
    # Late money is not lost: who pays after the seat was given up gets it back, if there still is one.
    EntrantStatus.LAPSED: {EntrantStatus.JOINED},
    EntrantStatus.JOINED: {
        EntrantStatus.CHECKED_IN,
        EntrantStatus.PLAYING,
        EntrantStatus.LEFT,
        EntrantStatus.REMOVED,
        EntrantStatus.DROPPED,
    },
    EntrantStatus.CHECKED_IN: {EntrantStatus.PLAYING, EntrantStatus.LEFT, EntrantStatus.REMOVED},
    EntrantStatus.PLAYING: {EntrantStatus.FINISHED, EntrantStatus.WITHDRAWN, EntrantStatus.DISQUALIFIED},
}
