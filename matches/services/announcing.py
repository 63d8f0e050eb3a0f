"""What people are told about matches."""

from collections.abc import Sequence

from common.events import publish
from matches import selectors
from matches.events import MatchesStarted
from matches.models import Match
from notifications.services import Notice
from tournaments.models import Entrant


def to_both(match: Match, kind: str) -> Notice:
    """Tells the players of both sides about the match as it is in this version."""
    return Notice(
        kind=kind,
        to=selectors.players_of(match),
        params={"match": match.pk},
        dedupe_key=f"{kind}:{match.pk}:{match.version}",
    )


def ready(begun: Sequence[Match]) -> list[Notice]:
    """Tells both sides of each match whom they meet."""
    if not begun:
        return []
    rosters = selectors.rosters([pk for match in begun for pk in (match.entrant_a_id, match.entrant_b_id) if pk])
    names = Entrant.objects.in_bulk(rosters.keys())
    sides = [
        (match, mine, other)
        for match in begun
        for mine, other in ((match.entrant_a_id, match.entrant_b_id), (match.entrant_b_id, match.entrant_a_id))
        if mine and other
    ]
    return [
        Notice(
            kind="match_ready",
            to=rosters[mine],
            params={"tournament": match.tournament.name, "match": match.pk, "opponent": names[other].name},
            dedupe_key=f"match_ready:{match.pk}",
        )
        for match, mine, other in sides
    ]


def publish_started(begun: Sequence[Match]) -> None:
    if begun:
        publish(MatchesStarted(match_ids=tuple(match.pk for match in begun)))
