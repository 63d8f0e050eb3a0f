"""What becomes of the results of an entrant that leaves a round robin."""

from dataclasses import replace

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId

from .index import Index
from .records import MeetingKind, Table


def annul(table: Table, *entrants: EntrantId) -> Table:
    """The table as if the entrants had not taken part: their records and everybody's meetings with them are gone.

    They stand in ``annulled`` instead.

    :raises EngineError: ``unknown_entrant`` for one that has no record in the table; what ``Index`` raises.
    """
    known = Index(table).positions
    for entrant in entrants:
        if not isinstance(entrant, str) or entrant not in known:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": entrant})
    gone = frozenset(entrants)
    return replace(
        table,
        records=tuple(
            replace(record, meetings=tuple(meeting for meeting in record.meetings if meeting.opponent not in gone))
            for record in table.records
            if record.entrant not in gone
        ),
        annulled=table.annulled + tuple(record.entrant for record in table.records if record.entrant in gone),
    )


def settle_withdrawals(table: Table) -> Table:
    """The table of a round robin after its rule for withdrawals.

    A withdrawn entrant that has played less than half of its games is annulled; from half on its results stand, and
    the stage records the games it did not play as forfeits. All are judged by the table as it was given.

    :raises EngineError: ``invalid_table`` unless the table is ``all_play_all``; what ``Index`` raises.
    """
    index = Index(table)
    if not table.all_play_all:
        raise EngineError(ErrorCode.INVALID_TABLE, {"field": "all_play_all"})
    games = table.legs * (index.size - 1)
    left_early = [
        record.entrant
        for record in table.records
        if record.withdrawn and 2 * sum(meeting.kind is MeetingKind.PLAYED for meeting in record.meetings) < games
    ]
    return annul(table, *left_early)
