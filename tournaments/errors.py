from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError, IllegalTransition, PermissionDenied


class NotOrganiser(PermissionDenied):
    code = "not_organiser"
    detail = _("Only the organiser of this tournament or staff may do this.")


class NotAParticipant(PermissionDenied):
    code = "not_a_participant"
    detail = _("You do not take part in this tournament.")


class CreationRestricted(DomainError):
    code = "creation_restricted"
    status = 403
    detail = _("Only organisers make tournaments here. Ask support to become one.")


class PrizeNeedsStaff(PermissionDenied):
    code = "prize_needs_staff"
    detail = _("Only staff may promise a prize that is not paid from the entry fees.")


class EntryPoolForbidden(DomainError):
    code = "entry_pool_forbidden"
    detail = _("Prizes from entry fees are switched off on this platform.")


class TournamentStateError(IllegalTransition):
    code = "tournament_state"
    detail = _("The tournament's present state does not allow this.")


class PrizesPaid(DomainError):
    code = "prizes_paid"
    detail = _("A prize of this tournament has been paid, so it cannot be called off any more.")


class RegistrationClosed(DomainError):
    code = "registration_closed"
    detail = _("Registration is not open.")


class RankNotAllowed(PermissionDenied):
    """``params["users"]`` names who does not fit as ``{id, username}``."""

    code = "rank_not_allowed"
    detail = _("This tournament is for other ranks: %(names)s cannot enter.")


class RanksInvalid(DomainError):
    code = "ranks_invalid"
    detail = _("The highest rank that may enter is not below the lowest.")


class TournamentFull(DomainError):
    code = "tournament_full"
    detail = _("Every seat is taken.")


class AlreadyJoined(DomainError):
    code = "already_joined"
    detail = _("Already taking part in this tournament.")


class EntryPaymentDue(DomainError):
    code = "entry_payment_due"
    detail = _("The seat is kept for you and waits for the entry fee to be paid.")


class TooManyUnpaidSeats(DomainError):
    code = "too_many_unpaid_seats"
    status = 429
    detail = _("Seats were kept for you too often without a payment. Pay from your wallet, or try again later.")


class PriceChanged(DomainError):
    code = "price_changed"
    detail = _("The entry fee is not what it was when the seat was reserved.")


class CheckInClosed(DomainError):
    code = "check_in_closed"
    detail = _("Check-in is not open.")


class AlreadyCheckedIn(DomainError):
    code = "already_checked_in"
    detail = _("Already checked in.")


class TeamRequired(DomainError):
    code = "team_required"
    detail = _("This is a tournament for teams: name the team.")


class TeamNotAllowed(DomainError):
    code = "team_not_allowed"
    detail = _("This is a tournament for individuals: join without a team.")


class RosterInvalid(DomainError):
    code = "roster_invalid"
    detail = _("The roster needs exactly %(size)s members of the team.")


class TooFewEntrants(DomainError):
    code = "too_few_entrants"
    detail = _("At least %(least)s entrants are needed; %(count)s are ready.")


class EntrantIsOut(IllegalTransition):
    code = "entrant_is_out"
    detail = _("This entrant has left the tournament already.")


class RoundNotPaired(DomainError):
    code = "round_not_paired"
    detail = _("There is no table of this round: it has not been paired, or the format has no rounds of that kind.")


class FormatDoesNotFit(DomainError):
    code = "format_does_not_fit"
    detail = _("This format cannot be played by %(count)s entrants with its present options.")


class FieldLocked(DomainError):
    code = "field_locked"
    detail = _("This can no longer be changed: %(fields)s.")


class SeedingInvalid(DomainError):
    code = "seeding_invalid"
    detail = _("The order must name entrants of this tournament, each once.")


class NothingToRelease(DomainError):
    code = "no_credentials"
    detail = _("Set the lobby id and password first.")


class CredentialsNotReleased(DomainError):
    code = "credentials_not_released"
    status = 403
    detail = _("The lobby id and password are not released yet.")


class DrawNotMade(DomainError):
    code = "draw_not_made"
    detail = _("The draw has not been made yet.")


class DatesInvalid(DomainError):
    code = "dates_invalid"
    detail = _("Registration must begin before it ends, and end by the start.")


class InGameIdFrozen(DomainError):
    code = "in_game_id_frozen"
    detail = _("Your player id stays as it is while you play in %(tournament)s.")


class InRunningTournament(DomainError):
    code = "in_running_tournament"
    detail = _("You are in a tournament that is not over: %(tournament)s. Leave it or play it to its end first.")


class PrizeNotPaid(DomainError):
    code = "prize_not_paid"
    detail = _("A prize of yours from %(tournament)s has not been paid yet.")


class OrganisesTournament(DomainError):
    code = "organises_tournament"
    detail = _("You organise a tournament that is not over: %(tournament)s. Finish or cancel it first.")


constraint_error("seat_counter_capacity", TournamentFull)
constraint_error("entrant_team_unique", AlreadyJoined)
constraint_error("roster_user_once_per_tournament", AlreadyJoined)
constraint_error("tournament_dates_in_order", DatesInvalid)
constraint_error("tournament_ranks_in_order", RanksInvalid)
