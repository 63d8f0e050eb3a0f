"""Achievements follow from what is recorded: given with the tournament that earned them, and taken back without a word
when a correction takes the ground away."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.utils.translation import override

from common.db import needs_transaction
from notifications.services import Notice, notify_many
from players.achievements import ACHIEVEMENTS, earned
from players.models import Achievement, PlayerContribution
from users.models import User


@needs_transaction
def award(*, user_ids: Collection[int], now: datetime) -> None:
    """Make the achievements of these users again. Who has a new one is told, unless it was earned long ago."""
    rows = PlayerContribution.objects.filter(user__in=user_ids).order_by("user", "completed_at", "tournament")
    due = {
        (user_id, code): one
        for user_id, history in groupby(rows.iterator(2000), attrgetter("user_id"))
        for code, one in earned(list(history)).items()
    }
    held = {(one.user_id, one.code): one for one in Achievement.objects.filter(user__in=user_ids)}
    lost = [one.pk for key, one in held.items() if key not in due]
    Achievement.objects.filter(pk__in=lost).delete()
    moved = []
    for key, one in due.items():
        achievement = held.get(key)
        if achievement and (achievement.tournament_id, achievement.earned_at) != (one.tournament_id, one.completed_at):
            achievement.tournament_id, achievement.earned_at = one.tournament_id, one.completed_at
            moved.append(achievement)
    Achievement.objects.bulk_update(moved, ["tournament", "earned_at"], batch_size=1000)
    fresh = [
        Achievement(user_id=user_id, code=code, tournament_id=one.tournament_id, earned_at=one.completed_at)
        for (user_id, code), one in due.items()
        if (user_id, code) not in held
    ]
    Achievement.objects.bulk_create(fresh, batch_size=1000)
    notify_many(_notices(fresh, now), now=now)


def _notices(achievements: Collection[Achievement], now: datetime) -> list[Notice]:
    since = now - timedelta(days=settings.ACHIEVEMENT_NOTICE_DAYS)
    recent: dict[str, list[int]] = defaultdict(list)
    for one in achievements:
        if one.earned_at >= since:
            recent[one.code].append(one.user_id)
    users = User.objects.filter(pk__in={pk for to in recent.values() for pk in to})
    languages = dict(users.values_list("pk", "language"))
    notices = []
    for code, to in recent.items():
        for language in sorted(set(languages.values())):
            with override(language):
                title = str(ACHIEVEMENTS[code].title)
            notices.append(
                Notice(
                    kind="achievement_earned",
                    to=[pk for pk in to if languages[pk] == language],
                    params={"achievement": title, "code": code},
                    dedupe_key=f"achievement:{code}",
                )
            )
    return notices
