"""Making a tournament and changing it."""

import re
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from common import audit, uploads
from common.db import use_case
from common.errors import InvalidInput, VersionConflict
from tournaments import errors, rules
from tournaments.enums import PrizeKind, PrizeSource, TournamentStatus, TournamentType
from tournaments.models import SeatCounter, Stage, Tournament
from tournaments.services import access, formats, prizes
from users.models import User

ALWAYS_EDITABLE = {"description", "rules", "color", "image", "end_at", "confirmation_minutes", "settings"}
EDITABLE_UNTIL_START = ALWAYS_EDITABLE | {
    "name",
    "mode",
    "min_participants",
    "max_participants",
    "registration_start_at",
    "registration_end_at",
    "check_in_start_at",
    "start_at",
    "best_of",
}


@use_case
def create(
    *,
    actor: User,
    now: datetime,
    image: UploadedFile | None = None,
    format: str = "single_elimination",
    format_options: dict[str, Any] | None = None,
    **fields: Any,
) -> Tournament:
    """Make a draft. Nobody sees it until it is published.

    :raises CreationRestricted: the actor makes no tournaments.
    :raises PrizeNeedsStaff, EntryPoolForbidden, InvalidInput, DatesInvalid: the fields do not fit together.
    """
    rules.require_creator(actor, fields["game"].pk)
    if fields.get("prize_kind") == PrizeKind.PER_KILL:
        fields.setdefault("prize_distribution", [])
    tournament = Tournament(creator=actor, created_at=now, slug=_free_slug(fields["name"]), **fields)
    if image is not None:
        tournament.image = uploads.store_image(image, folder="tournaments").path
    _check(tournament, actor)
    options = formats.checked_options(format, format_options or {}, tournament.best_of, tournament.max_participants)
    tournament.save()
    SeatCounter.objects.create(tournament=tournament, capacity=tournament.max_participants)
    Stage.objects.create(tournament=tournament, format=format, options=options)
    audit.record(action="tournament.create", actor=actor, target=tournament, now=now)
    return tournament


@use_case
def update(
    *,
    tournament_id: int,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
    image: UploadedFile | None = None,
    format_options: dict[str, Any] | None = None,
    **changes: Any,
) -> Tournament:
    """Change a tournament. What players have relied on is locked once it is published, most once it is started.

    :raises NotOrganiser: somebody else's. :raises FieldLocked: too late for one of the fields.
    :raises VersionConflict: it is not at ``expected_version`` any more.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    if expected_version is not None and expected_version != tournament.version:
        raise VersionConflict(version=tournament.version)
    if image is not None:
        changes["image"] = uploads.store_image(image, folder="tournaments").path
    changed: dict[str, Any] = {
        name: [str(getattr(tournament, name)), str(value)]
        for name, value in changes.items()
        if getattr(tournament, name) != value
    }
    locked = _locked_fields(tournament, changed.keys() | ({"format_options"} if format_options is not None else set()))
    if locked:
        raise errors.FieldLocked(fields=", ".join(sorted(locked)))
    for name in changed:
        setattr(tournament, name, changes[name])
    _check(tournament, actor)
    tournament.version = F("version") + 1
    tournament.save()
    tournament.refresh_from_db()
    if "max_participants" in changed:
        SeatCounter.objects.filter(tournament=tournament).update(capacity=tournament.max_participants)
    if format_options is not None or {"best_of", "max_participants"} & changed.keys():
        stage = tournament.stages.get()
        given = {**stage.options, "best_of": tournament.best_of} if format_options is None else format_options
        stage.options = formats.checked_options(stage.format, given, tournament.best_of, tournament.max_participants)
        stage.save()
    audit.record(action="tournament.update", actor=actor, target=tournament, now=now, **changed)
    return tournament


@use_case
def discard(*, tournament_id: int, actor: User, now: datetime) -> None:
    """Throw a draft away. What has been published is cancelled instead, so that its record stays.

    :raises NotOrganiser: somebody else's. :raises TournamentStateError: it is no draft any more.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    if tournament.status != TournamentStatus.DRAFT:
        raise errors.TournamentStateError(status=tournament.status)
    audit.record(action="tournament.discard", actor=actor, target=tournament, now=now, name=tournament.name)
    tournament.delete()


