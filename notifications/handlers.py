from django.utils import timezone

from common.events import handles
from notifications.services import notify
from users import selectors
from users.events import OtpBudgetSpent, RefreshTokenReused


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
