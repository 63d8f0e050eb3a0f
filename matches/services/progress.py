"""How a bracket moves by itself: matches are made, begin when both sides are known, and send winner and loser on.

The rules are the engine's ``settle`` and ``advance``; here they meet rows. One result costs the same whatever the
size of the bracket: only the matches its two sides go to are touched.
"""

import secrets
from collections import deque
from datetime import datetime
from typing import cast

from common.db import needs_transaction
from common.events import publish
from common.state import transition
from matches import selectors
from matches.enums import TRANSITIONS, MatchOutcome, MatchStatus
from matches.errors import MatchNotDecidable
from matches.events import MatchesStarted
from matches.models import Match
from matches.services.standings import RESULTS, engine_outcome, view_of
from notifications.services import Notice, notify_many
from tournaments.engine import (
    BYE,
    TBD,
    Bye,
    EntrantId,
    LoserOf,
    MatchId,
    MatchSpec,
    Occupant,
    Seed,
    Side,
    Slot,
    SlotState,
    Status,
    Target,
    WinnerOf,
    advance,
    placements,
    settle,
)
from tournaments.models import Entrant, Stage, Tournament
from tournaments.services import completion, planning

OVER = (MatchStatus.COMPLETED, MatchStatus.CANCELLED)


@needs_transaction
def generate(*, tournament: Tournament, now: datetime) -> None:
    """Make all matches of a started tournament from the engine's plan, and begin those that can be played."""
    stage = tournament.stages.get()
    plan = planning.plan_of(stage)
    seeds = [int(entrant) for entrant in plan.seeds]
    matches = [_from_spec(spec, tournament, stage, seeds) for spec in plan.matches]
    ready = [match for match in matches if match.entrant_a_id and match.entrant_b_id]
    for match in ready:
        _begin(match, now)
    Match.objects.bulk_create(matches)
    notify_many(_ready_notices(ready), now=now)
    _publish_started(ready)


def _from_spec(spec: MatchSpec, tournament: Tournament, stage: Stage, seeds: list[int]) -> Match:
    return Match(
        tournament=tournament,
        stage=stage,
        key=spec.id,
        bracket=spec.bracket,
        round=spec.round,
        number=spec.number,
        best_of=spec.best_of,
        entrant_a_id=seeds[spec.a.number - 1] if isinstance(spec.a, Seed) else None,
        entrant_b_id=seeds[spec.b.number - 1] if isinstance(spec.b, Seed) else None,
        a_source=_source(spec.a),
        b_source=_source(spec.b),
        winner_to=spec.winner_to.match_id if spec.winner_to else "",
        winner_to_side=spec.winner_to.side if spec.winner_to else "",
        loser_to=spec.loser_to.match_id if spec.loser_to else "",
        loser_to_side=spec.loser_to.side if spec.loser_to else "",
    )


def _source(slot: Slot) -> str:
    """A slot in words that clients can parse: ``seed:8``, ``winner:W1.2``, ``loser:W3.1``."""
    match slot:
        case Seed(number):
            return f"seed:{number}"
        case WinnerOf(match_id):
            return f"winner:{match_id}"
        case LoserOf(match_id):
            return f"loser:{match_id}"
        case _:
            return ""


@needs_transaction
def decide(*, match: Match, winner: Entrant | None, outcome: MatchOutcome, told_as: str, now: datetime) -> None:
    """End a match, move the bracket on and tell everybody; with its last match the tournament is completed.

    ``told_as`` is the kind of notification that both sides get. The tournament and the match are locked by the
    caller, in this order. Everything there is to tell is told at once, so that the feeds are locked in one order.
    """
    decided: deque[tuple[Match, int | None, MatchOutcome]] = deque([(match, winner.pk if winner else None, outcome)])
    begun: list[Match] = []
    while decided:
        current, winner_id, how = decided.popleft()
        _end(current, winner_id, how, now)
        for effect in advance(_spec(current), engine_outcome(current.winner_id, current.outcome), *_slots(current)):
            target = _fill(current, effect.target, effect.occupant)
            settlement = settle(*_slots(target))
            if settlement.status == Status.READY:
                _begin(target, now)
                begun.append(target)
            elif settlement.outcome is not None:
                alone = settlement.outcome.winner
                how = MatchOutcome.WALKOVER if alone else MatchOutcome.VOID
                decided.append((target, int(alone) if alone else None, how))
            target.save()
    notices = [notice_to_both(match, told_as), *_ready_notices(begun)]
    if not Match.objects.filter(tournament=match.tournament_id).exclude(status__in=OVER).exists():
        notices += _complete_tournament(match.tournament, now)
    notify_many(notices, now=now)
    _publish_started(begun)


