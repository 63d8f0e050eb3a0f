"""Who stands where, and why."""

from typing import Any

from tournaments.engine import standings
from tournaments.models import Entrant, Tournament
from tournaments.services import history


def standings_of(tournament: Tournament) -> list[dict[str, Any]]:
    """One row per entrant, the best first; empty before the start."""
    if tournament.started_at is None:
        return []
    names = dict(Entrant.objects.filter(tournament=tournament, seed__isnull=False).values_list("pk", "name"))
    return [
        {
            "place": row.place,
            "tied": row.tied,
            "final": row.final,
            "entrant": int(row.entrant),
            "name": names[int(row.entrant)],
            "explain": {"code": row.explain.code, **dict(row.explain.params)},
        }
        for row in standings(history.view_of(tournament.stages.get()))
    ]
