"""What a leaderboard costs with many players: the statements of the API against boards filled at once.

    DATABASE_URL=… python -m benchmarks.leaderboards --players 1000000 --fill

Use a database of its own: it is migrated and filled. Prints milliseconds of the whole call, the best and the median.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

FILL = """
INSERT INTO players_playerstanding (board_id, user_id, is_listed, score, winnings_rial, tournaments, titles, podiums,
  wins, draws, losses, streak, best_streak, individual_rating, individual_value, individual_deviation)
SELECT %(board)s, id, random() > 0.1, (1000000 * random() ^ 4)::int, (1000000000 * random() ^ 6)::bigint, 9, 1, 2,
  20, 1, 9, 3, 5, (800 + 1400 * random())::int, 1500, 100
FROM users_user WHERE username LIKE 'bench%%';
INSERT INTO users_privacy (user_id, profile, history, in_game_ids, messages, invitations, findable_by_phone)
SELECT user_id, 'everyone', 'nobody', 'members', 'everyone', 'everyone', true
FROM players_playerstanding WHERE board_id = %(board)s AND NOT is_listed;
"""


def copies_of_a_user() -> str:
    """The statement that makes many users like one that the product has made."""
    from users.models import User

    first = User.objects.create_user("09120000000", username="bench")
    own = {"phone_number": "'b' || n", "username": "'bench' || n", "username_key": "'bench' || n"}
    columns = [str(field.column) for field in User._meta.concrete_fields if not field.primary_key]
    values = ", ".join(own.get(column, column) for column in columns)
    names = ", ".join(columns)
    return (
        f"INSERT INTO users_user ({names}) SELECT {values} FROM users_user, generate_series(1, %(players)s) n "  # noqa: S608
        f"WHERE id = {first.pk}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", type=int, default=1_000_000)
    parser.add_argument("--fill", action="store_true")
    parser.add_argument("--repeat", type=int, default=30)
    asked = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from games.models import Game
    from players import selectors
    from players.enums import Metric
    from players.models import Board, PlayerStanding
    from players.selectors import BoardKey
    from tournaments.enums import TournamentType

    call_command("migrate", verbosity=0)
    game, _ = Game.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    board, _ = Board.objects.get_or_create(game=game, season=None)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        if asked.fill:
            cursor.execute(copies_of_a_user(), {"players": asked.players})
            cursor.execute(FILL, {"players": asked.players, "board": board.pk})
            cursor.execute("VACUUM ANALYZE")
        cursor.execute("SET statement_timeout = 5000")

    ladder = selectors.ladders([game.pk])[game.pk]
    listed = PlayerStanding.objects.filter(board=board, is_listed=True)
    middle = listed.order_by("-score", "user")[5_000]
    last = listed.order_by("score")[0]
    rows: list[tuple[str, Callable[[], Any]]] = []
    for metric in Metric:
        key = BoardKey(game.pk, None, metric, TournamentType.INDIVIDUAL)
        rows.append((f"top 50 by {metric.value}", partial(selectors.top_players, key, size=50)))
    key = BoardKey(game.pk)
    rows += [
        ("the 50 behind position 5,000", lambda: selectors.top_players(key, size=50, after=middle.user_id)),
        ("position of the 5,000th", lambda: selectors.positions([middle], "score")),
        ("position of the last (counted to 10,000)", lambda: selectors.positions([last], "score")),
        ("count without a bound, for comparison", lambda: listed.filter(score__gt=last.score).count()),
        ("50 by OFFSET 500,000, for comparison", lambda: list(listed.order_by("-score", "user")[500_000:500_050])),
    ]
    sys.stdout.write(f"{PlayerStanding.objects.count():,} standings, {len(ladder.rungs)} ranks\n")
    for name, call in rows:
        times = []
        for _ in range(asked.repeat):
            begun = time.perf_counter()
            call()
            times.append(1000 * (time.perf_counter() - begun))
        sys.stdout.write(f"{name:<42}{min(times):>9.2f} ms best {statistics.median(times):>9.2f} ms median\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
