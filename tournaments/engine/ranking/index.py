"""A table checked and laid out for counting: entrants are numbers 0..n-1 in seed order."""

from collections.abc import Sequence
from functools import cached_property

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId

from .records import Meeting, MeetingKind, Points, Record, Table

RULES_2024 = "fide_c07@2024"
RULES_2026 = "fide_c07@2026-02"
RULES = (RULES_2024, RULES_2026)
"""The versions of FIDE C.07 article 16: since February 2026 the dummy opponent of an unplayed round is capped."""

NOBODY = -1

_WITHOUT_OPPONENT = (MeetingKind.BYE, MeetingKind.REQUESTED_BYE, MeetingKind.ABSENT)
_LOSS = 2
_RESULTS = {"win": 0, "draw": 1, "loss": _LOSS}
_ANSWERS = {"win": _LOSS, "draw": 1, "loss": 0}


class Index:
    """The arrays that every metric reads; each belongs to the entrant of the same number.

    ``meetings[i]`` and ``opponents[i]`` run in parallel, an opponent is a number or ``NOBODY``. ``points[i]`` is the
    sum of the points of the meetings, in half points and without the adjustment.

    :raises EngineError: ``invalid_table`` names the field that is not of its type or range; ``duplicate_entrant``,
        ``unknown_entrant`` for an opponent without a record, ``invalid_option`` for unknown rules.
    """

    def __init__(self, table: Table, rules: str = RULES_2026) -> None:
        if rules not in RULES:
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": "rules"})
        _check_table(table)
        self.table = table
        self.scheme = table.scheme
        self.rounds = table.rounds
        self.capped = rules == RULES_2026
        self.records = sorted(table.records, key=lambda record: (record.seed, record.entrant))
        self.size = len(self.records)
        self.positions = _positions(self.records, table.annulled)
        self.meetings = [record.meetings for record in self.records]
        self.opponents = _opponents(self.records, self.positions, table.rounds)
        self.points = [sum([meeting.points for meeting in meetings]) for meetings in self.meetings]

    @cached_property
    def totals(self) -> list[int]:
        """The points each entrant is ranked by: the meetings and the adjustment."""
        return [points + record.adjustment for points, record in zip(self.points, self.records, strict=True)]


def _refuse(field: str) -> EngineError:
    return EngineError(ErrorCode.INVALID_TABLE, {"field": field})


def _check_table(table: Table) -> None:
    if type(table) is not Table or type(table.records) is not tuple or type(table.annulled) is not tuple:
        raise _refuse("table")
    if type(table.rounds) is not int or table.rounds < 0:
        raise _refuse("rounds")
    if type(table.legs) is not int or table.legs < 1:
        raise _refuse("legs")
    if type(table.all_play_all) is not bool:
        raise _refuse("all_play_all")
    scheme = table.scheme
    if type(scheme) is not Points or any(
        type(points) is not int for points in (scheme.win, scheme.draw, scheme.loss, scheme.bye)
    ):
        raise _refuse("scheme")
    for record in table.records:
        if type(record) is not Record or not isinstance(record.entrant, str) or type(record.meetings) is not tuple:
            raise _refuse("record")
        if type(record.seed) is not int or record.seed < 1:
            raise _refuse("seed")
        if type(record.adjustment) is not int:
            raise _refuse("adjustment")
        if type(record.penalty) is not int or record.penalty < 0:
            raise _refuse("penalty")
        if type(record.withdrawn) is not bool:
            raise _refuse("withdrawn")
        if record.rating is not None and type(record.rating) is not int:
            raise _refuse("rating")


def _positions(records: Sequence[Record], annulled: Sequence[EntrantId]) -> dict[EntrantId, int]:
    positions: dict[EntrantId, int] = {}
    for position, record in enumerate(records):
        if record.entrant in positions:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": record.entrant})
        positions[record.entrant] = position
    seen = set(positions)
    for entrant in annulled:
        if not isinstance(entrant, str):
            raise _refuse("annulled")
        if entrant in seen:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": entrant})
        seen.add(entrant)
    return positions


def _opponents(records: Sequence[Record], positions: dict[EntrantId, int], rounds: int) -> list[list[int]]:
    """Who met whom: a meeting stands in the records of both, with fitting results, and at most once in a round."""
    size = len(records)
    unanswered: set[int] = set()
    rows: list[list[int]] = []
    for own, record in enumerate(records):
        row: list[int] = []
        last = 1
        for meeting in record.meetings:
            _check_meeting(meeting)
            number = meeting.round
            if not last <= number <= rounds:
                raise _refuse("round")
            last = number
            if meeting.opponent is None:
                row.append(NOBODY)
                continue
            opponent = positions.get(meeting.opponent)
            if opponent is None:
                raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": meeting.opponent})
            row.append(opponent)
            if own < opponent:
                answer = _ANSWERS[meeting.result] if meeting.kind is not MeetingKind.DOUBLE_FORFEIT else _LOSS
                key = ((number * size + own) * size + opponent) * 4 + answer
                if key in unanswered:
                    raise _refuse("opponent")
                unanswered.add(key)
            else:
                key = ((number * size + opponent) * size + own) * 4 + _RESULTS[meeting.result]
                if key not in unanswered:
                    raise _refuse("opponent")
                unanswered.remove(key)
        rows.append(row)
    if unanswered:
        raise _refuse("opponent")
    return rows


def _check_meeting(meeting: Meeting) -> None:
    if type(meeting) is not Meeting or type(meeting.kind) is not MeetingKind:
        raise _refuse("meeting")
    try:
        total = meeting.round + meeting.points + meeting.games_for + meeting.games_against
        if type(total + meeting.score_for + meeting.score_against) is not int:
            raise _refuse("number")
        if meeting.games_for < 0 or meeting.games_against < 0:
            raise _refuse("number")
    except TypeError as error:
        raise _refuse("number") from error
    if meeting.side is not None and meeting.side not in ("a", "b"):
        raise _refuse("side")
    if not isinstance(meeting.result, str):
        raise _refuse("result")
    if meeting.opponent is None:
        if meeting.kind not in _WITHOUT_OPPONENT or meeting.result != "none":
            raise _refuse("kind")
    elif not isinstance(meeting.opponent, str) or meeting.kind in _WITHOUT_OPPONENT:
        raise _refuse("kind")
    elif meeting.result not in _ANSWERS or (meeting.kind is MeetingKind.DOUBLE_FORFEIT and meeting.result != "loss"):
        raise _refuse("result")