def _end(match: Match, winner_id: int | None, outcome: MatchOutcome, now: datetime) -> None:
    transition(match, MatchStatus.COMPLETED, TRANSITIONS, error=MatchNotDecidable)
    match.winner_id = winner_id
    match.outcome = outcome
    match.completed_at = now
    match.confirm_deadline_at = None
    match.save()


def _fill(source: Match, target: Target, occupant: Occupant) -> Match:
    match = Match.objects.locked().get(stage=source.stage_id, key=target.match_id)
    match.tournament = source.tournament
    entrant_id = None if isinstance(occupant, Bye) else int(occupant)
    if target.side == "a":
        match.entrant_a_id, match.a_is_bye = entrant_id, entrant_id is None
    else:
        match.entrant_b_id, match.b_is_bye = entrant_id, entrant_id is None
    match.version += 1
    return match


def _slots(match: Match) -> tuple[SlotState, SlotState]:
    return (
        _slot(match.entrant_a_id, match.a_is_bye),
        _slot(match.entrant_b_id, match.b_is_bye),
    )


def _slot(entrant_id: int | None, is_bye: bool) -> SlotState:
    if is_bye:
        return BYE
    return TBD if entrant_id is None else EntrantId(str(entrant_id))


def _spec(match: Match) -> MatchSpec:
    return MatchSpec(
        id=MatchId(match.key),
        bracket=match.bracket,
        round=match.round,
        number=match.number,
        a=TBD,
        b=TBD,
        best_of=match.best_of,
        winner_to=Target(MatchId(match.winner_to), cast(Side, match.winner_to_side)) if match.winner_to else None,
        loser_to=Target(MatchId(match.loser_to), cast(Side, match.loser_to_side)) if match.loser_to else None,
    )


def _begin(match: Match, now: datetime) -> None:
    """Both sides are known: the match is on, without anybody having to start it."""
    transition(match, MatchStatus.ONGOING, TRANSITIONS)
    match.started_at = now
    match.room_id = f"MYD-{secrets.token_hex(4).upper()}"


def notice_to_both(match: Match, kind: str) -> Notice:
    """Tells the players of both sides about the match as it is in this version."""
    return Notice(
        kind=kind,
        to=selectors.players_of(match),
        params={"match": match.pk},
        dedupe_key=f"{kind}:{match.pk}:{match.version}",
    )


def _ready_notices(begun: list[Match]) -> list[Notice]:
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


def _publish_started(begun: list[Match]) -> None:
    if begun:
        publish(MatchesStarted(match_ids=tuple(match.pk for match in begun)))


def _complete_tournament(tournament: Tournament, now: datetime) -> list[Notice]:
    stage = tournament.stages.get()
    played = Match.objects.filter(stage=stage, outcome__in=RESULTS)
    records: dict[int, tuple[int, int]] = {}
    for winner, a, b in played.values_list("winner_id", "entrant_a_id", "entrant_b_id"):
        for entrant in (a, b):
            won, lost = records.get(entrant, (0, 0))
            records[entrant] = (won + 1, lost) if entrant == winner else (won, lost + 1)
    places = placements(view_of(stage))
    return completion.complete(
        tournament=tournament,
        placements={int(entrant): place for entrant, place in places.items()},
        records=records,
        now=now,
    )


@needs_transaction
def call_off(*, tournament_id: int, now: datetime) -> None:
    """The tournament is cancelled: whatever is not over will not be played."""
    matches = list(Match.objects.locked().filter(tournament=tournament_id).exclude(status__in=OVER))
    for match in matches:
        transition(match, MatchStatus.CANCELLED, TRANSITIONS)
        match.completed_at = now
        match.confirm_deadline_at = None
    Match.objects.bulk_update(matches, ["status", "version", "completed_at", "confirm_deadline_at"])
