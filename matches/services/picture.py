"""The bracket of a tournament as an SVG picture."""

import hashlib
from collections import defaultdict
from typing import Literal

from matches import selectors
from matches.enums import MatchOutcome, MatchStatus
from matches.errors import BracketNotDrawn, BracketTooLarge
from matches.models import Match
from tournaments.bracket_svg import MAX_ROUNDS, Bracket, BracketMatch, Competitor, Language, Status, Theme, render
from tournaments.errors import DrawNotMade
from tournaments.models import Entrant, Tournament

STATUS: dict[str, Status] = {
    MatchStatus.PENDING: "locked",
    MatchStatus.ONGOING: "live",
    MatchStatus.PENDING_CONFIRMATION: "live",
    MatchStatus.DISPUTED: "live",
    MatchStatus.COMPLETED: "completed",
    MatchStatus.CANCELLED: "void",
}
BY_OUTCOME: dict[str, Status] = {MatchOutcome.WALKOVER: "walkover", MatchOutcome.VOID: "void"}
THIRD_PLACE = "P"
DRAWN_FORMAT = "single_elimination"


def bracket_svg(tournament: Tournament, *, theme: Theme, language: Language) -> tuple[str, str]:
    """The picture and its ETag; the tag changes with every match.

    :raises BracketNotDrawn: the matches are no tree. :raises DrawNotMade: there are none yet.
    :raises BracketTooLarge: more rounds than a picture holds.
    """
    stage = tournament.stages.all()[0]
    if stage.format != DRAWN_FORMAT or stage.options.get("reseed"):
        raise BracketNotDrawn
    matches = selectors.bracket(tournament.pk)
    if not matches:
        raise DrawNotMade
    if max(match.round for match in matches) > MAX_ROUNDS:
        raise BracketTooLarge
    versions = ",".join(f"{match.pk}.{match.version}" for match in matches)
    digest = hashlib.sha256(f"{tournament.version}|{theme}|{language}|{versions}".encode()).hexdigest()[:24]
    return render(_bracket(tournament, matches), theme=theme, language=language), f'"{digest}"'


def _bracket(tournament: Tournament, matches: list[Match]) -> Bracket:
    position_of = {match.key: match.number - 1 for match in matches}
    rounds: dict[int, list[BracketMatch]] = defaultdict(list)
    third = None
    for match in matches:
        if match.bracket == THIRD_PLACE:
            third = _match(match, 0)
            continue
        position = match.number - 1
        if match.winner_to:
            # a first round with byes has holes: the place in the next round tells where a match stands
            position = 2 * position_of[match.winner_to] + (match.winner_to_side == "b")
        rounds[match.round].append(_match(match, position))
    return Bracket(tournament.name, tuple(tuple(rounds[number]) for number in sorted(rounds)), third)


def _match(match: Match, position: int) -> BracketMatch:
    winner: Literal["a", "b"] | None = None
    if match.winner_id:
        winner = "a" if match.winner_id == match.entrant_a_id else "b"
    return BracketMatch(
        id=match.key,
        position=position,
        a=_competitor(match.entrant_a, _score(match, 1), match.a_is_bye),
        b=_competitor(match.entrant_b, _score(match, 2), match.b_is_bye),
        winner=winner,
        status=BY_OUTCOME.get(match.outcome, STATUS[match.status]),
    )


def _score(match: Match, side: Literal[1, 2]) -> str | None:
    """``"3"``, or ``"1 (4)"`` where penalties decided the only game."""
    score = match.score_a if side == 1 else match.score_b
    if score is None:
        return None
    penalties = match.games[0].get(f"penalties{side}") if match.best_of == 1 and match.games else None
    return str(score) if penalties is None else f"{score} ({penalties})"


def _competitor(entrant: Entrant | None, score: str | None, bye: bool) -> Competitor:
    return Competitor(bye=bye) if entrant is None else Competitor(name=entrant.name, seed=entrant.seed, score=score)
