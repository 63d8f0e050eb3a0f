from typing import Any

from django.db import transaction
from django.utils import timezone

from notifications.models import Delivery, Notification
from notifications.services import notify
from users.models import User


def tell(user: User, count: int = 1, kind: str = "tournament_completed", **params: Any) -> list[Notification]:
    """``count`` notifications for one user, as a use case would make them."""
    params = params or {"tournament": "Cup"}
    before = Notification.objects.filter(user=user).count()
    with transaction.atomic():
        for number in range(before, before + count):
            notify(kind=kind, to=[user.pk], params=params, dedupe_key=f"{kind}:{number}", now=timezone.now())
    return list(Notification.objects.filter(user=user, seq__gt=before).order_by("seq"))


def due_delivery(user: User, channel: str = "sms") -> Delivery:
    """One delivery of lobby credentials that nothing has been sent for yet."""
    row = Notification.objects.create(
        user=user,
        seq=Notification.objects.filter(user=user).count() + 1,
        kind="lobby_credentials",
        params={"tournament": "Cup", "lobby_id": "room 7", "lobby_password": "s3cret"},
        dedupe_key=f"lobby:{Notification.objects.count()}",
        created_at=timezone.now(),
    )
    return Delivery.objects.create(
        notification=row, channel=channel, next_attempt_at=row.created_at, created_at=row.created_at
    )
