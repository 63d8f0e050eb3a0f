"""How a stage moves by itself: matches are made, begin when both sides are known, and send winner and loser on.

The rules are the engine's; here they meet rows. In a bracket one result costs the same whatever the size: only the
matches its two sides go to are touched, by the engine's ``settle`` and ``advance``.
"""

import secrets
from collections import deque
from datetime import datetime

from common.db import needs_transaction
from common.state import transition
from matches.enums import TRANSITIONS, MatchOutcome, MatchStatus
from matches.errors import MatchNotDecidable
from matches.models import Match
from matches.services import announcing, rows
from notifications.services import Notice, notify_many
from tournaments.engine import Bye, MatchId, Occupant, Result, Status, Target, advance, placements, settle
from tournaments.models import Entrant, Tournament
from tournaments.services import completion, history, planning

OVER = (MatchStatus.COMPLETED, MatchStatus.CANCELLED)


@needs_transaction
def generate(*, tournament: Tournament, now: datetime) -> None:
    """Make all matches of a started tournament from the engine's plan, and begin those that can be played."""
    stage = tournament.stages.get()
    plan = planning.plan_of(stage)
    seeds = [int(entrant) for entrant in plan.seeds]
    matches = [rows.from_spec(spec, tournament, stage, seeds) for spec in plan.matches]
    ready = [match for match in matches if match.entrant_a_id and match.entrant_b_id]
    for match in ready:
        _begin(match, now)
    Match.objects.bulk_create(matches)
    notify_many(announcing.ready(ready), now=now)
    announcing.publish_started(ready)


@needs_transaction
def decide(*, match: Match, winner: Entrant | None, outcome: MatchOutcome, told_as: str, now: datetime) -> None:
    """End a match, move the stage on and tell everybody; with its last match the tournament is completed.

    ``told_as`` is the kind of notification that both sides get. The tournament and the match are locked by the
    caller, in this order. Everything there is to tell is told at once, so that the feeds are locked in one order.
    """
    _end(match, winner.pk if winner else None, outcome, now)
    history.record(stage_id=match.stage_id, event=Result(MatchId(match.key), rows.outcome_of(match)), now=now)
    begun = _move_on(match, now)
    notices = [announcing.to_both(match, told_as), *announcing.ready(begun)]
    if not Match.objects.filter(tournament=match.tournament_id).exclude(status__in=OVER).exists():
        notices += _complete_tournament(match.tournament, now)
    notify_many(notices, now=now)
    announcing.publish_started(begun)


def _move_on(ended: Match, now: datetime) -> list[Match]:
    """Send both sides of an ended match where they go, and those of every match that this decides; returns the matches
    that begin."""
    begun: list[Match] = []
    decided = deque([ended])
    while decided:
        current = decided.popleft()
        for effect in advance(rows.spec_of(current), rows.outcome_of(current), *rows.slots_of(current)):
            target = _fill(current, effect.target, effect.occupant)
            settlement = settle(*rows.slots_of(target))
            if settlement.status == Status.READY:
                _begin(target, now)
                begun.append(target)
                target.save()
            elif settlement.outcome is not None:
                alone = settlement.outcome.winner
                how = MatchOutcome.WALKOVER if alone else MatchOutcome.VOID
                _end(target, int(alone) if alone else None, how, now)
                decided.append(target)
            else:
                target.save()
    return begun


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


def _begin(match: Match, now: datetime) -> None:
    """Both sides are known: the match is on, without anybody having to start it."""
    transition(match, MatchStatus.ONGOING, TRANSITIONS)
    match.started_at = now
    match.room_id = f"MYD-{secrets.token_hex(4).upper()}"


def _complete_tournament(tournament: Tournament, now: datetime) -> list[Notice]:
    stage = tournament.stages.get()
    played = Match.objects.filter(stage=stage, outcome__in=rows.RESULTS)
    records: dict[int, completion.Record] = {}
    for winner, is_draw, *sides in played.values_list("winner_id", "is_draw", "entrant_a_id", "entrant_b_id"):
        for entrant in sides:
            record = records.setdefault(entrant, completion.Record())
            if is_draw:
                record.draws += 1
            elif entrant == winner:
                record.wins += 1
            else:
                record.losses += 1
    places = placements(history.view_of(stage))
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
