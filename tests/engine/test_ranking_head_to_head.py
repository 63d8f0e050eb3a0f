"""Ties broken by the games of the tied among themselves."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tests.engine.ranked_tables import FOOTBALL, explained, games, places, round_robins, swiss_tables, table_of
from tournaments.engine.ranking import PRESETS, MeetingKind, Table, annul, rank
from tournaments.engine.ranking.head_to_head import find_head_to_head
from tournaments.engine.ranking.unplayed import Ledger


def test_the_game_of_two_tied_decides() -> None:
    standings = rank(table_of(games("A0-1B A1-0C B0-1D A1-0D B1-0C C1-0D")), ["POINTS", "H2H"])
    assert places(standings) == {"B": 1, "A": 2, "C": 3, "D": 4}
    assert explained(standings, "A") == (
        "separated",
        {
            "above": "B",
            "above_by": "H2H",
            "above_value": 1,
            "above_own": 0,
            "above_level_on": "POINTS",
            "below": "C",
            "below_by": "POINTS",
            "below_value": 1,
            "below_own": 2,
        },
    )


def test_points_outside_the_tied_set_do_not_count() -> None:
    table = table_of(games("A1-1B A5-0C B1-0C"))
    assert places(rank(table, ["POINTS", "H2H"])) == {"A": 1, "B": 1, "C": 3}
    assert places(rank(table, ["POINTS", "H2H", "GAME_DIFF"])) == {"A": 1, "B": 2, "C": 3}


def test_a_circle_is_split_by_the_further_criteria_of_the_mini_table() -> None:
    table = table_of(games("A1-0B B3-2C C2-1A"), counted="score", scheme=FOOTBALL)
    assert places(rank(table, ["POINTS", "H2H"])) == {"A": 1, "B": 1, "C": 1}
    assert places(rank(table, ["POINTS", "H2H:POINTS+SCORE_DIFF"])) == {"A": 1, "B": 1, "C": 1}
    standings = rank(table, ["POINTS", "H2H:POINTS+SCORE_DIFF+SCORE_FOR"])
    assert places(standings) == {"C": 1, "B": 2, "A": 3}
    assert explained(standings, "B")[1]["above_by"] == "H2H:SCORE_FOR"
    assert (explained(standings, "B")[1]["above_value"], explained(standings, "B")[1]["above_own"]) == (4, 3)


def test_games_against_others_are_left_out_of_the_mini_table() -> None:
    table = table_of(games("A4-0B B1-0C C1-0A A1-0D B9-0D C9-0D"), counted="score", scheme=FOOTBALL)
    assert places(rank(table, ["POINTS", "H2H:POINTS+SCORE_DIFF"])) == {"A": 1, "C": 2, "B": 3, "D": 4}


def test_restart_compares_whoever_is_still_level_among_themselves_again() -> None:
    table = table_of(games("A2-0B B1-0C C1-0A A1-0D B1-0D C1-0D"), counted="score", scheme=FOOTBALL)
    # Three points each; A scored two goals, B and C one, and B won their own game.
    assert places(rank(table, ["POINTS", "H2H:POINTS+SCORE_FOR"])) == {"A": 1, "B": 2, "C": 2, "D": 4}
    standings = rank(table, ["POINTS", "H2H_RESTART:POINTS+SCORE_FOR"])
    assert places(standings) == {"A": 1, "B": 2, "C": 3, "D": 4}
    assert explained(standings, "B")[1]["above_by"] == "H2H_RESTART:SCORE_FOR"
    why = explained(standings, "C")[1]
    assert (why["above_by"], why["above_value"], why["above_own"]) == ("H2H_RESTART:POINTS", 3, 0)


def test_uefa_looks_at_the_mini_table_and_fifa_at_all_games_first() -> None:
    table = table_of(games("A2-0B B1-0C C1-0A A1-0D B1-0D C9-0D"), counted="score", scheme=FOOTBALL)
    assert places(rank(table, PRESETS["uefa"].metrics)) == {"A": 1, "C": 2, "B": 3, "D": 4}
    assert places(rank(table, PRESETS["fifa"].metrics)) == {"C": 1, "A": 2, "B": 3, "D": 4}


def test_an_unfinished_round_robin_compares_what_was_played() -> None:
    table = table_of(games("A1-0B B1-0D C1-0D"))
    assert places(rank(table, ["POINTS", "H2H"])) == {"A": 1, "B": 2, "C": 2, "D": 4}
    swiss = replace(table, all_play_all=False)
    assert places(rank(swiss, ["POINTS", "H2H"])) == {"A": 1, "B": 1, "C": 1, "D": 4}


def test_positions_in_the_mini_table_are_competition_places() -> None:
    standings = rank(table_of(games("A1-1B A1-0C B1-0C")), ["PLAYED", "H2H"])
    assert {row.entrant: dict(row.values)["H2H"] for row in standings} == {"A": 1, "B": 1, "C": 3}


def test_in_a_swiss_nobody_is_put_behind_for_not_having_met() -> None:
    table = table_of(games("A1-0B C1-0D A0-1E C0-1F"), all_play_all=False)
    # A, C, E and F have one point. A and C lost to E and F, but could each still have won three games.
    for code in ("DE", "H2H", "H2H_RESTART"):
        assert places(rank(table, ["POINTS", code])) == {"A": 1, "C": 1, "E": 1, "F": 1, "B": 5, "D": 5}, code


def test_in_a_swiss_the_one_that_no_missing_game_could_overtake_goes_first() -> None:
    table = table_of(games("A1-0B A1-0C X2-0A Y2-0A B1-0Z B1-0W C1-0Z C1-0W"), all_play_all=False)
    for code in ("DE", "H2H", "H2H_RESTART"):
        standings = rank(table, ["POINTS", code])
        found = places(standings)
        assert (found["A"], found["B"], found["C"]) == (1, 2, 2), code
        why = explained(standings, "A")[1]
        assert (why["below_by"], why["below_own"], why["below_value"]) == (code, 2, 0)


def test_all_having_met_a_swiss_is_split_like_a_round_robin() -> None:
    table = table_of(games("A1-0B B1-0C A0-0C X1-0A C1-0Y Z1-0W"), all_play_all=False)
    found = places(rank(table, ["POINTS", "DE"]))
    assert (found["A"], found["C"]) == (1, 1)
    table = table_of(games("A1-0B B1-0C A1-0C A0-1X C1-0Y C1-0Z B1-0W"), all_play_all=False)
    found = places(rank(table, ["POINTS", "DE"]))
    assert (found["A"], found["B"], found["C"]) == (1, 2, 3)


def test_direct_encounter_averages_several_games_of_one_pair() -> None:
    table = table_of(games("A1-0B A1-1B B1-0C C1-0A C1-1B"), legs=2)
    # Averages: A ¾ + 0, B ¼ + ¾, C 1 + ¼.
    standings = rank(table, ["DE"])
    assert places(standings) == {"C": 1, "B": 2, "A": 3}
    assert (explained(standings, "B")[1]["above_value"], explained(standings, "B")[1]["above_own"]) == ("1.25", 1)


def test_direct_encounter_of_a_swiss_leaves_forfeits_out() -> None:
    table = table_of(games("A1-0B C1-0A B1-0D C1-0D"), all_play_all=False)
    forfeited = replace(
        table,
        records=tuple(
            replace(
                record,
                meetings=tuple(
                    meeting._replace(kind=MeetingKind.FORFEIT) if meeting.round == 1 else meeting
                    for meeting in record.meetings
                ),
            )
            for record in table.records
        ),
    )
    league = replace(forfeited, all_play_all=True)
    assert places(rank(table, ["POINTS", "DE"])) == {"C": 1, "A": 2, "B": 3, "D": 4}
    assert places(rank(forfeited, ["POINTS", "DE"])) == {"C": 1, "A": 2, "B": 2, "D": 4}
    assert places(rank(forfeited, ["POINTS", "H2H"])) == {"C": 1, "A": 2, "B": 3, "D": 4}
    assert places(rank(league, ["POINTS", "DE"])) == {"C": 1, "A": 2, "B": 3, "D": 4}


def test_unknown_comparisons_have_no_rule() -> None:
    for code in ("H2H:", "H2H:NOTHING", "H2H:POINTS+POINTS", "H2H_RESTART:BH", "H2H:SEED", "h2h", "DE:POINTS", "H2HX"):
        assert find_head_to_head(code) is None, code


@unhurried
@given(round_robins(), st.integers(0, 6), st.sampled_from(["H2H", "H2H_RESTART:POINTS+GAME_DIFF", "DE"]))
def test_annulling_one_entrant_leaves_the_meetings_of_the_others_alone(table: Table, which: int, code: str) -> None:
    gone = table.records[which % len(table.records)].entrant
    rest = annul(table, gone)
    rule = find_head_to_head(code)
    assert rule is not None
    before, after = Ledger(table), Ledger(rest)
    others = [record.entrant for record in before.records if record.entrant != gone]
    split = rule.split(before, [before.positions[name] for name in others])
    again = rule.split(after, [after.positions[name] for name in others])
    assert split.cuts == again.cuts
    assert [[before.records[e].entrant for e in group] for group in split.groups] == [
        [after.records[e].entrant for e in group] for group in again.groups
    ]


@unhurried
@given(swiss_tables(all_played=True, most=6))
def test_first_by_direct_encounter_is_first_whatever_the_missing_games_bring(table: Table) -> None:
    """Against every outcome of the games not played: exactly then is an entrant put alone at the top."""
    ledger = Ledger(table)
    tied = list(range(min(4, ledger.size)))
    rule = find_head_to_head("DE")
    assert rule is not None
    met = {(own, other) for own in tied for other in ledger.opponents[own] if other in tied and own < other}
    missing = [(a, b) for a in tied for b in tied if a < b and (a, b) not in met]
    achieved = {}
    for own in tied:
        scores: dict[int, list[int]] = {}
        for meeting, other in zip(ledger.meetings[own], ledger.opponents[own], strict=True):
            if other in tied:
                scores.setdefault(other, []).append(meeting.points)
        achieved[own] = sum((Fraction(sum(points), len(points)) for points in scores.values()), Fraction(0))
    assume(missing)
    always_first = set(tied)
    for outcome in product((0, 1, 2), repeat=len(missing)):
        total = dict(achieved)
        for (a, b), points in zip(missing, outcome, strict=True):
            total[a] += points
            total[b] += 2 - points
        best = max(total.values(), default=Fraction(0))
        leaders = [own for own in tied if total[own] == best]
        always_first &= set(leaders) if len(leaders) == 1 else set()
    first = rule.split(ledger, tied).groups[0]
    assert (set(first) if len(first) == 1 else set()) == always_first
