from typing import Any

from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError, IllegalTransition, InvalidInput, PermissionDenied, RateLimited, Unauthenticated


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


class OtpForAnother(DomainError):
    code = "otp_for_another"
    status = 403
    detail = _("A code for this goes only to your own phone.")


class OtpUnavailable(DomainError):
    code = "otp_unavailable"
    status = 503
    detail = _("No codes can be sent at the moment. Try again later; whoever is signed in stays so.")


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


class SecondFactorInvalid(DomainError):
    code = "second_factor_invalid"
    detail = _("The code is not right, or it was used before.")


class SecondFactorLocked(RateLimited):
    code = "second_factor_locked"
    detail = _("Too many wrong codes. Wait, or use a recovery code.")


class SecondFactorExists(DomainError):
    code = "second_factor_exists"
    detail = _("An authenticator app is set up already. Disable it first.")


class SecondFactorMissing(DomainError):
    code = "second_factor_missing"
    detail = _("No authenticator app is set up.")


class SecondFactorRequired(DomainError):
    code = "second_factor_required"
    detail = _("This account has an authenticator app: use its code, a text message is not enough.")


class SecondFactorUnreadable(DomainError):
    code = "second_factor_unreadable"
    status = 503
    detail = _("The authenticator app cannot be checked now. Use a recovery code.")


class PhoneTaken(DomainError):
    code = "phone_taken"
    detail = _("This number belongs to another account.")


class PhoneUnchanged(DomainError):
    code = "phone_unchanged"
    detail = _("This is the number of your account already.")


class StaffSignInRefused(DomainError):
    code = "staff_sign_in_refused"
    status = 403
    detail = _("The phone number or the password is not right, or the account has no part in the administration.")


class StaffSignInLocked(RateLimited):
    code = "staff_sign_in_locked"
    detail = _("Too many failed sign-ins. Wait a while before you try again.")


class VerificationRequired(DomainError):
    code = "verification_required"
    status = 403
    detail = _("This needs an account verified to level %(level)s.")


class UsernameRefused(InvalidInput):
    """Stands also under ``errors`` at the field, with the code of its class."""

    code = "username_refused"
    detail = _("This username is not possible.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.errors = {"username": [{"code": self.code, "detail": self.text}]}


class UsernameTaken(UsernameRefused):
    code = "username_taken"
    detail = _("Somebody else has this username, or one that looks like it.")


class UsernameLength(UsernameRefused):
    code = "username_length"
    detail = _("A username has %(min)s to %(max)s characters.")


class UsernameCharacters(UsernameRefused):
    code = "username_characters"
    detail = _("A username is made of Persian or Latin letters, digits, '.', '_' and '-'.")


class UsernamePunctuation(UsernameRefused):
    code = "username_punctuation"
    detail = _("In a username '.', '_' and '-' stand alone, between letters or digits.")


class UsernameWithoutLetter(UsernameRefused):
    code = "username_without_letter"
    detail = _("A username needs at least one letter.")


class UsernameScriptsMixed(UsernameRefused):
    code = "username_scripts_mixed"
    detail = _("A username is either Persian or Latin, not both.")


class UsernameReserved(UsernameRefused):
    code = "username_reserved"
    detail = _("This username is reserved.")


class UsernameTooSoon(UsernameRefused):
    code = "username_too_soon"
    detail = _("A username can be changed once in %(days)s days. The next time is %(available_at)s.")


class PlayerIdInvalid(DomainError):
    code = "player_id_invalid"
    detail = _("This is not a player id of %(game)s. An example: %(example)s")


class PlayerIdTaken(DomainError):
    code = "player_id_taken"
    detail = _("Somebody else has given this player id for the game.")


class AlreadyBlocked(DomainError):
    code = "already_blocked"
    detail = _("You have blocked this user already.")


class CannotBlockSelf(DomainError):
    code = "cannot_block_self"
    detail = _("You cannot block yourself.")


class CannotBlockStaff(DomainError):
    code = "cannot_block_staff"
    detail = _("Staff cannot be blocked. Complain to support instead.")


class TooManyBlocks(DomainError):
    code = "too_many_blocks"
    detail = _("You can block at most %(limit)s users.")


class ContactRefused(DomainError):
    """The same for a setting of theirs and for a block, so that nobody learns of a block."""

    code = "contact_refused"
    status = 403
    detail = _("This user does not accept this from you.")


class ExportPending(DomainError):
    code = "export_pending"
    detail = _("An export of your data is being made already.")


class ExportTooSoon(RateLimited):
    code = "export_too_soon"
    detail = _("Your data can be exported once a day.")


class AccountCannotClose(DomainError):
    """``params["reasons"]`` holds them all as ``{code, detail}``."""

    code = "account_cannot_close"
    detail = _("The account cannot be closed yet.")


class StaffCannotClose(DomainError):
    code = "staff_cannot_close"
    detail = _("An account of staff is closed by giving up its rights first.")


class NotAdministrator(PermissionDenied):
    code = "not_administrator"
    detail = _("Only administrators may do this.")


class OwnRole(DomainError):
    code = "own_role"
    status = 403
    detail = _("Nobody gives a role to themselves.")


class OwnAccount(DomainError):
    code = "own_account"
    status = 403
    detail = _("Nobody does this to their own account.")


class LastAdministrator(DomainError):
    code = "last_administrator"
    detail = _("This is the last administrator. Make somebody else one first.")


class RoleGranted(DomainError):
    code = "role_granted"
    detail = _("They have this role already.")


class GameFitsNoRole(DomainError):
    code = "game_fits_no_role"
    detail = _("A game manager manages one game; the other roles have none.")


class IdentityAlreadySubmitted(DomainError):
    code = "identity_already_submitted"
    detail = _("Your documents are being looked at, or you are verified already.")


class IdentityNotPending(IllegalTransition):
    code = "identity_not_pending"
    detail = _("This request has been decided.")


class IdentityNotApproved(IllegalTransition):
    code = "identity_not_approved"
    detail = _("This person is not verified, so there is nothing to revoke.")


class OwnIdentity(DomainError):
    code = "own_identity"
    status = 403
    detail = _("Somebody else must look at your documents.")


class NationalIdTaken(DomainError):
    """Told to reviewers alone: to anybody else it would tell who is here."""

    code = "national_id_taken"
    detail = _("Another account is verified under this national id.")


constraint_error("user_username_unique", UsernameTaken)
constraint_error("in_game_id_player_unique", PlayerIdTaken)
constraint_error("block_unique", AlreadyBlocked)
constraint_error("role_grant_unique", RoleGranted)
constraint_error("role_grant_game_fits_role", GameFitsNoRole)
constraint_error("identity_review_open_unique", IdentityAlreadySubmitted)
constraint_error("identity_review_person_unique", NationalIdTaken)
constraint_error("block_not_oneself", CannotBlockSelf)
constraint_error("data_export_one_pending", ExportPending)
constraint_error("users_user_phone_number_key", PhoneTaken)
