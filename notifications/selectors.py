from django.db.models import QuerySet

from notifications.models import Feed, Notification


def feed(user_id: int) -> QuerySet[Notification]:
    return Notification.objects.filter(user_id=user_id)


def head_seq(user_id: int) -> int:
    """The newest ``seq`` of the user; 0 before the first notification."""
    return Feed.objects.filter(pk=user_id).values_list("head_seq", flat=True).first() or 0


def after(user_id: int, seq: int, limit: int) -> list[Notification]:
    """What came after ``seq``, oldest first."""
    return list(feed(user_id).filter(seq__gt=seq).order_by("seq")[:limit])


def unread_count(user_id: int) -> int:
    return feed(user_id).filter(is_read=False).count()
