"""How a stage moves by itself: matches are made, begin when both sides are known, and send winner and loser on; rounds
that are paired as they come are paired when the one before is over; and with the last match the tournament ends.

The rules are the engine's; here they meet rows. In a bracket one result costs the same whatever the size: only the
matches its two sides go to are touched, by the engine's ``settle`` and ``advance``.
"""

from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q

from common import audit
from common.db import needs_transaction
from common.state import transition
from matches.enums import TRANSITIONS, MatchOutcome, MatchStatus
from matches.models import Match
from matches.services import announcing, rows
from matches.services.stage_rows import LIVE, OVER, StageRows, begin, end, fill
from notifications.services import Notice, notify_many
from tournaments.engine import (
    BYE,
    Disqualification,
    MatchId,
    Result,
    SlotState,
    StagePlan,
    Status,
    Target,
    Withdrawal,
    advance,
    apply,
    next_round,
    placements,
    settle,
)
from tournaments.enums import GONE, TournamentStatus
from tournaments.models import Entrant, Stage, Tournament
from tournaments.services import completion, history, payouts, planning


@needs_transaction
def generate(*, tournament: Tournament, now: datetime) -> None:
    """Make all matches of a started tournament from the engine's plan, and begin those that can be played."""
    stage = tournament.stages.get()
    plan = planning.plan_of(stage)
    seeds = [int(entrant) for entrant in plan.seeds]
    matches = [rows.from_spec(spec, tournament, stage, seeds) for spec in plan.matches]
    ready = _due(matches)
    for match in ready:
        begin(match, now)
    Match.objects.bulk_create(matches)
    notices = announcing.byes(tournament, 1, _first_byes(plan, ready))
    notify_many([*announcing.ready(ready), *notices], now=now)
    announcing.publish_started(ready)


def _due(matches: Sequence[Match]) -> list[Match]:
    """The first match of both of its sides. Where everybody meets everybody, each plays in the order of the rounds."""
    known = [match for match in matches if match.entrant_a_id and match.entrant_b_id]
    first: dict[int | None, Match] = {}
    for match in known:
        first.setdefault(match.entrant_a_id, match)
        first.setdefault(match.entrant_b_id, match)
    return [match for match in known if first[match.entrant_a_id] is first[match.entrant_b_id] is match]


def _first_byes(plan: StagePlan, ready: Collection[Match]) -> list[int]:
    """Who sits the first round out where rounds are paired as they come."""
    if not any(round_.drawn for round_ in plan.matches.rounds):
        return []
    playing = {pk for match in ready for pk in (match.entrant_a_id, match.entrant_b_id)}
    return [int(entrant) for entrant in plan.seeds if int(entrant) not in playing]


@needs_transaction
def decide(*, match: Match, winner: Entrant | None, outcome: MatchOutcome, told_as: str, now: datetime) -> None:
    """End a match, move the stage on and tell everybody; with its last match the tournament is completed.

    ``told_as`` is the kind of notification that both sides get. The tournament and the match are locked by the
    caller, in this order. Everything there is to tell is told at once, so that the feeds are locked in one order.
    """
    end(match, winner.pk if winner else None, outcome, now)
    match.save()
    history.record(stage_id=match.stage_id, event=Result(MatchId(match.key), rows.outcome_of(match)), now=now)
    begun = _move_on(match, now) if match.winner_to or match.loser_to else _begin_next([match], now)
    _continue(match.tournament, begun, [announcing.to_both(match, told_as)], now)


@needs_transaction
def leave(
    *, tournament: Tournament, event: Withdrawal | Disqualification, stage_rows: StageRows, now: datetime
) -> None:
    """Somebody plays no more: the open matches are decided, opponents advance, and everybody is told.

    The tournament is locked by the caller, and the entrant has its new status.
    """
    stage = tournament.stages.get()
    _, effects = apply(history.view_of(stage), event)
    history.record(stage_id=stage.pk, event=event, now=now)
    stage_rows.carry_out(effects, now)
    stage_rows.save()
    notices = announcing.left(tournament, int(event.entrant), stage_rows.ended)
    begun = stage_rows.begun + _begin_next(stage_rows.ended, now)
    _continue(tournament, begun, notices, now)


def _continue(tournament: Tournament, begun: list[Match], notices: list[Notice], now: datetime) -> None:
    """After a step: pair the next round or end the tournament if it is time to, and tell whatever there is to tell."""
    matches = Match.objects.filter(tournament=tournament)
    if not matches.filter(status__in=LIVE).exists():
        if matches.filter(status=MatchStatus.PENDING).exists():
            begun, byes = _pair(tournament, now)
            notices = notices + byes
        if not matches.exclude(status__in=OVER).exists():
            notices = notices + _complete_tournament(tournament, now)
    if tournament.status != TournamentStatus.COMPLETED:
        payouts.look_soon(tournament=tournament, now=now)
    notify_many([*notices, *announcing.ready(begun)], now=now)
    announcing.publish_started(begun)


