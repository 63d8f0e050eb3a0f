"""A picture of some days, drawn here: bars for what came and what went."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.local_time import localised, readable_day
from wallet.enums import JournalKind
from wallet.reports import DayTotals

WIDTH, HEIGHT, FLOOR = 720, 200, 170
CAME, WENT = "#0b7a75", "#b9780a"


def daily_chart(days: Sequence[DayTotals]) -> SafeString:
    """Deposits and payouts of each day side by side; the tallest bar is as high as the picture."""
    came = [day.totals[JournalKind.DEPOSIT] for day in days]
    went = [day.totals[JournalKind.PAYOUT] for day in days]
    most = max([*came, *went, 1])
    step = WIDTH / max(len(days), 1)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"><title>{}: {}</title></rect>',
        (
            (
                round(number * step + shift * step * 0.45, 1),
                FLOOR - amount * (FLOOR - 10) // most,
                round(step * 0.4, 1),
                amount * (FLOOR - 10) // most,
                colour,
                readable_day(days[number].day),
                localised(amount),
            )
            for shift, (amounts, colour) in enumerate(((came, CAME), (went, WENT)))
            for number, amount in enumerate(amounts)
            if amount
        ),
    )
    legend = format_html_join(
        "",
        '<rect x="{}" y="{}" width="10" height="10" fill="{}"/><text x="{}" y="{}" font-size="11">{}</text>',
        (
            (x, FLOOR + 14, colour, x + 14, FLOOR + 23, name)
            for x, colour, name in ((4, CAME, _("Deposits")), (184, WENT, _("Payouts")))
        ),
    )
    return format_html(
        '<svg viewBox="0 0 {} {}" width="100%" role="img" aria-label="{}" direction="ltr" fill="currentColor">'
        '<line x1="0" x2="{}" y1="{}" y2="{}" stroke="currentColor" stroke-opacity=".4"/>{}{}</svg>',
        WIDTH,
        HEIGHT,
        _("Deposits and payouts by day"),
        WIDTH,
        FLOOR,
        FLOOR,
        bars,
        legend,
    )
