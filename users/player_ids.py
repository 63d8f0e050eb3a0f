"""Ids inside games: how they are compared, and what a game's own rule says."""

import re
import unicodedata

from common.text import fold_digits
from games.models import Game
from users.errors import PlayerIdInvalid

KEY_MAX_LENGTH = 255


def key(player_id: str) -> str:
    """What two ids in one game must not share: width, case, spaces and kinds of digits do not tell them apart."""
    return "".join(fold_digits(unicodedata.normalize("NFKC", player_id).casefold()).split())[:KEY_MAX_LENGTH]


def check(game: Game, player_id: str) -> str:
    """The id as it is kept. :raises PlayerIdInvalid: it is empty, or not of the game's pattern."""
    player_id = " ".join(unicodedata.normalize("NFKC", player_id).split())
    if not key(player_id) or (game.player_id_pattern and not re.fullmatch(game.player_id_pattern, player_id)):
        raise PlayerIdInvalid(game=game.name, example=game.player_id_example)
    return player_id
