"""Tables to rank, read from FIDE tournament report files; entrants are the numbers of the file as strings."""

from tournaments.engine.ranking import Meeting, MeetingKind, Points, Record, Table
from tournaments.engine.trf import TrfPlayer, TrfRound, TrfTournament
from tournaments.engine.types import EntrantId

RESULTS = {"1": "win", "W": "win", "+": "win", "=": "draw", "D": "draw", "0": "loss", "L": "loss", "-": "loss"}
BYES = {
    "U": MeetingKind.BYE,
    "F": MeetingKind.BYE,
    "+": MeetingKind.BYE,
    "H": MeetingKind.REQUESTED_BYE,
    "=": MeetingKind.REQUESTED_BYE,
    "Z": MeetingKind.REQUESTED_BYE,
    "-": MeetingKind.ABSENT,
    "": MeetingKind.ABSENT,
}


def table_of(tournament: TrfTournament, all_play_all: bool = False, scheme: Points | None = None) -> Table:
    """The whole report as one table, a player's number being the seed and white being side a."""
    scheme = scheme or Points()
    players = {player.number: player for player in tournament.players}
    return Table(
        records=tuple(_record(player, players, scheme) for player in tournament.players),
        rounds=tournament.rounds,
        scheme=scheme,
        all_play_all=all_play_all,
    )


def _record(player: TrfPlayer, players: dict[int, TrfPlayer], scheme: Points) -> Record:
    meetings = []
    for number, game in enumerate(player.rounds, start=1):
        if game.opponent is None:
            meetings.append(_without_opponent(number, game, scheme))
        elif game.result:
            meetings.append(_with_opponent(number, game, players[game.opponent].rounds[number - 1].result, scheme))
    return Record(EntrantId(str(player.number)), player.number, tuple(meetings), rating=player.rating or None)


def _without_opponent(number: int, game: TrfRound, scheme: Points) -> Meeting:
    points = {"U": scheme.bye, "F": scheme.win, "+": scheme.win, "H": scheme.draw, "=": scheme.draw}
    return Meeting(number, None, BYES[game.result], points.get(game.result, scheme.loss), "none")


def _with_opponent(number: int, game: TrfRound, answer: str, scheme: Points) -> Meeting:
    kind = MeetingKind.FORFEIT if game.result in "+-" else MeetingKind.PLAYED
    if game.result == answer == "-":
        kind = MeetingKind.DOUBLE_FORFEIT
    result = RESULTS[game.result]
    points = {"win": scheme.win, "draw": scheme.draw, "loss": scheme.loss}[result]
    side = {"w": "a", "b": "b", None: None}[game.colour]
    return Meeting(number, EntrantId(str(game.opponent)), kind, points, result, side=side)
