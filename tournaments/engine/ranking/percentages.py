"""Win percentages of opponents, as exact fractions.

Sources: Magic Tournament Rules, appendix C (match points over three per round, game points over three per game, both
at least 0.33); Play! Pokémon Tournament Rules Handbook, 5.5 and 5.6 (a tie is half a win, at least 25 %, at most 75 %
for a player who dropped).
"""

from collections.abc import Callable
from fractions import Fraction

from .columns import Column, at_least, quotients
from .index import NOBODY, Index
from .records import MeetingKind

MAGIC_FLOOR = Fraction(33, 100)
POKEMON_FLOOR = Fraction(1, 4)
POKEMON_CAP_DROPPED = Fraction(3, 4)
GAMES_OF_A_BYE = 2


def match_win_percentage(index: Index) -> Column:
    """Points over the points of a win in every round an entrant took part in, byes included; at least 0.33."""
    win = max(index.scheme.win, 0)
    rounds = [sum([meeting.kind is not MeetingKind.ABSENT for meeting in meetings]) for meetings in index.meetings]
    return at_least(MAGIC_FLOOR, quotients(index.points, [win * count for count in rounds]))


def game_win_percentage(index: Index) -> Column:
    """Games won over games played, a bye counting as two games won and a forfeit as none; at least 0.33."""
    won, played = [], []
    for meetings in index.meetings:
        victories = defeats = 0
        for meeting in meetings:
            if meeting.kind is MeetingKind.PLAYED:
                victories += meeting.games_for
                defeats += meeting.games_against
            elif meeting.kind is MeetingKind.BYE:
                victories += GAMES_OF_A_BYE
        won.append(victories)
        played.append(victories + defeats)
    return at_least(MAGIC_FLOOR, quotients(won, played))


def pokemon_win_percentage(index: Index) -> Column:
    """Wins over rounds, without byes, a draw being half a win; at least 25 %, at most 75 % for a withdrawn entrant.

    A requested bye or an absence while the entrant had not withdrawn is a lost round.
    """
    halves, possible = [], []
    for record in index.records:
        won = rounds = 0
        for meeting in record.meetings:
            if meeting.kind is MeetingKind.BYE or (meeting.kind is MeetingKind.ABSENT and record.withdrawn):
                continue
            rounds += 1
            won += 2 if meeting.result == "win" else meeting.result == "draw"
        halves.append(won)
        possible.append(2 * rounds)
    values, scale = at_least(POKEMON_FLOOR, quotients(halves, possible))
    cap = POKEMON_CAP_DROPPED.numerator * scale // POKEMON_CAP_DROPPED.denominator
    return Column(
        [min(value, cap) if record.withdrawn else value for value, record in zip(values, index.records, strict=True)],
        scale,
    )


def opponents_mean(index: Index, shares: Column) -> Column:
    """The average of the opponents' shares, once for every meeting with them; 0 without opponents."""
    met = [[opponent for opponent in opponents if opponent != NOBODY] for opponents in index.opponents]
    values = shares.values
    return quotients(
        [sum([values[opponent] for opponent in opponents]) for opponents in met],
        [len(opponents) for opponents in met],
        shares.scale,
    )


def of_opponents(share: Callable[[Index], Column]) -> Callable[[Index], Column]:
    """The metric "the average over my opponents" of a share."""
    return lambda index: opponents_mean(index, share(index))
