from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from common.db import LockQuerySet
from matches.enums import MatchOutcome, MatchStatus, ReportStatus
from tournaments.models import Entrant, RosterMember, Stage, Tournament
from users.models import User


class MatchQuerySet(LockQuerySet[Any]):
    def with_sides(self) -> Self:
        """Everything a match document shows, in one query."""
        sides = [f"entrant_{side}__{who}" for side in "ab" for who in ("user", "team")]
        claims = [f"{claim}__{who}" for claim in ("winner", "claimed_winner") for who in ("user", "team")]
        return self.select_related("tournament", *sides, *claims)

    def overdue(self, now: datetime) -> Self:
        return self.filter(status=MatchStatus.PENDING_CONFIRMATION, confirm_deadline_at__lte=now)


class Match(models.Model):
    """One meeting of two entrants. Where its winner and loser go is planned by the engine and stored as columns."""

    tournament = models.ForeignKey(Tournament, on_delete=models.CASCADE, related_name="matches")
    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="matches")
    key = models.CharField(max_length=20)
    bracket = models.CharField(max_length=8)
    round = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    best_of = models.PositiveSmallIntegerField(default=1)
    draws_allowed = models.BooleanField(default=False)
    advantage = models.PositiveSmallIntegerField(
        default=0, help_text="Games that side a has won before the first is played; its score includes them."
    )
    conditional = models.CharField(
        max_length=20, blank=True, help_text="The key of the match that decides whether this one is played."
    )
    status = models.CharField(max_length=20, choices=MatchStatus, default=MatchStatus.PENDING)
    outcome = models.CharField(max_length=20, choices=MatchOutcome, blank=True)

    entrant_a = models.ForeignKey(Entrant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    entrant_b = models.ForeignKey(Entrant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    a_source = models.CharField(max_length=30, blank=True)
    b_source = models.CharField(max_length=30, blank=True)
    a_is_bye = models.BooleanField(default=False)
    b_is_bye = models.BooleanField(default=False)
    winner_to = models.CharField(max_length=20, blank=True)
    winner_to_side = models.CharField(max_length=1, blank=True)
    loser_to = models.CharField(max_length=20, blank=True)
    loser_to_side = models.CharField(max_length=1, blank=True)
    moves_if = models.CharField(
        max_length=1, blank=True, help_text="The side that has to win for anybody to go on; empty: whichever wins."
    )

    winner = models.ForeignKey(Entrant, null=True, blank=True, on_delete=models.PROTECT, related_name="won_matches")
    is_draw = models.BooleanField(default=False, help_text="Claimed, or in the end decided, as a draw.")
    score_a = models.PositiveSmallIntegerField(null=True, blank=True)
    score_b = models.PositiveSmallIntegerField(null=True, blank=True)
    games = models.JSONField(default=list, blank=True)
    room_id = models.CharField(max_length=40, blank=True)

    claimed_winner = models.ForeignKey(Entrant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_side = models.CharField(max_length=1, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    result_proof = models.CharField(max_length=200, blank=True)
    proof_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    confirm_deadline_at = models.DateTimeField(null=True, blank=True)
    is_confirmed = models.BooleanField(default=False)
    is_disputed = models.BooleanField(default=False)
    dispute_reason = models.TextField(blank=True)
    disputed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    disputed_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolve_note = models.TextField(blank=True)

    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["stage", "key"], name="match_key_unique"),
            models.CheckConstraint(
                condition=Q(entrant_a=None) | Q(entrant_b=None) | ~Q(entrant_a=F("entrant_b")),
                name="match_sides_differ",
            ),
            models.CheckConstraint(
                condition=Q(winner=None) | Q(winner=F("entrant_a")) | Q(winner=F("entrant_b")),
                name="match_winner_is_a_side",
            ),
            models.CheckConstraint(
                condition=~Q(status=MatchStatus.PENDING_CONFIRMATION)
                | (
                    (Q(claimed_winner__isnull=False) | Q(is_draw=True))
                    & Q(submitted_by__isnull=False, confirm_deadline_at__isnull=False)
                ),
                name="match_claim_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_draw=False) | Q(draws_allowed=True, winner=None),
                name="match_draw_has_no_winner",
            ),
        ]
        indexes = [
            models.Index(fields=["tournament", "round", "number"], name="match_order_idx"),
            models.Index(
                fields=["confirm_deadline_at"],
                condition=Q(status=MatchStatus.PENDING_CONFIRMATION),
                name="match_overdue_idx",
            ),
            models.Index(fields=["status"], name="match_status_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.tournament_id}:{self.key}"

    def side_of(self, user_id: int) -> str:
        """``"a"``, ``"b"`` or ``""``: the side on whose frozen roster the user stands."""
        entrant_id = (
            RosterMember.objects.filter(
                user_id=user_id, entrant_id__in=[self.entrant_a_id, self.entrant_b_id], is_active=True
            )
            .values_list("entrant_id", flat=True)
            .first()
        )
        if entrant_id is None:
            return ""
        return "a" if entrant_id == self.entrant_a_id else "b"


class Report(models.Model):
    """A player's complaint about another player in a match."""

    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="filed_reports")
    reported_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="received_reports")
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="reports")
    description = models.TextField()
    evidence = models.CharField(max_length=200, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, choices=ReportStatus, default=ReportStatus.PENDING)
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolve_note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reporter=F("reported_user")), name="report_not_oneself"),
            models.UniqueConstraint(
                fields=["reporter", "reported_user", "match"],
                condition=Q(status=ReportStatus.PENDING),
                name="report_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporter} about {self.reported_user}"
