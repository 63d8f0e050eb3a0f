"""Ids inside games: how they are compared, and what a game's own rule says."""

import re
import unicodedata

from common.text import fold_digits
from games.models import Game
from users.errors import PlayerIdInvalid

MAX_LENGTH = 64
KEY_MAX_LENGTH = 255


def key(player_id: str) -> str:
    """What two ids in one game must not share: width, case, spaces and kinds of digits do not tell them apart."""
    return "".join(fold_digits(_visible(player_id).casefold()).split())[:KEY_MAX_LENGTH]


def check(game: Game, player_id: str) -> str:
    """The id as it is kept. :raises PlayerIdInvalid: it is empty, too long, or not of the game's pattern."""
    player_id = " ".join(_visible(player_id).split())
    fits = not game.player_id_pattern or re.fullmatch(game.player_id_pattern, player_id)
    if not fits or not 0 < len(player_id) <= MAX_LENGTH:
        raise PlayerIdInvalid(game=game.name, example=game.player_id_example)
    return player_id


def _visible(text: str) -> str:
    """In the usual width, without the marks that nobody sees."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
