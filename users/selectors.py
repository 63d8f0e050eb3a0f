from datetime import datetime

from django.db.models import QuerySet

from common import phone
from common.errors import InvalidInput
from users.models import Session, User

MIN_SEARCH_LENGTH = 2


def live_session(session_id: int, now: datetime) -> Session | None:
    """The session with its user, if it still counts: not revoked, not expired, user active."""
    return (
        Session.objects.select_related("user")
        .filter(pk=session_id, revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )


def search(term: str) -> QuerySet[User]:
    """Active users whose username begins with the term, or whose phone is exactly it: what an invitation needs."""
    users = User.objects.filter(is_active=True).order_by("username", "id")
    try:
        return users.filter(phone_number=phone.normalise(term))
    except InvalidInput:
        return users.filter(username__istartswith=term) if len(term) >= MIN_SEARCH_LENGTH else users.none()
