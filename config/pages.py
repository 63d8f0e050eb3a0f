"""The few pages a person meets outside the admin: the start page, the way back from the bank, the list of errors."""

import json
import os
from collections import deque
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.error_catalogue import known_errors
from common.local_time import localised, readable_moment
from tournaments.enums import Phase, TournamentStatus
from tournaments.models import Tournament

SHOWN_TOURNAMENTS = 8
SHOWN_MESSAGES = 12
TAIL_BYTES = 64 * 1024
PAID, FAILED, UNKNOWN = "paid", "failed", "unknown"
# What a payment's own status, or the bank's word in the address, means to the payer.
PAYMENT_OUTCOMES = {
    "settled": PAID,
    "success": PAID,
    "ok": PAID,
    "failed": FAILED,
    "expired": FAILED,
    "mismatch": FAILED,
    "nok": FAILED,
}


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    tournaments = _tournaments(timezone.now())
    drawn = next((item for item in tournaments if item["drawn"]), None)
    shows_messages = settings.SHOW_SMS_ON_START_PAGE and "file" in settings.SMS_PROVIDERS
    return render(
        request,
        "start.html",
        {
            "tournaments": tournaments,
            "drawn": drawn,
            "shows_messages": shows_messages,
            "messages": _latest_messages(Path(settings.SMS_FILE)) if shows_messages else [],
        },
    )


@never_cache
@require_safe
def payment(request: HttpRequest) -> HttpResponse:
    """Says what the address says and reads nothing: whoever opens the link learns nothing about anybody's money."""
    number = request.GET.get("payment", "")
    outcome = PAYMENT_OUTCOMES.get(request.GET.get("status", "").lower(), UNKNOWN)
    known = number if number.isascii() and number.isdigit() and len(number) < 20 else ""
    return render(request, "payment.html", {"outcome": outcome, "number": known})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look by themselves, also from pages that are not ours to edit, such as the admin."""
    return redirect(static("meydan.svg"), permanent=True)


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    listed = known_errors(get_language() or settings.LANGUAGE_CODE)
    areas = [(area, list(of_area)) for area, of_area in groupby(listed, key=attrgetter("area"))]
    return render(request, "errors.html", {"areas": areas})


def _tournaments(now: datetime) -> list[dict[str, Any]]:
    """Those one can enter or watch, the liveliest first."""
    order = [Phase.ONGOING, Phase.CHECK_IN, Phase.REGISTRATION_OPEN, Phase.UPCOMING, Phase.COMPLETED]
    public = Tournament.objects.filter(~Q(status__in=[TournamentStatus.DRAFT, TournamentStatus.CANCELLED]))
    latest = public.select_related("game", "seats").order_by("-created_at", "-id")[:SHOWN_TOURNAMENTS]
    rows = [_row(tournament, tournament.phase(now)) for tournament in latest]
    return sorted(rows, key=lambda row: order.index(row["phase"]))


def _row(tournament: Tournament, phase: Phase) -> dict[str, Any]:
    seats = getattr(tournament, "seats", None)
    return {
        "id": tournament.pk,
        "name": tournament.name,
        "game": tournament.game.name,
        "phase": phase,
        "seats": f"{localised(seats.taken)} / {localised(seats.capacity)}" if seats else "",
        "entry_fee": localised(tournament.entry_fee_rial) if tournament.entry_fee_rial else "",
        "start": readable_moment(tournament.start_at),
        "drawn": tournament.started_at is not None,
        "bracket": f"/api/tournaments/tournaments/{tournament.pk}/bracket.svg",
    }


def _latest_messages(path: Path) -> list[dict[str, str]]:
    """The newest text messages of a local run, newest first."""
    with suppress(OSError), path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        lines = deque(file.read().decode(errors="replace").splitlines(), maxlen=SHOWN_MESSAGES)
        return [message for line in reversed(lines) if (message := _message(line))]
    return []


def _message(line: str) -> dict[str, str] | None:
    """One line of the file as the page shows it; None for the half line at which the tail may begin."""
    with suppress(ValueError, KeyError, TypeError):
        entry = json.loads(line)
        at = parse_datetime(entry["at"])
        return {"to": entry["to"], "text": entry["text"], "at": f"{timezone.localtime(at):%H:%M:%S}" if at else ""}
    return None
