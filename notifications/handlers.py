from django.utils import timezone

from common import erasing
from common.events import handles
from common.text import clean_name
from notifications.models import Feed, Notification
from notifications.services import notify
from users import selectors, usernames
from users.events import (
    AccountClosed,
    AccountClosingRequested,
    DataExportReady,
    IdentityDecided,
    NewDeviceSignedIn,
    OtpBudgetSpent,
    PhoneChanged,
    RefreshTokenReused,
    SecondFactorChanged,
    SecondFactorLockedOut,
)
from users.models import User
from users.services.personal_data import Part, exports, rows

MAX_DEVICE_LENGTH = 80


@handles(RefreshTokenReused)
def warn_of_reuse(event: RefreshTokenReused) -> None:
    notify(
        kind="session_reuse",
        to=[event.user_id],
        params={},
        dedupe_key=f"session_reuse:{event.session_id}",
        now=timezone.now(),
    )


@handles(OtpBudgetSpent)
def warn_of_spent_budget(event: OtpBudgetSpent) -> None:
    notify(
        kind="otp_budget_spent",
        to=selectors.staff_ids(),
        params={"budget": event.budget},
        dedupe_key=f"otp_budget_spent:{event.ends_at.isoformat()}",
        now=timezone.now(),
    )


@handles(NewDeviceSignedIn)
def tell_of_new_device(event: NewDeviceSignedIn) -> None:
    notify(
        kind="new_sign_in",
        to=[event.user_id],
        params={"device": clean_name(event.device)[:MAX_DEVICE_LENGTH] or "?", "session": event.session_id},
        dedupe_key=f"new_sign_in:{event.session_id}",
        now=timezone.now(),
    )


@handles(SecondFactorChanged)
def tell_of_second_factor(event: SecondFactorChanged) -> None:
    notify(
        kind="second_factor_changed",
        to=[event.user_id],
        params={"status": event.change},
        dedupe_key=f"second_factor:{event.change}:{event.at.isoformat()}",
        now=event.at,
    )


@handles(SecondFactorLockedOut)
def warn_of_lock_out(event: SecondFactorLockedOut) -> None:
    notify(
        kind="second_factor_locked",
        to=[event.user_id],
        params={"until": event.until.isoformat()},
        dedupe_key=f"second_factor_locked:{event.until.isoformat()}",
        now=timezone.now(),
    )


@handles(IdentityDecided)
def tell_of_identity(event: IdentityDecided) -> None:
    notify(
        kind="identity_decided",
        to=[event.user_id],
        params={"status": event.status, "reason": event.reason, "review": event.review_id},
        dedupe_key=f"identity_decided:{event.review_id}:{event.status}",
        now=timezone.now(),
    )


@handles(PhoneChanged)
def tell_of_phone_change(event: PhoneChanged) -> None:
    notify(
        kind="phone_changed",
        to=[event.user_id],
        params={},
        dedupe_key=f"phone_changed:{event.phone_change_id}",
        now=timezone.now(),
    )


@handles(DataExportReady)
def tell_of_export(event: DataExportReady) -> None:
    notify(
        kind="data_export_ready",
        to=[event.user_id],
        params={},
        dedupe_key=f"data_export_ready:{event.export_id}",
        now=timezone.now(),
    )


@handles(AccountClosingRequested)
def tell_of_closing(event: AccountClosingRequested) -> None:
    notify(
        kind="account_closing",
        to=[event.user_id],
        params={"closing_at": event.closing_at.isoformat()},
        dedupe_key=f"account_closing:{event.closing_at.isoformat()}",
        now=timezone.now(),
    )


@handles(AccountClosed)
def forget_person(event: AccountClosed) -> None:
    """What the person was told goes; where others were told of the person, the name does."""
    Notification.objects.filter(user=event.user_id).delete()
    Feed.objects.filter(user=event.user_id).delete()
    for name in selectors.names_of(User.objects.get(pk=event.user_id)):
        erasing.replace_in_json(Notification, "params", old=name, new=usernames.of_closed_account(event.user_id))


@exports("notifications", Notification)
def export_notifications(user: User) -> Part:
    return Part({"notifications": rows(user.notifications.all(), "kind", "params", "is_read", "created_at")})
