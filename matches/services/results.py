"""One match's result: submitted with proof, confirmed or disputed by the other side, settled by time or by staff."""

import logging
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from common import audit, uploads
from common.db import needs_transaction, use_case
from common.errors import NotFound
from common.state import transition
from matches import errors, rules, selectors
from matches.enums import TRANSITIONS, DisputeOutcome, MatchOutcome, MatchStatus
from matches.models import Match
from matches.services import announcing, progress, rows
from matches.services.rows import Games
from notifications.services import Notice, notify, notify_many
from tournaments.enums import TournamentType
from tournaments.models import Entrant, Tournament
from tournaments.services import formats, prizes
from users.models import User

logger = logging.getLogger(__name__)


def submit(
    *,
    match_id: int,
    actor: User,
    winner_id: int | None,
    proof: UploadedFile,
    now: datetime,
    games: Games = (),
) -> Match:
    """Record a claimed result with its screenshot and start the confirmation clock.

    ``winner_id`` is the user or the team that won, None for a draw; ``games`` are scores as
    {score1, score2[, penalties1, penalties2]}.

    :raises NotParticipant: the actor does not play in this match.
    :raises MatchNotOngoing: a result exists already, or play has not begun.
    :raises WinnerNotInMatch, DrawNotAllowed, ScoreContradictsWinner: the claim makes no sense.
    :raises GamesRequired: the tournament pays for kills, and there are no scores.
    :raises FileRejected: the proof is no picture.
    """
    match = selectors.find(match_id)
    _check_claim(match, actor, winner_id, games)
    # a picture is decoded before the row is locked, so that a large one holds nobody up
    stored = uploads.store_image(proof, folder="proofs")
    try:
        return _record_claim(match_id=match_id, actor=actor, winner_id=winner_id, games=games, proof=stored, now=now)
    except BaseException:
        default_storage.delete(stored.path)
        raise


@use_case
def _record_claim(
    *, match_id: int, actor: User, winner_id: int | None, games: Games, proof: uploads.StoredFile, now: datetime
) -> Match:
    match = _locked(match_id)
    side, winner = _check_claim(match, actor, winner_id, games)
    transition(match, MatchStatus.PENDING_CONFIRMATION, TRANSITIONS, error=errors.MatchNotOngoing)
    match.claimed_winner, match.is_draw = winner, winner is None
    match.submitted_by, match.submitted_side, match.submitted_at = actor, side, now
    match.result_proof, match.proof_sha256 = proof.path, proof.sha256
    match.games = list(games)
    match.score_a, match.score_b = rows.score_of(match, games)
    match.confirm_deadline_at = now + timedelta(minutes=match.tournament.confirmation_minutes)
    match.save()
    audit.record(action="match.submit", actor=actor, target=match, now=now, winner=winner and winner.pk)
    notify(
        kind="result_submitted",
        to=selectors.opponents_of(match, side),
        params={"match": match.pk, "by": actor.username, "minutes": match.tournament.confirmation_minutes},
        dedupe_key=f"result_submitted:{match.pk}:{match.version}",
        now=now,
    )
    return match


def _check_claim(match: Match, actor: User, winner_id: int | None, games: Games) -> tuple[str, Entrant | None]:
    side = rules.require_side(match, actor)
    _refuse(rules.why_not_submit(match))
    if winner_id is None and not match.draws_allowed:
        raise errors.DrawNotAllowed
    winner = None if winner_id is None else winner_by_id(match, winner_id)
    if not games and prizes.is_for_kills(match.tournament):
        raise errors.GamesRequired
    rows.check_claim(match, None if winner is None else winner.pk, games)
    return side, winner


def winner_by_id(match: Match, winner_id: int) -> Entrant:
    """The side whose user or team has this id. :raises WinnerNotInMatch: neither."""
    individual = match.tournament.type == TournamentType.INDIVIDUAL
    for entrant in (match.entrant_a, match.entrant_b):
        if entrant and winner_id == (entrant.user_id if individual else entrant.team_id):
            return entrant
    raise errors.WinnerNotInMatch


