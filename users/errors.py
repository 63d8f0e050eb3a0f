from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError, RateLimited, Unauthenticated


class OtpInvalid(DomainError):
    code = "otp_invalid"
    detail = _("The code is not right.")


class OtpExpired(DomainError):
    code = "otp_expired"
    detail = _("The code has expired. Ask for a new one.")


class OtpLocked(DomainError):
    code = "otp_locked"
    detail = _("Too many wrong tries. Ask for a new code.")


class OtpTooSoon(RateLimited):
    code = "otp_too_soon"
    detail = _("A code was sent a moment ago. Wait before you ask for another.")


class AccountDisabled(DomainError):
    code = "account_disabled"
    status = 403
    detail = _("This account is disabled.")


class TokenInvalid(Unauthenticated):
    code = "token_invalid"
    detail = _("The token is not valid any more. Sign in again.")


class StepUpRequired(DomainError):
    code = "step_up_required"
    status = 403
    detail = _("Prove once more that it is you: this needs a second factor that is fresh.")


class VerificationRequired(DomainError):
    code = "verification_required"
    status = 403
    detail = _("This needs an account verified to level %(level)s.")


class UsernameTaken(DomainError):
    code = "username_taken"
    detail = _("Somebody else has this username.")


class PlayerIdTaken(DomainError):
    code = "player_id_taken"
    detail = _("Somebody else has given this player id for the game.")


constraint_error("user_username_unique", UsernameTaken)
constraint_error("in_game_id_player_unique", PlayerIdTaken)
