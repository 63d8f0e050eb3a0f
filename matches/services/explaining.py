"""The engine's reasons for a place, in words. A code that has none here is left to the client."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.text import StrOrPromise

TEXTS: Mapping[str, StrOrPromise] = {
    "in_play": _("Still in play."),
    "won": _("Won the last match, %(match)s."),
    "lost": _("Lost match %(match)s."),
    "shared": _("Level with others on everything."),
    "playoff_required": _("Level with others on everything: only a play-off can separate them."),
    "annulled": _("Left the tournament; the results do not count."),
}
NEIGHBOURS: Mapping[str, StrOrPromise] = {
    "above": _("Behind %(name)s by %(metric)s: %(own)s against %(value)s."),
    "below": _("Ahead of %(name)s by %(metric)s: %(own)s against %(value)s."),
}
METRICS: Mapping[str, StrOrPromise] = {
    "POINTS": _("points"),
    "WINS": _("wins"),
    "LOSSES": _("losses"),
    "GAME_DIFF": _("the difference of games"),
    "GAMES_WON": _("games won"),
    "SCORE_DIFF": _("the difference of scores"),
    "SCORE_FOR": _("the score"),
    "H2H": _("the matches between them"),
    "BH": _("the opponents' points (Buchholz)"),
    "BH/C1": _("the opponents' points without the worst (Buchholz)"),
    "SB": _("the points of the opponents beaten (Sonneborn-Berger)"),
    "SEED": _("seed"),
    "LOT": _("lot"),
}


def in_words(explain: Mapping[str, Any]) -> str:
    """In the active language; empty for a code without a text and without neighbours."""
    parts = [str(TEXTS[explain["code"]]) % explain] if explain["code"] in TEXTS and _fits(explain) else []
    for side, text in NEIGHBOURS.items():
        if side in explain:
            metric = explain[f"{side}_by"]
            values = {
                "name": explain[f"{side}_name"],
                "metric": METRICS.get(metric, metric),
                "own": explain[f"{side}_own"],
                "value": explain[f"{side}_value"],
            }
            parts.append(str(text) % values)
    return " ".join(parts)


def _fits(explain: Mapping[str, Any]) -> bool:
    return explain["code"] not in ("won", "lost") or "match" in explain