@use_case
def confirm(*, match_id: int, actor: User, now: datetime) -> Match:
    """The other side agrees: the match is completed and the bracket moves on.

    :raises NotParticipant: the actor does not play in it. :raises MatchNotPendingConfirmation: no result waits.
    :raises OwnResultNotConfirmable: the actor's own side submitted it.
    """
    match = _locked_with_tournament(match_id)
    side = rules.require_side(match, actor)
    _refuse(rules.why_not_confirm(match, side))
    match.is_confirmed = True
    audit.record(action="match.confirm", actor=actor, target=match, now=now)
    progress.decide(
        match=match, winner=match.claimed_winner, outcome=MatchOutcome.CONFIRMED, told_as="result_confirmed", now=now
    )
    return match


@use_case
def dispute(*, match_id: int, actor: User, reason: str, now: datetime) -> Match:
    """The other side disagrees: the match waits for staff, who are told.

    :raises NotParticipant, MatchNotPendingConfirmation, OwnResultNotConfirmable: as for ``confirm``.
    :raises ConfirmationTimeOver: the deadline has passed.
    """
    match = _locked(match_id)
    side = rules.require_side(match, actor)
    _refuse(rules.why_not_dispute(match, side, now))
    transition(match, MatchStatus.DISPUTED, TRANSITIONS, error=errors.MatchNotPendingConfirmation)
    match.is_disputed, match.dispute_reason = True, reason
    match.disputed_by, match.disputed_at = actor, now
    match.confirm_deadline_at = None
    match.save()
    audit.record(action="match.dispute", actor=actor, target=match, now=now, reason=reason)
    opened = Notice(
        kind="dispute_opened",
        to=selectors.referee_ids(match),
        params={"match": match.pk, "reason": reason},
        dedupe_key=f"dispute_opened:{match.pk}:{match.version}",
    )
    notify_many([announcing.to_both(match, "result_disputed"), opened], now=now)
    return match


@use_case
def withdraw(*, match_id: int, actor: User, now: datetime) -> Match:
    """The side that submitted takes its claim back; play goes on and a new result may be submitted.

    :raises NotParticipant: the actor does not play in it. :raises MatchNotPendingConfirmation: no result waits.
    :raises NotOwnResult: the other side submitted it.
    """
    match = _locked(match_id)
    side = rules.require_side(match, actor)
    _refuse(rules.why_not_withdraw(match, side))
    transition(match, MatchStatus.ONGOING, TRANSITIONS, error=errors.MatchNotPendingConfirmation)
    _clear_claim(match)
    match.save()
    audit.record(action="match.withdraw", actor=actor, target=match, now=now)
    return match


