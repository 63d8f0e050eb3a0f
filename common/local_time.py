"""Days and moments as the clocks of PAGES_TIME_ZONE show them; the database and the API speak UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(settings.PAGES_TIME_ZONE))


def day_of(moment: datetime) -> date:
    return local(moment).date()


def start_of(day: date) -> datetime:
    """The moment at which the day begins."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.PAGES_TIME_ZONE))


def end_of(day: date) -> datetime:
    """The moment at which the next day begins. The last day there is has no next: it ends as it begins."""
    return start_of(day + timedelta(days=1) if day < date.max else day)
