"""A round robin that somebody leaves: annulled before half of the games, kept from half on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tests.engine.ranked_tables import games, places, round_robins, table_of, values
from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.ranking import Meeting, MeetingKind, Record, Table, annul, rank, settle_withdrawals
from tournaments.engine.types import EntrantId, Explanation


def without(table: Table, *names: str) -> Table:
    """The same table in which the named have withdrawn."""
    records = (replace(record, withdrawn=record.entrant in names) for record in table.records)
    return replace(table, records=tuple(records))


def test_less_than_half_of_the_games_annuls_them() -> None:
    table = without(table_of(games("E9-0A A1-0B C1-0D A1-0C B1-0D A1-0D B1-0C"), "ABCDE"), "E")
    settled = settle_withdrawals(table)
    assert settled.annulled == ("E",)
    assert values(settled, "POINTS") == {"A": 3, "B": 2, "C": 1, "D": 0}
    standings = rank(settled, ["POINTS", "H2H"])
    assert places(standings) == {"A": 1, "B": 2, "C": 3, "D": 4, "E": 5}
    assert (standings[-1].values, standings[-1].explain) == ((), Explanation("annulled"))
    assert [row.tied for row in standings] == [False] * 5


def test_half_of_the_games_keeps_them() -> None:
    table = without(table_of(games("E9-0A E9-0B A1-0B C1-0D A1-0C B1-0D A1-0D B1-0C"), "ABCDE"), "E")
    assert settle_withdrawals(table) == table
    twice = replace(table, legs=2)
    assert settle_withdrawals(twice).annulled == ("E",)


def test_a_game_won_without_playing_is_not_played() -> None:
    table = without(table_of(games("A1-0B A1-0C"), "ABC"), "A")
    forfeited = replace(
        table,
        records=tuple(
            replace(record, meetings=tuple(meeting._replace(kind=MeetingKind.FORFEIT) for meeting in record.meetings))
            for record in table.records
        ),
    )
    assert settle_withdrawals(table).annulled == ()
    assert settle_withdrawals(forfeited).annulled == ("A",)


def test_two_that_leave_are_judged_by_the_same_table() -> None:
    table = without(table_of(games("A1-0B C1-0D A1-0C B0-1D"), "ABCD"), "A", "B")
    assert settle_withdrawals(table).annulled == ()
    larger = without(table_of(games("A1-0B C1-0D A1-0C B0-1D C0-1E"), "ABCDEF"), "A", "B")
    assert settle_withdrawals(larger).annulled == ("A", "B")
    assert {row.entrant: row.place for row in rank(settle_withdrawals(larger), ["POINTS"])}["A"] == 5
    assert [row.tied for row in rank(settle_withdrawals(larger), ["POINTS"])][-2:] == [True, True]


def test_annulling_takes_every_meeting_with_the_entrant_away() -> None:
    table = table_of(games("A1-0B A1-0C B1-0C"))
    rest = annul(table, EntrantId("A"))
    assert [(record.entrant, len(record.meetings)) for record in rest.records] == [("B", 1), ("C", 1)]
    assert values(rest, "POINTS") == {"B": 1, "C": 0}
    assert annul(table) == table


@unhurried
@given(round_robins(), st.data())
def test_annulling_is_the_same_at_once_and_one_by_one(table: Table, data: st.DataObject) -> None:
    names = [record.entrant for record in table.records]
    gone = data.draw(st.lists(st.sampled_from(names), unique=True))
    one_by_one = table
    for name in gone:
        one_by_one = annul(one_by_one, name)
    at_once = annul(table, *gone)
    assert at_once.records == one_by_one.records
    assert set(at_once.annulled) == set(gone)
    assert rank(at_once, ["POINTS", "GAME_DIFF"]) == rank(one_by_one, ["POINTS", "GAME_DIFF"])
    assert not any(meeting.opponent in gone for record in at_once.records for meeting in record.meetings)


def test_nonsense_is_refused() -> None:
    table = table_of(games("A1-0B"))
    for entrant in ("X", "", None, 1, ["A"]):
        with pytest.raises(EngineError) as refused:
            annul(table, entrant)  # type: ignore[arg-type]
        assert refused.value.code is ErrorCode.UNKNOWN_ENTRANT
    stray = Table((Record(EntrantId("A"), 1, (Meeting(1, EntrantId("B"), MeetingKind.PLAYED, 2, "win"),)),), 1)
    for wrong in (None, "table", replace(table, records=(None,)), replace(table, all_play_all=False)):  # type: ignore[arg-type]
        with pytest.raises(EngineError) as refused:
            settle_withdrawals(wrong)  # type: ignore[arg-type]
        assert refused.value.code is ErrorCode.INVALID_TABLE
    with pytest.raises(EngineError) as refused:
        annul(stray, EntrantId("A"))
    assert refused.value.code is ErrorCode.UNKNOWN_ENTRANT
