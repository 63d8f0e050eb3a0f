"""The metrics that give every entrant one number, by their codes.

| code | what it counts |
|---|---|
| POINTS | points and adjustment |
| WINS, LOSSES, PLAYED | matches won and lost (forfeits count, byes do not) and played; fewer losses are better |
| GAME_DIFF, GAMES_WON, GAME_WIN_PCT | games (maps) of the matches played: won − lost, won, won ÷ all |
| SCORE_DIFF, SCORE_FOR | the score inside the matches played: for − against, for |
| DISCIPLINE, SEED | penalty points and seed number, fewer are better |
| BH, FB, SB | Buchholz, Fore Buchholz, Sonneborn-Berger; ``/C1``..``/C9`` cuts the 1..9 lowest contributions, |
|   | ``/M1``..``/M9`` the lowest and the highest |
| AOB | average Buchholz of the opponents |
| PS | sum of the running score after each round; ``/C1``..``/C9`` leaves the first rounds out |
| KOYA | points from opponents that have at least half of the possible score |
| WIN, WON | rounds that brought the points of a win; wins over the board |
| BPG, BWG | games played and won on side b |
| GE | rounds the entrant was willing to play: all but the voluntary unplayed ones |
| ARO | average rating of the opponents met over the board that have one, rounded (½ up) |
| OMW, GW%, OGW | match-win % of the opponents, own game-win %, game-win % of the opponents (Magic) |
| OWP, OOWP | win % of the opponents and of their opponents (Pokémon) |
| DIFFICULTY | wins − losses of the opponents (Valve) |
| MBH | points of the opponents without the highest and the lowest (Challonge) |

Sources: FIDE Handbook C.07 (2024, 2026) from BH to ARO, with half points made whole; ``percentages`` names its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from .columns import Column, Number, quotients
from .index import NOBODY
from .percentages import (
    game_win_percentage,
    match_win_percentage,
    of_opponents,
    opponents_mean,
    pokemon_win_percentage,
)
from .records import Meeting, MeetingKind
from .unplayed import Ledger, average_of_buchholz, buchholz, sonneborn_berger


@dataclass(frozen=True, slots=True)
class Metric:
    """A number for every entrant; the highest is best unless ``ascending``."""

    column: Callable[[Ledger], Column]
    ascending: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """A number that the meetings of one entrant give alone, whoever the others are."""

    count: Callable[[Sequence[Meeting]], Number]
    scale: int = 1
    ascending: bool = False


def _sum_of(value: Callable[[Meeting], int]) -> Callable[[Sequence[Meeting]], Number]:
    return lambda meetings: sum([value(meeting) for meeting in meetings])


def _over_the_board(value: Callable[[Meeting], int]) -> Callable[[Sequence[Meeting]], Number]:
    return lambda meetings: sum([value(meeting) for meeting in meetings if meeting.kind is MeetingKind.PLAYED])


def _game_win_share(meetings: Sequence[Meeting]) -> Number:
    played = [meeting for meeting in meetings if meeting.kind is MeetingKind.PLAYED]
    won = sum([meeting.games_for for meeting in played])
    games = won + sum([meeting.games_against for meeting in played])
    return Fraction(won, games) if games else 0


TALLIES: Mapping[str, Tally] = MappingProxyType(
    {
        "POINTS": Tally(_sum_of(lambda meeting: meeting.points), scale=2),
        "WINS": Tally(_sum_of(lambda meeting: meeting.result == "win")),
        "LOSSES": Tally(_sum_of(lambda meeting: meeting.result == "loss"), ascending=True),
        "GAME_DIFF": Tally(_over_the_board(lambda meeting: meeting.games_for - meeting.games_against)),
        "GAMES_WON": Tally(_over_the_board(lambda meeting: meeting.games_for)),
        "GAME_WIN_PCT": Tally(_game_win_share),
        "SCORE_DIFF": Tally(_over_the_board(lambda meeting: meeting.score_for - meeting.score_against)),
        "SCORE_FOR": Tally(_over_the_board(lambda meeting: meeting.score_for)),
    }
)
"""What can also be counted in the meetings of a few entrants among themselves."""


def _lifted(tally: Tally) -> Metric:
    def column(ledger: Ledger) -> Column:
        values = [tally.count(meetings) for meetings in ledger.meetings]
        return quotients([value.numerator for value in values], [value.denominator for value in values], tally.scale)

    return Metric(column, tally.ascending)


def _wins_by_points(ledger: Ledger) -> Column:
    win = ledger.scheme.win
    return Column([sum([meeting.points == win for meeting in meetings]) for meetings in ledger.meetings])


def _progressive(cut: int) -> Callable[[Ledger], Column]:
    def column(ledger: Ledger) -> Column:
        rounds = ledger.rounds
        return Column(
            [
                sum([meeting.points * (rounds - max(meeting.round - 1, min(cut, rounds))) for meeting in meetings])
                for meetings in ledger.meetings
            ],
            scale=2,
        )

    return column


def _koya(ledger: Ledger) -> Column:
    games = ledger.rounds
    if ledger.table.all_play_all:
        games = min(games, ledger.table.legs * (ledger.size - 1))
    strong = [2 * points >= games * ledger.scheme.win for points in ledger.points]
    return Column(
        [
            sum([m.points for m, other in zip(meetings, opponents, strict=True) if other != NOBODY and strong[other]])
            for meetings, opponents in zip(ledger.meetings, ledger.opponents, strict=True)
        ],
        scale=2,
    )


def _average_rating(ledger: Ledger) -> Column:
    ratings = [record.rating for record in ledger.records]
    averages: list[int] = []
    for meetings, opponents in zip(ledger.meetings, ledger.opponents, strict=True):
        met = [
            rating
            for meeting, opponent in zip(meetings, opponents, strict=True)
            if meeting.kind is MeetingKind.PLAYED and (rating := ratings[opponent]) is not None
        ]
        averages.append((2 * sum(met) + len(met)) // (2 * len(met)) if met else 0)
    return Column(averages)


def _opponents_of_opponents(ledger: Ledger) -> Column:
    return opponents_mean(ledger, opponents_mean(ledger, pokemon_win_percentage(ledger)))


def _difficulty(ledger: Ledger) -> Column:
    balance = [
        sum([(meeting.result == "win") - (meeting.result == "loss") for meeting in meetings])
        for meetings in ledger.meetings
    ]
    return Column([sum([balance[other] for other in others if other != NOBODY]) for others in ledger.opponents])


def _median_of_opponents(ledger: Ledger) -> Column:
    values: list[int] = []
    for others in ledger.opponents:
        scores = sorted([ledger.points[other] for other in others if other != NOBODY])
        values.append(sum(scores[1:-1]))
    return Column(values, scale=2)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {code: _lifted(tally) for code, tally in TALLIES.items()}
    | {
        "POINTS": Metric(lambda ledger: Column(ledger.totals, scale=2)),
        "PLAYED": _lifted(Tally(_over_the_board(lambda meeting: 1))),
        "DISCIPLINE": Metric(lambda ledger: Column([record.penalty for record in ledger.records]), ascending=True),
        "SEED": Metric(lambda ledger: Column([record.seed for record in ledger.records]), ascending=True),
        "AOB": Metric(average_of_buchholz),
        "KOYA": Metric(_koya),
        "WIN": Metric(_wins_by_points),
        "WON": _lifted(Tally(_over_the_board(lambda meeting: meeting.result == "win"))),
        "BPG": _lifted(Tally(_over_the_board(lambda meeting: meeting.side == "b"))),
        "BWG": _lifted(Tally(_over_the_board(lambda meeting: meeting.side == "b" and meeting.result == "win"))),
        "GE": _lifted(Tally(_sum_of(lambda meeting: not meeting.voluntary))),
        "ARO": Metric(_average_rating),
        "OMW": Metric(of_opponents(match_win_percentage)),
        "GW%": Metric(game_win_percentage),
        "OGW": Metric(of_opponents(game_win_percentage)),
        "OWP": Metric(of_opponents(pokemon_win_percentage)),
        "OOWP": Metric(_opponents_of_opponents),
        "DIFFICULTY": Metric(_difficulty),
        "MBH": Metric(_median_of_opponents),
    }
)
"""Every code that stands alone."""


_CUTTABLE: Mapping[str, Callable[[int, int], Callable[[Ledger], Column]]] = MappingProxyType(
    {
        "BH": lambda low, high: lambda ledger: Column([buchholz(row, low, high) for row in ledger.shares], 2),
        "FB": lambda low, high: lambda ledger: Column([buchholz(row, low, high) for row in ledger.fore_shares], 2),
        "SB": lambda low, high: lambda ledger: Column([sonneborn_berger(row, low, high) for row in ledger.shares], 4),
    }
)


def find_metric(code: str) -> Metric | None:
    """The metric of a code, None for an unknown one."""
    family, slash, modifier = code.partition("/")
    if family != "PS" and family not in _CUTTABLE:
        return METRICS.get(code)
    low = high = 0
    if slash:
        if len(modifier) != 2 or modifier[0] not in "CM" or modifier[1] not in "123456789":
            return None
        low = int(modifier[1])
        high = low if modifier[0] == "M" else 0
    if family == "PS":
        return None if high else Metric(_progressive(low))
    return Metric(_CUTTABLE[family](low, high))
