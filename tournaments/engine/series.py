"""What one match can end in: which winner, which score, which games belong to a kind of outcome."""

from .errors import EngineError, ErrorCode
from .types import BYE, Game, Kind, MatchSpec, Outcome, Side, SlotState

_PLAYED_OUT = frozenset({Kind.PLAYED, Kind.DRAW})
HIGHEST_SCORE = 10**12
ABSENT_SCORE = -1
"""The score that records give to a side that was absent; only a match that was not played out may carry it."""


def check_outcome(spec: MatchSpec, outcome: Outcome, a: SlotState, b: SlotState) -> None:
    """Refuse an outcome that the match between ``a`` and ``b`` cannot have.

    A played match needs a winner, and he has no lower score; a level one only in a single game, which something beyond
    the score may decide (penalties). In a series of N games the winner has won N // 2 + 1 of them and no game follows
    the deciding one. Games that side a had won beforehand (``advantage``) count in the score and are not in the list. A
    score may always be left out, and is never above ``HIGHEST_SCORE``. The score of a match that was not played out is
    recorded as given.

    :raises EngineError: ``invalid_outcome``, ``draw_not_allowed``, ``winner_required``, ``unexpected_winner``,
        ``winner_not_in_match``, ``invalid_score``, ``invalid_games``.
    """
    if not isinstance(outcome, Outcome) or not isinstance(outcome.kind, Kind):
        raise EngineError(ErrorCode.INVALID_OUTCOME, {"match": spec.id})
    winner = _winning_side(spec, outcome, a, b)
    _check_score(spec, outcome, winner)
    _check_games(spec, outcome, winner)


def _winning_side(spec: MatchSpec, outcome: Outcome, a: SlotState, b: SlotState) -> Side | None:
    if outcome.kind is Kind.DRAW and not spec.draws:
        raise EngineError(ErrorCode.DRAW_NOT_ALLOWED, {"match": spec.id})
    nobody_wins = outcome.kind in (Kind.DRAW, Kind.DOUBLE_FORFEIT) or (a == BYE and b == BYE)
    if outcome.winner is None:
        if not nobody_wins:
            raise EngineError(ErrorCode.WINNER_REQUIRED, {"match": spec.id, "kind": outcome.kind.value})
        return None
    if nobody_wins:
        raise EngineError(ErrorCode.UNEXPECTED_WINNER, {"match": spec.id, "kind": outcome.kind.value})
    if outcome.winner == a:
        return "a"
    if outcome.winner == b:
        return "b"
    raise EngineError(ErrorCode.WINNER_NOT_IN_MATCH, {"match": spec.id, "winner": outcome.winner})


def _is_score(value: object, least: int) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(type(points) is int and least <= points <= HIGHEST_SCORE for points in value)
    )


def _check_score(spec: MatchSpec, outcome: Outcome, winner: Side | None) -> None:
    if outcome.score is None:
        return
    played_out = outcome.kind in _PLAYED_OUT
    legal = _is_score(outcome.score, 0 if played_out else ABSENT_SCORE)
    if legal and played_out:
        a, b = outcome.score
        won, lost = (a, b) if winner == "a" else (b, a)
        if winner is None:
            legal = won == lost and (spec.best_of == 1 or won + lost == spec.best_of)
        else:
            legal = won > lost or (spec.best_of == 1 and won == lost)
            legal = legal and (spec.best_of == 1 or won == spec.best_of // 2 + 1)
            legal = legal and (spec.best_of == 1 or won + lost <= spec.best_of)
            legal = legal and (spec.best_of == 1 or a >= spec.advantage)
    if not legal:
        raise EngineError(ErrorCode.INVALID_SCORE, {"match": spec.id, "best_of": spec.best_of})


def _check_games(spec: MatchSpec, outcome: Outcome, winner: Side | None) -> None:
    games = outcome.games
    legal = isinstance(games, tuple) and len(games) <= spec.best_of and all(_is_game(game) for game in games)
    if legal and games and outcome.kind in _PLAYED_OUT:
        won = {"a": spec.advantage, "b": 0}
        for game in games:
            won[game.winner] += 1
        if winner is None:
            legal = won["a"] == won["b"] and len(games) + spec.advantage == spec.best_of
        else:
            legal = games[-1].winner == winner and won[winner] == spec.best_of // 2 + 1
        if legal and outcome.score is not None and spec.best_of > 1:
            legal = outcome.score == (won["a"], won["b"])
    if not legal:
        raise EngineError(ErrorCode.INVALID_GAMES, {"match": spec.id, "best_of": spec.best_of})


def _is_game(game: object) -> bool:
    return isinstance(game, Game) and game.winner in ("a", "b") and (game.score is None or _is_score(game.score, 0))
