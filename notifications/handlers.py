from django.utils import timezone

from common.events import handles
from notifications.services import notify
from users.events import RefreshTokenReused


@handles(RefreshTokenReused)
def warn_of_reuse(event: RefreshTokenReused) -> None:
    notify(
        kind="session_reuse",
        to=[event.user_id],
        params={},
        dedupe_key=f"session_reuse:{event.session_id}",
        now=timezone.now(),
    )
