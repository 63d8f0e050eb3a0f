"""Reports: a player complains about another one in a match; staff answer."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile

from common import audit, uploads
from common.db import use_case
from common.errors import NotFound
from common.state import transition
from matches import errors, rules, selectors
from matches.enums import REPORT_TRANSITIONS, ReportStatus
from matches.models import Match, Report
from notifications.services import notify
from users import player_ids
from users.models import InGameID, User


@use_case
def file(
    *,
    match_id: int,
    actor: User,
    description: str,
    now: datetime,
    reported_user_id: int | None = None,
    reported_player_id: str = "",
    evidence: UploadedFile | None = None,
) -> Report:
    """Report a player of the match, by user id or by player id in the tournament's game.

    :raises NotFound: no such match. :raises NotParticipant: the actor neither plays in it nor oversees it.
    :raises ReportedPlayerUnknown, ReportedNotInMatch, ReportOnOneself, ReportOpen, FileRejected: the report itself.
    """
    match = Match.objects.select_related("tournament").filter(pk=match_id).first()
    if match is None:
        raise NotFound
    if not rules.oversees(actor, match):
        rules.require_side(match, actor)
    reported_id = reported_user_id or _user_behind(reported_player_id, match)
    if reported_id == actor.pk:
        raise errors.ReportOnOneself
    if reported_id not in selectors.players_of(match):
        raise errors.ReportedNotInMatch
    stored = uploads.store_evidence(evidence, folder="evidence") if evidence else None
    report = Report.objects.create(
        reporter=actor,
        reported_user_id=reported_id,
        match=match,
        description=description,
        evidence=stored.path if stored else "",
        evidence_sha256=stored.sha256 if stored else "",
        created_at=now,
    )
    audit.record(action="report.file", actor=actor, target=report, now=now)
    notify(
        kind="report_filed",
        to=selectors.referee_ids(match),
        params={"match": match.pk},
        dedupe_key=f"report_filed:{report.pk}",
        now=now,
    )
    return report


def _user_behind(player_id: str, match: Match) -> int:
    known = InGameID.objects.filter(game=match.tournament.game_id, player_key=player_ids.key(player_id))
    user_id = known.values_list("user", flat=True).first()
    if user_id is None:
        raise errors.ReportedPlayerUnknown
    return user_id


@use_case
def close(*, report_id: int, actor: User, status: ReportStatus, note: str, now: datetime) -> Report:
    """A referee resolves or rejects a report; its reporter is told.

    :raises NotFound: not the actor's to know. :raises NotReferee, OwnMatchNotRulable: the actor may not rule on it.
    :raises ReportClosed: done before.
    """
    report = Report.objects.locked().filter(pk=report_id).first()
    match = selectors.find(report.match_id) if report else None
    if report is None or match is None or not (rules.oversees(actor, match) or report.reporter_id == actor.pk):
        raise NotFound
    rules.require_referee(match, actor)
    transition(report, status, REPORT_TRANSITIONS, error=errors.ReportClosed)
    report.resolved_by, report.resolve_note, report.resolved_at = actor, note, now
    report.save()
    audit.record(action=f"report.{status}", actor=actor, target=report, now=now, reason=note)
    notify(
        kind="report_resolved",
        to=[report.reporter_id],
        params={"match": report.match_id, "status": str(status)},
        dedupe_key=f"report_resolved:{report.pk}",
        now=now,
    )
    return report
