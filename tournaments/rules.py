"""Who may do what with a tournament, and what of it a caller may do now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.actions import describe
from common.errors import DomainError, NotFound, PermissionDenied
from tournaments import errors
from tournaments.enums import GONE, EntrantStatus, Phase, TournamentStatus
from tournaments.models import Entrant, Tournament
from users import rules as staff
from users.errors import VerificationRequired
from users.models import User
from users.types import Caller

_NOT_ALL_VERIFIED = _(
    "Everybody on the roster needs an account verified to level %(level)s. It is lacking for: %(names)s."
)


def can_manage(caller: Caller, tournament: Tournament) -> bool:
    """Its organiser, and who manages its game."""
    return caller.is_authenticated and (
        tournament.creator_id == caller.pk or staff.manages_game(caller, tournament.game_id)
    )


def require_insider(caller: Caller, tournament: Tournament) -> None:
    """:raises NotAParticipant: the caller neither plays in it, nor runs it, nor oversees its game."""
    playing = tournament.entrants.filter(roster__user=caller.pk, roster__is_active=True).exists()
    if not (playing or can_manage(caller, tournament) or staff.oversees_game(caller, tournament.game_id)):
        raise errors.NotAParticipant


def can_see(caller: Caller, tournament: Tournament) -> bool:
    """A draft is known to its organiser and to who oversees its game."""
    if tournament.status != TournamentStatus.DRAFT:
        return True
    return can_manage(caller, tournament) or staff.oversees_game(caller, tournament.game_id)


def require_creator(actor: User, game_id: int) -> None:
    """:raises CreationRestricted: not everybody makes tournaments here (TOURNAMENT_CREATORS), and not the actor."""
    everybody = settings.TOURNAMENT_CREATORS == "everyone"
    if not (everybody or staff.manages_game(actor, game_id) or staff.is_organiser(actor)):
        raise errors.CreationRestricted


def may_promise_prizes(actor: User, game_id: int) -> bool:
    """Money of the platform's or of a sponsor's."""
    return staff.manages_game(actor, game_id)


def require_visible(caller: Caller, tournament: Tournament | None) -> Tournament:
    """:raises NotFound: there is none, or it is somebody else's draft."""
    if tournament is None or not can_see(caller, tournament):
        raise NotFound
    return tournament


def require_manager(caller: Caller, tournament: Tournament) -> None:
    """:raises NotFound: a draft of somebody else's. :raises NotOrganiser: neither organiser nor manager of its game."""
    require_visible(caller, tournament)
    if not can_manage(caller, tournament):
        raise errors.NotOrganiser


def require_payouts(actor: User) -> None:
    """:raises PermissionDenied: the actor may not decide about prizes."""
    if not (actor.is_active and actor.has_perm("tournaments.change_payout")):
        raise PermissionDenied


def require_verified(tournament: Tournament, actor: User, player_ids: Sequence[int]) -> None:
    """:raises VerificationRequired: somebody on the roster is not verified as the tournament asks.

    ``params["users"]`` names them as ``{id, username}``, unless it is the actor alone.
    """
    level = tournament.required_verification_level
    if level == 1:
        return
    lacking = [pk for pk, reached in staff.verification_levels(player_ids).items() if reached < level]
    if lacking == [actor.pk]:
        raise VerificationRequired(level=level)
    if lacking:
        people = list(User.objects.filter(pk__in=lacking).order_by("pk").values("id", "username"))
        names = ", ".join(person["username"] for person in people)
        raise VerificationRequired(detail=_NOT_ALL_VERIFIED, level=level, users=people, names=names)


def registration_is_open(tournament: Tournament, now: datetime) -> bool:
    return (
        tournament.status == TournamentStatus.PUBLISHED
        and tournament.registration_start_at <= now < tournament.registration_end_at
    )


def credentials_are_released(tournament: Tournament, now: datetime) -> bool:
    return tournament.credentials_release_at is not None and tournament.credentials_release_at <= now


def available_actions(
    caller: Caller, tournament: Tournament, entrant: Entrant | None, now: datetime
) -> list[dict[str, Any]]:
    """``[{action, allowed, reason, deadline}]`` for the caller; ``reason`` is an error code."""
    if not caller.is_authenticated:
        return []
    phase = tournament.phase(now)
    actions = [
        describe("join", _why_not_join(tournament, caller, entrant, now), tournament.registration_end_at),
    ]
    if entrant is not None and entrant.status == EntrantStatus.PENDING_PAYMENT:
        actions.append(describe("pay", None, entrant.reserved_until))
    if entrant is not None:
        actions += [
            describe("leave", None if tournament.status == TournamentStatus.PUBLISHED else errors.TournamentStateError),
            describe("withdraw", _why_not_withdraw(tournament, entrant)),
            describe("check_in", _why_not_check_in(entrant, phase), tournament.start_at),
            describe(
                "credentials", None if credentials_are_released(tournament, now) else errors.CredentialsNotReleased
            ),
        ]
    if can_manage(caller, tournament):
        status = tournament.status
        movable = status in {TournamentStatus.DRAFT, TournamentStatus.PUBLISHED, TournamentStatus.ONGOING}
        state = errors.TournamentStateError
        actions += [
            describe("publish", None if status == TournamentStatus.DRAFT else state),
            describe("start", None if status == TournamentStatus.PUBLISHED else state),
            describe("cancel", None if movable else state),
            describe("disqualify", None if status == TournamentStatus.ONGOING else state),
        ]
    return actions


def why_not_again(entrant: Entrant) -> DomainError:
    """What to tell somebody who joins and has an entrant here."""
    if entrant.status == EntrantStatus.PENDING_PAYMENT:
        return errors.EntryPaymentDue(until=entrant.reserved_until and entrant.reserved_until.isoformat())
    return errors.AlreadyJoined()


def _why_not_join(
    tournament: Tournament, caller: User, entrant: Entrant | None, now: datetime
) -> type[DomainError] | None:
    if entrant is not None:
        return type(why_not_again(entrant))
    if not registration_is_open(tournament, now):
        return errors.RegistrationClosed
    if tournament.seats.taken >= tournament.seats.capacity:
        return errors.TournamentFull
    level = tournament.required_verification_level
    return VerificationRequired if level > 1 and staff.verification_level(caller) < level else None


def _why_not_withdraw(tournament: Tournament, entrant: Entrant) -> type[DomainError] | None:
    if tournament.status != TournamentStatus.ONGOING:
        return errors.TournamentStateError
    return errors.EntrantIsOut if entrant.status in GONE else None


def _why_not_check_in(entrant: Entrant, phase: Phase) -> type[DomainError] | None:
    if entrant.status == EntrantStatus.CHECKED_IN:
        return errors.AlreadyCheckedIn
    if entrant.status == EntrantStatus.PENDING_PAYMENT:
        return errors.EntryPaymentDue
    return None if phase == Phase.CHECK_IN else errors.CheckInClosed
