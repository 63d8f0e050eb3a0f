"""``python -m demo.play --url URL --sms-file PATH``: exit status 0 when all went as promised, else 1 and one line."""

import argparse
import os
import sys
import time
from pathlib import Path

from demo.play import report, worldcup
from demo.play.cast import gather
from demo.play.client import Api, Phones, Tally
from demo.play.errors import PlayError
from demo.play.journey import Journey
from demo.play.progress import Progress

ADMIN_NUMBER = "09000000000"


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run play",
        description="Play the knock-out stage of the World Cup 2018 through the public API of a running product.",
    )
    parser.add_argument("--url", required=True, help="where the product runs, such as http://127.0.0.1:8000")
    parser.add_argument("--sms-file", required=True, type=Path, help="the file in which it keeps text messages")
    parser.add_argument("--seed", type=int, help="fixes the players' phone numbers; by default they are new each time")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    given = arguments(words)
    progress = Progress(quiet=given.quiet)
    cup, api = worldcup.load(), Api(given.url, Tally(), progress.say)
    staff_number = os.environ.get("ADMIN_USERNAME") or ADMIN_NUMBER
    cast = gather(api, cup, staff_number=staff_number, seed=given.seed)
    journey = Journey(api, Phones(given.sms_file), cup, cast, progress)
    progress.expect(journey.steps)
    began = time.monotonic()
    try:
        journey.play()
    except PlayError as error:
        progress.close()
        print(f"The play stopped while {progress.title.lower()}: {error}", file=sys.stderr)
        return 1
    finally:
        progress.close()
        api.close()
    print(report.summary(journey, time.monotonic() - began))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