def _locked_fields(tournament: Tournament, names: set[str]) -> set[str]:
    if tournament.status == TournamentStatus.DRAFT:
        return set()
    return names - (EDITABLE_UNTIL_START if tournament.status == TournamentStatus.PUBLISHED else ALWAYS_EDITABLE)


def _check(tournament: Tournament, actor: User) -> None:
    if not tournament.registration_start_at < tournament.registration_end_at <= tournament.start_at:
        raise errors.DatesInvalid
    if tournament.check_in_start_at is not None and tournament.check_in_start_at > tournament.start_at:
        raise InvalidInput.of("check_in_start_date", "too_late", _("Check-in must open before the start."))
    if not 2 <= tournament.min_participants <= tournament.max_participants <= settings.TOURNAMENT_MAX_ENTRANTS:
        raise InvalidInput.of("max_participants", "range", _("The numbers of participants do not fit together."))
    if not settings.CONFIRMATION_MINUTES_MIN <= tournament.confirmation_minutes <= settings.CONFIRMATION_MINUTES_MAX:
        raise InvalidInput.of("confirmation_minutes", "range", _("This confirmation time is not allowed."))
    individual = tournament.type == TournamentType.INDIVIDUAL
    if (tournament.team_size != 1) if individual else not 1 <= tournament.team_size <= settings.TEAM_MAX_MEMBERS:
        raise InvalidInput.of("team_size", "range", _("This team size is not possible."))
    _check_prize_source(tournament, actor)
    _check_prize_table(tournament)


def _check_prize_table(tournament: Tournament) -> None:
    if prizes.is_for_kills(tournament):
        _check_kills(tournament)
        return
    if tournament.prize_per_kill_rial:
        raise InvalidInput.of("prize_per_kill", "not_for_kills", _("Prizes here are for places, not for kills."))
    distribution = tournament.prize_distribution
    if not 1 <= len(distribution) <= tournament.max_participants:
        raise InvalidInput.of("prize_distribution", "length", _("There are more prizes than places, or none."))
    if tournament.prize_kind == PrizeKind.SHARE:
        if sum(distribution) != prizes.BASIS_POINTS:
            raise InvalidInput.of("prize_distribution", "sum", _("The shares must add up to 10,000 basis points."))
        return
    if tournament.prize_source == PrizeSource.ENTRY_POOL:
        raise InvalidInput.of("prize_kind", "pool_unknown", _("Fixed prizes need a prize pool that is fixed."))
    if sum(distribution) > tournament.prize_pool_rial:
        raise InvalidInput.of("prize_distribution", "sum", _("The prizes are more than the prize pool."))
    if any(amount % settings.PRIZE_UNIT_RIAL for amount in distribution):
        raise InvalidInput.of("prize_distribution", "unit", _("A prize is not a multiple of the smallest unit."))


def _check_kills(tournament: Tournament) -> None:
    if tournament.prize_distribution:
        raise InvalidInput.of("prize_distribution", "for_kills", _("Prizes here are for kills, not for places."))
    if not tournament.prize_per_kill_rial:
        raise InvalidInput.of("prize_per_kill", "required", _("Say what a kill is worth."))
    if tournament.prize_per_kill_rial % settings.PRIZE_UNIT_RIAL:
        raise InvalidInput.of("prize_per_kill", "unit", _("A prize is not a multiple of the smallest unit."))


def _check_prize_source(tournament: Tournament, actor: User) -> None:
    if tournament.prize_source == PrizeSource.ENTRY_POOL:
        if not settings.ENTRY_POOL_ALLOWED:
            raise errors.EntryPoolForbidden
        if tournament.prize_pool_rial:
            raise InvalidInput.of("prize_pool", "derived", _("With entry fees as the prize, the pool is their sum."))
    elif tournament.prize_pool_rial and not rules.may_promise_prizes(actor, tournament.game_id):
        raise errors.PrizeNeedsStaff


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=True)[:120].strip("-") or "tournament"
    if re.fullmatch(r"\d+", base):
        base = f"t-{base}"
    if not Tournament.objects.filter(slug=base).exists():
        return base
    return f"{base}-{secrets.token_hex(4)}"
