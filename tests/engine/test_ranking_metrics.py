"""The single metrics, each on a table small enough to count by hand, and on published figures."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from tests.engine.ranked_tables import FOOTBALL, Game, games, places, table_of, values
from tournaments.engine.ranking import Meeting, MeetingKind, Record, Table, rank
from tournaments.engine.ranking.metrics import METRICS
from tournaments.engine.types import EntrantId

LEAGUE: list[Game] = [
    (1, "A", "B", 2, 1),
    (1, "C", "D", 0, 2),
    (2, "A", "C", 1, 1),
    (2, "B", "D", 2, 0),
    (3, "A", "D", 0, 2),
    (3, "B", "C", 2, 0),
]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("POINTS", [Fraction(3, 2), 2, Fraction(1, 2), 2]),
        ("WINS", [1, 2, 0, 2]),
        ("LOSSES", [1, 1, 2, 1]),
        ("PLAYED", [3, 3, 3, 3]),
        ("GAME_DIFF", [-1, 3, -4, 2]),
        ("GAMES_WON", [3, 5, 1, 4]),
        ("GAME_WIN_PCT", [Fraction(3, 7), Fraction(5, 7), Fraction(1, 6), Fraction(2, 3)]),
        ("SEED", [1, 2, 3, 4]),
        ("BH", [Fraction(9, 2), 4, Fraction(11, 2), 4]),
        ("KOYA", [1, 1, Fraction(1, 2), 1]),
        ("WIN", [1, 2, 0, 2]),
        ("WON", [1, 2, 0, 2]),
        ("BPG", [0, 1, 2, 3]),
        ("BWG", [0, 0, 0, 2]),
        ("GE", [3, 3, 3, 3]),
        ("DIFFICULTY", [0, -1, 2, -1]),
        ("MBH", [2, Fraction(3, 2), 2, Fraction(3, 2)]),
    ],
)
def test_metric_counts(code: str, expected: list[object]) -> None:
    assert values(table_of(LEAGUE), code) == dict(zip("ABCD", expected, strict=True))


def test_koya_asks_for_half_of_the_games_not_of_the_rounds() -> None:
    table = table_of(games("A1-0B B1-0C C1-0A"))
    assert values(table, "KOYA") == {"A": 1, "B": 1, "C": 1}
    assert values(replace(table, all_play_all=False), "KOYA") == {"A": 0, "B": 0, "C": 0}


def test_score_counts_inside_the_matches() -> None:
    table = table_of(LEAGUE, counted="score", scheme=FOOTBALL)
    assert values(table, "POINTS") == {"A": 4, "B": 6, "C": 1, "D": 6}
    assert values(table, "SCORE_DIFF") == {"A": -1, "B": 3, "C": -4, "D": 2}
    assert values(table, "SCORE_FOR") == {"A": 3, "B": 5, "C": 1, "D": 4}
    assert values(table, "GAME_DIFF") == {"A": 0, "B": 0, "C": 0, "D": 0}


def test_fewer_losses_penalties_and_seed_numbers_are_better() -> None:
    table = table_of(LEAGUE, penalties={"A": 3, "B": 1, "C": 2})
    assert places(rank(table, ["LOSSES"])) == {"A": 1, "B": 1, "D": 1, "C": 4}
    assert places(rank(table, ["DISCIPLINE"])) == {"D": 1, "B": 2, "C": 3, "A": 4}
    assert places(rank(table, ["SEED"])) == {"A": 1, "B": 2, "C": 3, "D": 4}


def test_forfeits_count_as_won_and_lost_but_bring_no_games() -> None:
    forfeited = (
        Meeting(1, EntrantId("B"), MeetingKind.FORFEIT, 2, "win", 2, 0, 10, 0),
        Meeting(1, EntrantId("A"), MeetingKind.FORFEIT, 0, "loss", 0, 2, 0, 10),
    )
    table = Table(tuple(Record(EntrantId(name), n + 1, (forfeited[n],)) for n, name in enumerate("AB")), 1)
    found = {code: values(table, code) for code in ("POINTS", "WINS", "LOSSES", "WIN", "GE")}
    assert found == {
        "POINTS": {"A": 1, "B": 0},
        "WINS": {"A": 1, "B": 0},
        "LOSSES": {"A": 0, "B": 1},
        "WIN": {"A": 1, "B": 0},
        "GE": {"A": 1, "B": 0},
    }
    for code in ("PLAYED", "GAME_DIFF", "GAMES_WON", "GAME_WIN_PCT", "SCORE_DIFF", "SCORE_FOR", "WON", "BPG"):
        assert values(table, code) == {"A": 0, "B": 0}, code


def test_an_adjustment_counts_in_the_own_points_only() -> None:
    table = table_of(LEAGUE, adjustments={"B": -3})
    assert values(table, "POINTS")["B"] == Fraction(1, 2)
    for code in ("BH", "SB", "MBH", "OMW", "KOYA", "PS"):
        assert values(table, code) == values(table_of(LEAGUE), code), code


def magic_example() -> Table:
    """Eight opponents with the records of the appendix; the other games were played against eight of their own."""
    records = [(4, 4, 0), (7, 1, 0), (1, 3, 1), (3, 3, 1), (6, 2, 0), (5, 2, 1), (4, 3, 1), (6, 1, 1)]
    worth = {"win": 6, "draw": 2, "loss": 0}
    other = {"win": "loss", "draw": "draw", "loss": "win"}
    rows: dict[str, list[Meeting]] = {"hero": []}
    for number, (wins, losses, draws) in enumerate(records, start=1):
        name = f"opponent {number}"
        rows.setdefault(name, [])
        results = ["win"] * wins + ["loss"] * losses + ["draw"] * draws
        for game, result in enumerate(results, start=1):
            against, round_ = ("hero", number) if game == 1 else (f"{name}'s {game}", 10 + game)
            pair = ((name, against, result), (against, name, other[result]))
            for own, opponent, outcome in pair:
                meeting = Meeting(round_, EntrantId(opponent), MeetingKind.PLAYED, worth[outcome], outcome)  # type: ignore[arg-type]
                rows.setdefault(own, []).append(meeting)
    return Table(
        tuple(
            Record(EntrantId(name), seed, tuple(sorted(row, key=lambda meeting: meeting.round)))
            for seed, (name, row) in enumerate(rows.items(), start=1)
        ),
        rounds=18,
        scheme=FOOTBALL,
    )


def test_opponents_match_win_percentage_of_the_magic_rules() -> None:
    found = values(magic_example(), "OMW")["hero"]
    shares = [Fraction(12, 24), Fraction(21, 24), Fraction(33, 100), Fraction(10, 21), Fraction(18, 24)]
    shares += [Fraction(16, 24), Fraction(13, 24), Fraction(19, 24)]
    assert isinstance(found, Fraction)
    assert found == sum(shares) / 8
    rounded = (Decimal(found.numerator) / found.denominator).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    assert rounded == Decimal("0.6164")


def with_bye(table: Table, entrant: str, kind: MeetingKind, points: int, number: int) -> Table:
    records = tuple(
        replace(record, meetings=(*record.meetings, Meeting(number, None, kind, points, "none")))
        if record.entrant == entrant
        else record
        for record in table.records
    )
    return replace(table, records=records, rounds=max(table.rounds, number))


def test_a_bye_counts_for_the_one_who_has_it_and_is_nobodys_opponent() -> None:
    pair = table_of([(1, "A", "B", 2, 1)], scheme=FOOTBALL, all_play_all=False)
    assert values(pair, "OMW") == {"A": Fraction(33, 100), "B": 1}
    with_a_bye = with_bye(pair, "B", MeetingKind.BYE, 6, 2)
    assert values(with_a_bye, "OMW") == {"A": Fraction(1, 2), "B": 1}
    assert values(with_a_bye, "GW%") == {"A": Fraction(2, 3), "B": Fraction(3, 5)}
    assert values(with_a_bye, "OGW") == {"A": Fraction(3, 5), "B": Fraction(2, 3)}
    absent = with_bye(pair, "B", MeetingKind.ABSENT, 0, 2)
    assert values(absent, "OMW") == values(pair, "OMW")
    assert values(with_bye(pair, "A", MeetingKind.ABSENT, 0, 2), "OMW") == values(pair, "OMW")
    assert values(pair, "GW%") == {"A": Fraction(2, 3), "B": Fraction(1, 3)}


def test_pokemon_percentages_ignore_byes_and_cap_who_dropped() -> None:
    played: list[Game] = [(1, "A", "B", 2, 0), (1, "C", "D", 2, 1), (2, "A", "C", 2, 1), (2, "B", "D", 1, 1)]
    table = table_of(played, scheme=FOOTBALL, all_play_all=False)
    quarter = Fraction(1, 4)
    assert values(table, "OWP") == {
        "A": (quarter + Fraction(1, 2)) / 2,
        "B": (1 + quarter) / 2,
        "C": (1 + quarter) / 2,
        "D": (Fraction(1, 2) + quarter) / 2,
    }
    own = {"A": Fraction(3, 8), "B": Fraction(5, 8), "C": Fraction(5, 8), "D": Fraction(3, 8)}
    assert values(table, "OWP") == own
    assert values(table, "OOWP") == {"A": own["B"], "B": own["A"], "C": own["A"], "D": own["B"]}
    assert values(with_bye(table, "A", MeetingKind.BYE, 6, 3), "OWP") == own
    dropped = replace(table, records=tuple(replace(r, withdrawn=r.entrant == "A") for r in table.records))
    assert values(dropped, "OWP")["B"] == (Fraction(3, 4) + quarter) / 2
    gone = with_bye(dropped, "A", MeetingKind.ABSENT, 0, 3)
    assert values(gone, "OWP") == values(dropped, "OWP")
    missed = with_bye(table, "C", MeetingKind.ABSENT, 0, 3)
    assert values(missed, "OWP")["A"] == (quarter + Fraction(1, 3)) / 2


def test_valve_difficulty_adds_the_balance_of_the_opponents() -> None:
    played: list[Game] = [(1, "X", "B", 1, 0), (1, "A", "D", 1, 0), (2, "A", "C", 1, 0), (2, "X", "E", 1, 0)]
    played += [(3, "B", "E", 1, 0), (4, "X", "A", 0, 1), (4, "B", "F", 0, 1)]
    table = table_of(played, all_play_all=False)
    # X met B (1-2), E (0-2) and A (3-0); C met only A.
    assert values(table, "DIFFICULTY")["X"] == -1 - 2 + 3
    assert values(table, "DIFFICULTY")["C"] == 3


def test_challonge_median_leaves_out_the_best_and_the_worst_opponent() -> None:
    played: list[Game] = [(1, "X", "A", 1, 0), (2, "X", "B", 0, 1), (3, "X", "C", 1, 0), (3, "B", "A", 1, 0)]
    table = table_of([*played, (4, "C", "A", 1, 0)], all_play_all=False)
    assert values(table, "MBH") == {"X": 1, "A": 2, "B": 0, "C": 0}


def test_average_rating_rounds_half_up_and_skips_who_has_none() -> None:
    table = table_of([(1, "A", "B", 1, 0), (2, "A", "C", 1, 0), (3, "A", "D", 1, 0)])
    ratings = {"B": 1500, "C": 1501}
    rated = replace(table, records=tuple(replace(r, rating=ratings.get(r.entrant)) for r in table.records))
    assert values(rated, "ARO") == {"A": 1501, "B": 0, "C": 0, "D": 0}


def test_nobody_met_gives_zero_everywhere() -> None:
    table = Table((Record(EntrantId("A"), 7),), 0)
    found = {code: values(table, code)["A"] for code in METRICS}
    assert {code: value for code, value in found.items() if value} == {"SEED": 7, "GW%": Fraction(33, 100)}
