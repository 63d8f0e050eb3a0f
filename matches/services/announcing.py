"""What people are told about matches."""

from collections.abc import Collection, Sequence

from common.events import publish
from matches import selectors
from matches.events import MatchesStarted
from matches.models import Match
from notifications.services import Notice
from tournaments.enums import EntrantStatus
from tournaments.models import Entrant, Tournament


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


def byes(tournament: Tournament, round_number: int, entrant_ids: Collection[int]) -> list[Notice]:
    """Tells who sits a round out."""
    if not entrant_ids:
        return []
    return [
        Notice(
            kind="round_bye",
            to=[user_id for players in selectors.rosters(entrant_ids).values() for user_id in players],
            params={"tournament": tournament.name, "round": round_number},
            dedupe_key=f"round_bye:{tournament.pk}:{round_number}",
        )
    ]


def left(tournament: Tournament, entrant_id: int, ended: Sequence[Match]) -> list[Notice]:
    """Tells the players of an entrant that has left, and the opponents of the matches that this decided."""
    entrant = Entrant.objects.get(pk=entrant_id)
    opponents = {
        other: match
        for match in ended
        for mine, other in ((match.entrant_a_id, match.entrant_b_id), (match.entrant_b_id, match.entrant_a_id))
        if mine == entrant_id and other
    }
    rosters = selectors.rosters([entrant_id, *opponents])
    kind = "entrant_disqualified" if entrant.status == EntrantStatus.DISQUALIFIED else "entrant_withdrawn"
    told = Notice(kind, rosters[entrant_id], {"tournament": tournament.name}, f"{kind}:{entrant_id}")
    return [
        told,
        *(
            Notice(
                kind="opponent_left",
                to=rosters[other],
                params={"tournament": tournament.name, "match": match.pk, "opponent": entrant.name},
                dedupe_key=f"opponent_left:{match.pk}",
            )
            for other, match in opponents.items()
        ),
    ]


def publish_started(begun: Sequence[Match]) -> None:
    if begun:
        publish(MatchesStarted(match_ids=tuple(match.pk for match in begun)))
