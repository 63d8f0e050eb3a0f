from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from common import phone
from common.errors import InvalidInput
from common.limits import hit
from users import usernames
from users.enums import Audience
from users.models import Block, User

MIN_LENGTH = 2
MINUTE, DAY = 60, 86_400


def find(*, actor: User, term: str, now: datetime) -> QuerySet[User]:
    """Active users whose username begins like the term, or whose phone is exactly it: what an invitation needs.

    Whoever has blocked the actor is not among them; who hides the profile is found by the whole username only, and by
    phone only who allows it.

    :raises RateLimited: over USER_SEARCHES_PER_MINUTE, or over PHONE_SEARCHES_PER_DAY.
    """
    hit(key=f"search:{actor.pk}", limit=settings.USER_SEARCHES_PER_MINUTE, window_seconds=MINUTE, now=now)
    blocked = Block.objects.filter(user=OuterRef("pk"), blocked=actor)
    users = User.objects.filter(~Exists(blocked), is_active=True).order_by("username_key", "id")
    try:
        number = phone.normalise(term)
    except InvalidInput:
        return _by_username(users, usernames.key(term))
    hit(key=f"search-phone:{actor.pk}", limit=settings.PHONE_SEARCHES_PER_DAY, window_seconds=DAY, now=now)
    return users.filter(phone_number=number).exclude(privacy__findable_by_phone=False)


def _by_username(users: QuerySet[User], key: str) -> QuerySet[User]:
    if len(key) < MIN_LENGTH:
        return users.none()
    hidden = Q(privacy__profile=Audience.NOBODY) & ~Q(username_key=key)
    return users.filter(username_key__startswith=key).exclude(hidden)
