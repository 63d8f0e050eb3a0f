from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from common.db import LockQuerySet
from games.models import Game
from teams.models import Team
from tournaments.enums import (
    HOLDING_A_SEAT,
    EntrantStatus,
    PayoutStatus,
    Phase,
    PrizeKind,
    PrizeSource,
    PrizeTieMode,
    TournamentStatus,
    TournamentType,
)
from users.models import User


def default_prize_distribution() -> list[int]:
    return [5000, 3000, 2000]


def default_platform_fee_bps() -> int:
    return settings.PLATFORM_FEE_BPS


def default_prize_hold_minutes() -> int:
    return settings.PRIZE_HOLD_MINUTES


def default_confirmation_minutes() -> int:
    return settings.CONFIRMATION_MINUTES_DEFAULT


class Tournament(models.Model):
    """One event: who may enter, when, for what money, and under which rules it is played."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True, allow_unicode=True)
    description = models.TextField(blank=True)
    rules = models.TextField(blank=True)
    image = models.CharField(max_length=200, blank=True)
    color = models.CharField(max_length=7, blank=True)
    game = models.ForeignKey(Game, on_delete=models.PROTECT, related_name="tournaments")
    creator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="created_tournaments")
    status = models.CharField(max_length=12, choices=TournamentStatus, default=TournamentStatus.DRAFT)
    type = models.CharField(max_length=12, choices=TournamentType, default=TournamentType.INDIVIDUAL)
    mode = models.CharField(max_length=40, blank=True)
    team_size = models.PositiveSmallIntegerField(default=1)
    min_participants = models.PositiveIntegerField(default=2)
    max_participants = models.PositiveIntegerField(default=16)
    best_of = models.PositiveSmallIntegerField(default=1)
    confirmation_minutes = models.PositiveSmallIntegerField(default=default_confirmation_minutes)
    required_verification_level = models.PositiveSmallIntegerField(default=1)
    is_rated = models.BooleanField(default=True, help_text="Whether it counts for leaderboards and ratings.")
    min_rank = models.PositiveIntegerField(null=True, blank=True, help_text="The least score in its game to enter.")
    max_rank = models.PositiveIntegerField(null=True, blank=True, help_text="The highest score in its game to enter.")
    settings = models.JSONField(default=dict, blank=True)

    registration_start_at = models.DateTimeField()
    registration_end_at = models.DateTimeField()
    check_in_start_at = models.DateTimeField(null=True, blank=True)
    start_at = models.DateTimeField(db_index=True)
    end_at = models.DateTimeField(null=True, blank=True)

    entry_fee_rial = models.BigIntegerField(default=0)
    prize_pool_rial = models.BigIntegerField(default=0)
    prize_source = models.CharField(max_length=12, choices=PrizeSource, default=PrizeSource.PLATFORM)
    prize_kind = models.CharField(max_length=8, choices=PrizeKind, default=PrizeKind.SHARE)
    prize_distribution = models.JSONField(
        default=default_prize_distribution,
        help_text="Per place: basis points that are together 10,000, or Rials if the amounts are fixed.",
        blank=True,
    )
    prize_per_kill_rial = models.BigIntegerField(
        default=0, help_text="For every kill, as far as the pool reaches. What a side scores in a game are its kills."
    )
    prize_tie_mode = models.CharField(max_length=12, choices=PrizeTieMode, default=PrizeTieMode.POOL_AVERAGE)
    # How long a final place waits for its prize, so that staff can look into it.
    prize_hold_minutes = models.PositiveIntegerField(default=default_prize_hold_minutes)
    # When somebody has to look whether places have become final, or final ones are to be paid.
    payouts_check_at = models.DateTimeField(null=True, blank=True)
    platform_fee_bps = models.PositiveIntegerField(
        default=default_platform_fee_bps, validators=[MinValueValidator(0), MaxValueValidator(10_000)]
    )

    lobby_id = models.CharField(max_length=100, blank=True)
    lobby_password = models.CharField(max_length=100, blank=True)
    countdown_start_at = models.DateTimeField(null=True, blank=True)
    credentials_release_at = models.DateTimeField(null=True, blank=True)
    credentials_sent_at = models.DateTimeField(null=True, blank=True)

    draw_seed = models.BinaryField(max_length=32, null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry_fee_rial__gte=0, prize_pool_rial__gte=0, prize_per_kill_rial__gte=0),
                name="tournament_money_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(min_participants__gte=2, max_participants__gte=F("min_participants")),
                name="tournament_participants_range",
            ),
            models.CheckConstraint(
                condition=Q(min_rank=None) | Q(max_rank=None) | Q(min_rank__lte=F("max_rank")),
                name="tournament_ranks_in_order",
            ),
            models.CheckConstraint(
                condition=Q(registration_start_at__lt=F("registration_end_at"))
                & Q(registration_end_at__lte=F("start_at")),
                name="tournament_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(required_verification_level__range=(1, 3)), name="tournament_verification_level_range"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "start_at"], name="tournament_status_idx"),
            models.Index(
                fields=["credentials_release_at"],
                condition=Q(credentials_sent_at=None, credentials_release_at__isnull=False),
                name="tournament_credentials_due_idx",
            ),
            models.Index(
                fields=["payouts_check_at"],
                condition=Q(payouts_check_at__isnull=False),
                name="tournament_payouts_due_idx",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_free(self) -> bool:
        return self.entry_fee_rial == 0

    def phase(self, now: datetime) -> Phase:
        """What clients see as ``status``: a published tournament moves through its dates by itself."""
        if self.status != TournamentStatus.PUBLISHED:
            return Phase(self.status)
        if self.check_in_start_at is not None and self.check_in_start_at <= now:
            return Phase.CHECK_IN
        if self.registration_start_at <= now < self.registration_end_at:
            return Phase.REGISTRATION_OPEN
        return Phase.UPCOMING


class SeatCounter(models.Model):
    """How many seats are taken: a row of its own, locked last, so that a rush does not queue on the tournament."""

    tournament = models.OneToOneField(Tournament, on_delete=models.CASCADE, primary_key=True, related_name="seats")
    taken = models.PositiveIntegerField(default=0)
    capacity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="seat_counter_capacity"),
        ]

    def __str__(self) -> str:
        return f"{self.taken}/{self.capacity}"


class Stage(models.Model):
    """One part of a tournament with a format of its own, planned by the engine."""

    tournament = models.ForeignKey(Tournament, on_delete=models.CASCADE, related_name="stages")
    number = models.PositiveSmallIntegerField(default=1)
    format = models.CharField(max_length=30, default="single_elimination")
    options = models.JSONField(default=dict, blank=True)
    plan_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["tournament", "number"], name="stage_number_unique")]

    def __str__(self) -> str:
        return f"{self.tournament} {self.number}"


class StageEvent(models.Model):
    """What happened in a stage, in the engine's words: the plan and these events, by id, are the whole stage.

    Rows are only ever added, by whoever has the tournament locked; a trigger refuses to change them.
    """

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="events")
    data = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.data.get('event')}"


class EntrantQuerySet(LockQuerySet[Any]):
    def holding_a_seat(self) -> Self:
        return self.filter(status__in=HOLDING_A_SEAT)


class Entrant(models.Model):
    """A user or a team in one tournament, under the name it had when it joined."""

    tournament = models.ForeignKey(Tournament, on_delete=models.CASCADE, related_name="entrants")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    captain = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=20, choices=EntrantStatus, default=EntrantStatus.JOINED)
    seed = models.PositiveIntegerField(null=True, blank=True)
    place_first = models.PositiveIntegerField(null=True, blank=True)
    place_last = models.PositiveIntegerField(null=True, blank=True)
    prize_rial = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    joined_at = models.DateTimeField()
    checked_in_at = models.DateTimeField(null=True, blank=True)
    # Until when the seat is kept for a payment that is on its way, and at which price.
    reserved_until = models.DateTimeField(null=True, blank=True)
    reserved_price_rial = models.BigIntegerField(default=0)

    objects = EntrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(user=None) ^ Q(team=None), name="entrant_user_or_team"),
            models.UniqueConstraint(
                fields=["tournament", "team"],
                condition=Q(status__in=HOLDING_A_SEAT),
                name="entrant_team_unique",
            ),
            models.CheckConstraint(
                condition=~Q(status=EntrantStatus.PENDING_PAYMENT)
                | Q(reserved_until__isnull=False, reserved_price_rial__gt=0),
                name="entrant_reserved_until",
            ),
            models.UniqueConstraint(
                fields=["tournament", "seed"], name="entrant_seed_unique", deferrable=models.Deferrable.DEFERRED
            ),
        ]
        indexes = [
            models.Index(fields=["tournament", "status"], name="entrant_status_idx"),
            models.Index(
                fields=["reserved_until"],
                condition=Q(status=EntrantStatus.PENDING_PAYMENT),
                name="entrant_reserved_idx",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RosterMember(models.Model):
    """One player of an entrant: the roster is frozen when it joins, whatever the team does later."""

    entrant = models.ForeignKey(Entrant, on_delete=models.CASCADE, related_name="roster")
    tournament = models.ForeignKey(Tournament, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rosters")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tournament", "user"], condition=Q(is_active=True), name="roster_user_once_per_tournament"
            ),
            models.UniqueConstraint(fields=["entrant", "user"], name="roster_user_once_per_entrant"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.entrant}"


class Payout(models.Model):
    """The prize of one entrant whose place is final: awarded once, paid to its roster once."""

    tournament = models.ForeignKey(Tournament, on_delete=models.PROTECT, related_name="payouts")
    entrant = models.OneToOneField(Entrant, on_delete=models.PROTECT, related_name="payout")
    place_first = models.PositiveIntegerField()
    place_last = models.PositiveIntegerField()
    amount_rial = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=PayoutStatus, default=PayoutStatus.DUE)
    reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="payout_amount_positive"),
            models.CheckConstraint(
                condition=Q(status=PayoutStatus.PAID, paid_at__isnull=False)
                | (~Q(status=PayoutStatus.PAID) & Q(paid_at=None)),
                name="payout_paid_has_time",
            ),
        ]
        indexes = [models.Index(fields=["tournament", "place_first"], name="payout_place_idx")]

    def __str__(self) -> str:
        return f"{self.entrant} {self.place_first}: {self.amount_rial}"


class Scoring(models.Model):
    """What a tournament brought one user: a projection of the results that can always be rebuilt."""

    tournament = models.ForeignKey(Tournament, on_delete=models.CASCADE, related_name="scorings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="scorings")
    entrant = models.ForeignKey(Entrant, on_delete=models.CASCADE, related_name="scorings")
    placement = models.PositiveIntegerField()
    tied_with = models.PositiveIntegerField(default=0)
    wins = models.PositiveIntegerField(default=0)
    draws = models.PositiveIntegerField(default=0)
    losses = models.PositiveIntegerField(default=0)
    prize_rial = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tournament", "user"], name="scoring_user_unique")]

    def __str__(self) -> str:
        return f"{self.user}: {self.placement}"
