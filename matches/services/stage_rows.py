"""Rows that follow the engine's effects, for events that concern a whole stage: a paired round, somebody who leaves."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from common.state import transition
from matches.enums import TRANSITIONS, MatchOutcome, MatchStatus
from matches.errors import MatchNotDecidable
from matches.models import Match
from tournaments.engine import Bye, Effect, MatchDecided, MatchOpened, Occupant, Side, SlotFilled, Status
from tournaments.models import Stage, Tournament

OVER = (MatchStatus.COMPLETED, MatchStatus.CANCELLED)
LIVE = (MatchStatus.ONGOING, MatchStatus.PENDING_CONFIRMATION, MatchStatus.DISPUTED)
CHANGING = [
    "status", "outcome", "winner", "entrant_a", "entrant_b", "a_is_bye", "b_is_bye", "is_draw", "score_a", "score_b",
    "games", "room_id", "confirm_deadline_at", "started_at", "completed_at", "version",
]  # fmt: skip
BATCH = 500


class StageRows:
    """Every match of a stage that is not over, locked; ``begun`` and ``ended`` are those that effects changed so."""

    def __init__(self, tournament: Tournament, stage: Stage) -> None:
        self._rows = {match.key: match for match in Match.objects.locked().filter(stage=stage).exclude(status__in=OVER)}
        for match in self._rows.values():
            match.tournament = tournament
        self._changed: dict[str, Match] = {}
        self.begun: list[Match] = []
        self.ended: list[Match] = []

    def carry_out(self, effects: Iterable[Effect], now: datetime) -> None:
        """In the order in which the engine tells them. Results are no part of it: whoever gives one ends the match."""
        for effect in effects:
            match effect:
                case SlotFilled(target, occupant):
                    fill(self._touched(target.match_id), target.side, occupant)
                case MatchOpened(match_id):
                    begin(self._touched(match_id), now)
                    self.begun.append(self._rows[match_id])
                case MatchDecided(match_id, status, outcome):
                    how = MatchOutcome.VOID if status is Status.VOID else MatchOutcome.WALKOVER
                    end(self._touched(match_id), int(outcome.winner) if outcome.winner else None, how, now)
                    self.ended.append(self._rows[match_id])

    def save(self) -> None:
        Match.objects.bulk_update(self._changed.values(), CHANGING, batch_size=BATCH)

    def _touched(self, key: str) -> Match:
        return self._changed.setdefault(key, self._rows[key])


def begin(match: Match, now: datetime) -> None:
    """Both sides are known: the match is on, without anybody having to start it."""
    transition(match, MatchStatus.ONGOING, TRANSITIONS)
    match.started_at = now
    match.room_id = f"MYD-{secrets.token_hex(4).upper()}"


def end(match: Match, winner_id: int | None, outcome: MatchOutcome, now: datetime) -> None:
    """:raises MatchNotDecidable: it is over already."""
    transition(match, MatchStatus.COMPLETED, TRANSITIONS, error=MatchNotDecidable)
    match.winner_id = winner_id
    match.outcome = outcome
    match.completed_at = now
    match.confirm_deadline_at = None
    if outcome in (MatchOutcome.WALKOVER, MatchOutcome.VOID, MatchOutcome.DOUBLE_FORFEIT):
        match.is_draw, match.games = False, []
        match.score_a = match.score_b = None


def fill(match: Match, side: Side, occupant: Occupant) -> None:
    entrant_id = None if isinstance(occupant, Bye) else int(occupant)
    if side == "a":
        match.entrant_a_id, match.a_is_bye = entrant_id, entrant_id is None
    else:
        match.entrant_b_id, match.b_is_bye = entrant_id, entrant_id is None
    match.version += 1
