from dataclasses import dataclass, field
from datetime import datetime

from common.errors import DomainError


@dataclass(frozen=True, slots=True)
class RefreshTokenReused:
    """A refresh token was used again after its successor: its session has been revoked."""

    user_id: int
    session_id: int


@dataclass(frozen=True, slots=True)
class OtpBudgetSpent:
    """OTP_GLOBAL_HOUR codes were sent within one hour: until ``ends_at`` nobody gets another."""

    budget: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class InGameIdChanging:
    """A locked user is about to get another id in a game; a handler that raises keeps the old one."""

    user_id: int
    game_id: int
    is_first: bool


@dataclass(frozen=True, slots=True)
class NewDeviceSignedIn:
    """Somebody signed in to an account that existed, from a device it had not been signed in from before."""

    user_id: int
    session_id: int
    device: str


@dataclass(frozen=True, slots=True)
class SecondFactorChanged:
    """``change`` is enabled, disabled, recovery_codes_renewed or recovery_code_used."""

    user_id: int
    change: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SecondFactorLockedOut:
    """So many wrong codes came that none is looked at until then."""

    user_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class IdentityDecided:
    """A reviewer approved or rejected what somebody sent, or an administrator revoked a verification."""

    review_id: int
    user_id: int
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    user_id: int
    phone_change_id: int


@dataclass(frozen=True, slots=True)
class DataExportReady:
    """A person's export can be fetched."""

    user_id: int
    export_id: int


@dataclass(frozen=True, slots=True)
class AccountClosing:
    """May this account be closed now? Handlers add to ``refusals`` what stands in the way; none of them raises."""

    user_id: int
    refusals: list[DomainError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AccountClosingRequested:
    """The owner wants the account closed at ``closing_at``, and is signed out everywhere."""

    user_id: int
    closing_at: datetime


@dataclass(frozen=True, slots=True)
class VisibilityChanged:
    """What others may see of a person is different now, or the account was disabled or enabled."""

    user_id: int


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """An account closes: each app erases what it holds of the person and no law or other person needs.

    The row of the user is locked, and still as it was; it becomes anonymous when all handlers are done.
    """

    user_id: int
