"""One bar for the whole play, and threads for what people do at the same time."""

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")
WORKERS = 8


class Progress:
    def __init__(self, *, quiet: bool) -> None:
        self.title = ""
        self._bar = tqdm(disable=quiet, file=sys.stderr, total=1, bar_format="{desc} {bar} {n}/{total} {elapsed}")

    def expect(self, steps: int) -> None:
        self._bar.total = steps

    def phase(self, title: str) -> None:
        self.title = title
        self._bar.set_description_str(f"{title:<32}")

    def say(self, line: str) -> None:
        """A line above the bar."""
        if not self._bar.disable:
            self._bar.write(line, file=sys.stderr)

    def done(self, number: int = 1) -> None:
        self._bar.update(number)

    def close(self) -> None:
        self._bar.close()

    def together(self, action: Callable[[T], object], items: Iterable[T]) -> None:
        """Do it for all items, several at a time; the first failure ends the play."""
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = [pool.submit(action, item) for item in items]
            try:
                for future in as_completed(futures):
                    future.result()
                    self.done()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
