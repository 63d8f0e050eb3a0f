"""A match as a row and as values of the engine."""

from collections.abc import Mapping, Sequence
from typing import cast

from matches.enums import MatchOutcome
from matches.errors import ScoreContradictsWinner
from matches.models import Match
from tournaments.engine import (
    BYE,
    TBD,
    EngineError,
    EntrantId,
    Game,
    Kind,
    LoserOf,
    MatchId,
    MatchSpec,
    Outcome,
    Seed,
    Side,
    Slot,
    SlotState,
    Target,
    WinnerOf,
    check_outcome,
)
from tournaments.models import Stage, Tournament

Games = Sequence[Mapping[str, int]]
KIND = {
    MatchOutcome.CONFIRMED: Kind.PLAYED,
    MatchOutcome.AUTO_CONFIRMED: Kind.PLAYED,
    MatchOutcome.RESOLVED: Kind.ADMIN,
    MatchOutcome.WALKOVER: Kind.WALKOVER,
    MatchOutcome.VOID: Kind.WALKOVER,
    MatchOutcome.DOUBLE_FORFEIT: Kind.DOUBLE_FORFEIT,
}
RESULTS = (
    MatchOutcome.CONFIRMED,
    MatchOutcome.AUTO_CONFIRMED,
    MatchOutcome.RESOLVED,
    MatchOutcome.DOUBLE_FORFEIT,
)
"""The outcomes that people gave; walkovers and void matches follow from them by themselves."""


def from_spec(spec: MatchSpec, tournament: Tournament, stage: Stage, seeds: list[int]) -> Match:
    """The row of a planned match. :param seeds: the entrants' ids, the best seed first."""
    return Match(
        tournament=tournament,
        stage=stage,
        key=spec.id,
        bracket=spec.bracket,
        round=spec.round,
        number=spec.number,
        best_of=spec.best_of,
        # nobody is level after an odd number of games, unless it is one game that ends level
        draws_allowed=spec.draws and (spec.best_of == 1 or spec.best_of % 2 == 0),
        advantage=spec.advantage,
        conditional=spec.conditional or "",
        entrant_a_id=seeds[spec.a.number - 1] if isinstance(spec.a, Seed) else None,
        entrant_b_id=seeds[spec.b.number - 1] if isinstance(spec.b, Seed) else None,
        a_is_bye=spec.a == BYE,
        b_is_bye=spec.b == BYE,
        a_source=_source(spec.a),
        b_source=_source(spec.b),
        winner_to=spec.winner_to.match_id if spec.winner_to else "",
        winner_to_side=spec.winner_to.side if spec.winner_to else "",
        loser_to=spec.loser_to.match_id if spec.loser_to else "",
        loser_to_side=spec.loser_to.side if spec.loser_to else "",
        moves_if=spec.moves_if or "",
    )


def _source(slot: Slot) -> str:
    """A slot in words that clients can parse: ``seed:8``, ``winner:W1.2``, ``loser:W3.1``."""
    match slot:
        case Seed(number):
            return f"seed:{number}"
        case WinnerOf(match_id):
            return f"winner:{match_id}"
        case LoserOf(match_id):
            return f"loser:{match_id}"
        case _:
            return ""


def spec_of(match: Match) -> MatchSpec:
    """What the row keeps of its plan; where its sides come from is not needed any more."""
    return MatchSpec(
        id=MatchId(match.key),
        bracket=match.bracket,
        round=match.round,
        number=match.number,
        a=TBD,
        b=TBD,
        best_of=match.best_of,
        winner_to=Target(MatchId(match.winner_to), cast(Side, match.winner_to_side)) if match.winner_to else None,
        loser_to=Target(MatchId(match.loser_to), cast(Side, match.loser_to_side)) if match.loser_to else None,
        draws=match.draws_allowed,
        advantage=match.advantage,
        moves_if=cast(Side, match.moves_if) if match.moves_if else None,
        conditional=MatchId(match.conditional) if match.conditional else None,
    )


def slots_of(match: Match) -> tuple[SlotState, SlotState]:
    return _slot(match.entrant_a_id, match.a_is_bye), _slot(match.entrant_b_id, match.b_is_bye)


def _slot(entrant_id: int | None, is_bye: bool) -> SlotState:
    if is_bye:
        return BYE
    return TBD if entrant_id is None else EntrantId(str(entrant_id))


def outcome_of(match: Match) -> Outcome:
    """How a match that is over ended, with its games if they were given."""
    kind = Kind.DRAW if match.is_draw else KIND[MatchOutcome(match.outcome)]
    return _outcome(match.best_of, match.winner_id, match.games, kind)


def check_claim(match: Match, winner_id: int | None, games: Games) -> None:
    """``winner_id`` is an entrant of the match, None for a draw.

    :raises ScoreContradictsWinner: the games were not won so, or are more than the series has.
    """
    one_level_game = winner_id is None and match.best_of == 1
    if len(games) > match.best_of or any((game_winner(game) is None) != one_level_game for game in games):
        raise ScoreContradictsWinner
    claim = _outcome(match.best_of, winner_id, games, Kind.DRAW if winner_id is None else Kind.PLAYED)
    try:
        check_outcome(spec_of(match), claim, *slots_of(match))
    except EngineError as error:
        raise ScoreContradictsWinner from error


def score_of(match: Match, games: Games) -> tuple[int | None, int | None]:
    """The score of the match: of its one game, or the games each side has won."""
    if not games:
        return None, None
    if match.best_of == 1:
        return games[0]["score1"], games[0]["score2"]
    won = [game_winner(game) for game in games]
    return won.count("a") + match.advantage, won.count("b")


def _outcome(best_of: int, winner_id: int | None, games: Games, kind: Kind) -> Outcome:
    if kind is Kind.DRAW and best_of == 1:
        return Outcome(None, kind, score=(games[0]["score1"], games[0]["score2"]) if games else None)
    # without the score, which follows from the games; one of 1:1 that penalties decided would contradict its winner
    won = tuple(Game(cast(Side, game_winner(game)), (game["score1"], game["score2"])) for game in games)
    return Outcome(EntrantId(str(winner_id)) if winner_id else None, kind, games=won)


def game_winner(game: Mapping[str, int]) -> Side | None:
    """The side that won the game, on penalties if it ended level; None if nobody did."""
    for one, two in (("score1", "score2"), ("penalties1", "penalties2")):
        if game.get(one, 0) != game.get(two, 0):
            return "a" if game.get(one, 0) > game.get(two, 0) else "b"
    return None