@use_case
def resolve(
    *,
    match_id: int,
    actor: User,
    now: datetime,
    winner_id: int | None = None,
    outcome: DisputeOutcome | None = None,
    games: Games = (),
    note: str = "",
) -> Match:
    """Staff decide: who won, or that it is a draw, or that both lose, or that it is played again.

    ``games`` replace the claimed ones, which stay without them if they led to the same winner.

    :raises NotReferee, OwnMatchNotRulable: the actor may not rule on it.
    :raises MatchNotDecidable: it is not being played, waiting or disputed.
    :raises RulingInvalid: a winner and an outcome, or neither. :raises WinnerNotInMatch: neither side.
    :raises DrawNotAllowed, WinnerNeeded: it cannot end so. :raises ScoreContradictsWinner: the games say otherwise.
    """
    match = _locked_with_tournament(match_id)
    rules.require_referee(match, actor)
    if match.status not in rules.DECIDABLE:
        raise errors.MatchNotDecidable(status=match.status)
    if (winner_id is None) == (outcome is None):
        raise errors.RulingInvalid
    winner = winner_by_id(match, winner_id) if winner_id is not None else None
    match.resolved_by, match.resolve_note = actor, note
    audit.record(
        action="match.resolve", actor=actor, target=match, now=now, reason=note, winner=winner_id, outcome=outcome
    )
    if outcome == DisputeOutcome.REPLAY:
        _replay(match, now)
        return match
    is_draw = outcome == DisputeOutcome.DRAW
    if is_draw and not match.draws_allowed:
        raise errors.DrawNotAllowed
    if outcome == DisputeOutcome.DOUBLE_FORFEIT and formats.is_decisive(match.stage.format):
        raise errors.WinnerNeeded
    how = MatchOutcome.RESOLVED if winner or is_draw else MatchOutcome.DOUBLE_FORFEIT
    if games:
        if winner is None and not is_draw:
            raise errors.RulingInvalid
        rows.check_claim(match, None if winner is None else winner.pk, games)
    elif (winner, is_draw) == (match.claimed_winner, match.is_draw):
        games = match.games
    match.games = list(games)
    match.score_a, match.score_b = rows.score_of(match, games)
    match.is_draw = is_draw
    progress.decide(match=match, winner=winner, outcome=how, told_as="dispute_resolved", now=now)
    return match


@needs_transaction
def _replay(match: Match, now: datetime) -> None:
    if match.status != MatchStatus.ONGOING:
        transition(match, MatchStatus.ONGOING, TRANSITIONS, error=errors.MatchNotDecidable)
    _clear_claim(match)
    match.save()
    notify_many([announcing.to_both(match, "match_replayed")], now=now)


def expire_pending(*, now: datetime) -> int:
    """Confirm by time every result that nobody answered before its deadline; returns how many.

    One that cannot be confirmed now stays due and does not hold up the others.
    """
    overdue = Match.objects.overdue(now).order_by("confirm_deadline_at").values_list("pk", flat=True)
    confirmed = 0
    for match_id in list(overdue):
        try:
            confirmed += expire(match_id=match_id, now=now)
        except Exception:
            logger.exception("match %s could not be confirmed by time", match_id)
    return confirmed


@use_case
def expire(*, match_id: int, now: datetime) -> bool:
    """Confirm one result by time, if it still waits and is overdue. Safe to call twice."""
    match = _locked_with_tournament(match_id)
    overdue = match.confirm_deadline_at is not None and match.confirm_deadline_at <= now
    if match.status != MatchStatus.PENDING_CONFIRMATION or not overdue:
        return False
    match.is_confirmed = True
    audit.record(action="match.auto_confirm", actor=None, target=match, now=now)
    progress.decide(
        match=match,
        winner=match.claimed_winner,
        outcome=MatchOutcome.AUTO_CONFIRMED,
        told_as="result_auto_confirmed",
        now=now,
    )
    return True


def _clear_claim(match: Match) -> None:
    match.claimed_winner = match.submitted_by = match.submitted_at = match.confirm_deadline_at = None
    match.submitted_side = match.result_proof = match.proof_sha256 = ""
    match.score_a = match.score_b = None
    match.games = []
    match.is_draw = False
    match.is_disputed, match.dispute_reason = False, ""
    match.disputed_by = match.disputed_at = None


def _locked(match_id: int) -> Match:
    """The match as it is once nobody else is at it.

    Locked first and read afterwards: a joined read that waits for its lock shows the new row beside the old sides.
    """
    Match.objects.locked().filter(pk=match_id).first()
    return selectors.find(match_id)


def _locked_with_tournament(match_id: int) -> Match:
    """Tournament first, then the match: whoever ends a match may end the tournament with it."""
    tournament = Tournament.objects.locked().filter(matches=match_id).first()
    if tournament is None:
        raise NotFound
    match = _locked(match_id)
    match.tournament = tournament
    return match


def _refuse(why_not: type[errors.DomainError] | None) -> None:
    if why_not is not None:
        raise why_not