def _pair(tournament: Tournament, now: datetime) -> tuple[list[Match], list[Notice]]:
    """Pair the next round; another one at once if there is nothing to play in it."""
    stage = tournament.stages.get()
    view = history.view_of(stage)
    stage_rows = StageRows(tournament, stage)
    notices: list[Notice] = []
    while view.round_to_pair is not None:
        pairing = next_round(view)
        event = pairing.event
        view, effects = apply(view, event)
        history.record(stage_id=stage.pk, event=event, now=now)
        stage_rows.carry_out(effects, now)
        notices += announcing.byes(tournament, event.round, [int(event.bye)] if event.bye else [])
        audit.record(
            action="stage.pair_round", actor=None, target=stage, now=now, round=event.round, relaxed=pairing.relaxed
        )
    stage_rows.save()
    return stage_rows.begun, notices


def _move_on(ended: Match, now: datetime) -> list[Match]:
    """Send both sides of an ended match where they go, and those of every match that this decides; returns the matches
    that begin."""
    gone = set(Entrant.objects.filter(tournament=ended.tournament_id, status__in=GONE).values_list("pk", flat=True))
    begun: list[Match] = []
    decided = deque([ended])
    while decided:
        current = decided.popleft()
        for effect in advance(rows.spec_of(current), rows.outcome_of(current), *_played_by(current)):
            target = _locked_target(current, effect.target)
            fill(target, effect.target.side, effect.occupant)
            settlement = settle(*(_present(slot, gone) for slot in rows.slots_of(target)))
            if settlement.status == Status.READY:
                begin(target, now)
                begun.append(target)
            elif settlement.outcome is not None:
                alone = settlement.outcome.winner
                how = MatchOutcome.WALKOVER if alone else MatchOutcome.VOID
                end(target, int(alone) if alone else None, how, now)
                decided.append(target)
            target.save()
    return begun


def _played_by(match: Match) -> tuple[SlotState, SlotState]:
    """Nobody plays a void match, whoever may stand in it."""
    return (BYE, BYE) if match.outcome == MatchOutcome.VOID else rows.slots_of(match)


def _begin_next(ended: Sequence[Match], now: datetime) -> list[Match]:
    """Begin the matches that are next for both of their sides, one of whom has just ended one."""
    if not ended:
        return []
    stage_id, tournament = ended[0].stage_id, ended[0].tournament
    freed = {pk for match in ended for pk in (match.entrant_a_id, match.entrant_b_id) if pk}
    wanted = set(_next_of(stage_id, freed).values())
    next_of = _next_of(stage_id, {pk for _, *sides in wanted for pk in sides if pk})
    due = [pk for pk, *sides in wanted if all(side and next_of[side][0] == pk for side in sides)]
    begun = list(Match.objects.locked().filter(pk__in=due, status=MatchStatus.PENDING)) if due else []
    for match in begun:
        match.tournament = tournament
        begin(match, now)
    Match.objects.bulk_update(begun, ["status", "started_at", "room_id", "version"])
    return begun


def _next_of(stage_id: int, entrant_ids: Collection[int]) -> dict[int, tuple[int, int | None, int | None]]:
    """Entrant id → (match, side a, side b) of its first match in plan order that is not over."""
    if not entrant_ids:
        return {}
    own = Q(entrant_a__in=entrant_ids) | Q(entrant_b__in=entrant_ids)
    found = Match.objects.filter(own, stage=stage_id).exclude(status__in=OVER).order_by("pk")
    next_of: dict[int, tuple[int, int | None, int | None]] = {}
    for row in found.values_list("pk", "entrant_a_id", "entrant_b_id"):
        for side in row[1:]:
            if side:
                next_of.setdefault(side, row)
    return next_of


def _present(slot: SlotState, gone: Collection[int]) -> SlotState:
    """Whoever has left cannot win: for the opponent it is a bye."""
    return BYE if isinstance(slot, str) and int(slot) in gone else slot


def _locked_target(source: Match, target: Target) -> Match:
    match = Match.objects.locked().get(stage=source.stage_id, key=target.match_id)
    match.tournament = source.tournament
    return match


def _complete_tournament(tournament: Tournament, now: datetime) -> list[Notice]:
    stage = tournament.stages.get()
    places = placements(history.view_of(stage))
    return completion.complete(
        tournament=tournament,
        placements={int(entrant): place for entrant, place in places.items()},
        records=_records(stage),
        now=now,
    )


def _records(stage: Stage) -> dict[int, completion.Record]:
    records: dict[int, completion.Record] = {}
    played = Match.objects.filter(stage=stage, outcome__in=rows.RESULTS)
    columns = ("winner_id", "is_draw", "games", "entrant_a_id", "entrant_b_id")
    for winner, is_draw, games, *sides in played.values_list(*columns):
        for entrant, score in zip(sides, ("score1", "score2"), strict=True):
            record = records.setdefault(entrant, completion.Record())
            record.kills += sum(game[score] for game in games)
            if is_draw:
                record.draws += 1
            elif entrant == winner:
                record.wins += 1
            else:
                record.losses += 1
    return records


@needs_transaction
def call_off(*, tournament_id: int, now: datetime) -> None:
    """The tournament is cancelled: whatever is not over will not be played."""
    matches = list(Match.objects.locked().filter(tournament=tournament_id).exclude(status__in=OVER))
    for match in matches:
        transition(match, MatchStatus.CANCELLED, TRANSITIONS)
        match.completed_at = now
        match.confirm_deadline_at = None
    Match.objects.bulk_update(matches, ["status", "version", "completed_at", "confirm_deadline_at"])
