from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError, IllegalTransition, PermissionDenied


class NotParticipant(PermissionDenied):
    code = "not_participant"
    detail = _("You do not play in this match.")


class NotReferee(PermissionDenied):
    code = "not_referee"
    detail = _("Only staff may decide a match.")


class OwnMatchNotRulable(PermissionDenied):
    code = "own_match"
    detail = _("You play in this match, so you may not rule on it.")


class MatchNotOngoing(IllegalTransition):
    code = "match_not_ongoing"
    detail = _("The match is not being played, or its result is in already.")


class MatchNotPendingConfirmation(IllegalTransition):
    code = "match_not_pending_confirmation"
    detail = _("There is no result that waits for confirmation.")


class OwnResultNotConfirmable(DomainError):
    code = "own_result"
    detail = _("Your own side submitted this result; the other side has to answer.")


class NotOwnResult(DomainError):
    code = "not_own_result"
    detail = _("The other side submitted this result; only they can withdraw it.")


class ConfirmationTimeOver(DomainError):
    code = "confirmation_time_over"
    detail = _("The time to dispute this result is over.")


class MatchNotDecidable(IllegalTransition):
    code = "match_not_decidable"
    detail = _("A match in this state cannot be decided.")


class WinnerNotInMatch(DomainError):
    code = "winner_not_in_match"
    detail = _("The winner must be one of the two sides of the match.")


class DrawNotAllowed(DomainError):
    code = "draw_not_allowed"
    detail = _("This match cannot end in a draw.")


class WinnerNeeded(DomainError):
    code = "winner_needed"
    detail = _("In this format every match needs a winner: rule for one side, or have it played again.")


class ScoreContradictsWinner(DomainError):
    code = "score_contradicts_winner"
    detail = _("The score and the winner do not agree.")


class GamesRequired(DomainError):
    code = "games_required"
    detail = _("This tournament pays for kills: give the score of every game.")


class RulingInvalid(DomainError):
    code = "ruling_invalid"
    detail = _("Give either the winner or an outcome.")


class BracketTooLarge(DomainError):
    code = "bracket_too_large"
    detail = _("This bracket is too large for one picture; read its matches instead.")


class BracketNotDrawn(DomainError):
    code = "bracket_not_drawn"
    detail = _("There is no picture of this format; read its matches instead.")


class ReportedNotInMatch(DomainError):
    code = "reported_not_in_match"
    detail = _("The reported player does not play in this match.")


class ReportedPlayerUnknown(DomainError):
    code = "reported_player_unknown"
    detail = _("Nobody is known by this player id in the game.")


class ReportOnOneself(DomainError):
    code = "report_on_oneself"
    detail = _("You cannot report yourself.")


class ReportOpen(DomainError):
    code = "report_open"
    detail = _("You have reported this player in this match already.")


class ReportClosed(IllegalTransition):
    code = "report_closed"
    detail = _("This report has been dealt with.")


constraint_error("report_not_oneself", ReportOnOneself)
constraint_error("report_open_once", ReportOpen)
