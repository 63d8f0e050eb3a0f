"""Days, moments and numbers as people read them: by the clocks of PAGES_TIME_ZONE, the Jalali calendar for Persian.

The database and the API speak UTC.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import jdatetime
from django.conf import settings
from django.utils.translation import get_language

PERSIAN_DIGITS = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")


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


def localised(number: int) -> str:
    """A number as people write it: 1,000,000 or ۱٬۰۰۰٬۰۰۰."""
    text = f"{number:,}"
    return text.translate(PERSIAN_DIGITS) if get_language() == "fa" else text


def readable_moment(moment: datetime) -> str:
    """A moment in Tehran; in the Jalali calendar for those who read Persian."""
    clock = local(moment)
    if get_language() != "fa":
        return f"{clock:%Y-%m-%d %H:%M}"
    jalali = jdatetime.datetime.fromgregorian(datetime=clock)
    return jalali.strftime("%Y/%m/%d %H:%M").translate(PERSIAN_DIGITS)


def readable_day(day: date) -> str:
    """A day in the Jalali calendar for those who read Persian."""
    if get_language() != "fa":
        return f"{day:%Y-%m-%d}"
    return jdatetime.date.fromgregorian(date=day).strftime("%Y/%m/%d").translate(PERSIAN_DIGITS)
