"""One measurement inside a fresh process: CPU seconds of the whole process, and by how much its memory peak rose.

The peak is that of resident memory. Linux lets a process set its own peak back, so that what was loaded before does not
count; elsewhere it is the rise of ``ru_maxrss``, which starts with the largest the process has ever been.
"""

import gc
import re
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Measured(NamedTuple, Generic[R]):
    """``times`` are CPU seconds by repetition, ``peak`` bytes in the first one, ``result`` what the last returned."""

    times: list[float]
    peak: int
    result: R


class Stopwatch:
    """Measures with at most ``repeats`` repetitions, and no new one once ``budget`` CPU seconds are spent on them.

    ``announce`` is called before each: whoever watches from outside ends the process when one takes too long. A timer
    in the process would not do: under one, Linux counts the process's CPU time in ticks of 4 ms.
    """

    def __init__(self, repeats: int, budget: float, announce: Callable[[], None]) -> None:
        self._repeats = repeats
        self._budget = budget
        self._announce = announce

    def measure(self, prepare: Callable[[], I], run: Callable[[I], R], divisor: int = 1) -> Measured[R]:
        """What ``run`` costs on what ``prepare`` makes anew for each repetition; one run does ``divisor`` things."""
        times: list[float] = []
        peak, total = 0, 0.0
        while True:
            prepared = prepare()
            gc.collect()
            set_peak_back()
            memory = peak_bytes()
            self._announce()
            began = time.process_time()
            result = run(prepared)
            took = time.process_time() - began
            if not times:
                peak = max(0, peak_bytes() - memory)
            times.append(took / divisor)
            total += took
            if len(times) >= self._repeats or total >= self._budget:
                return Measured(times, peak, result)


def set_peak_back() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    with suppress(OSError, AttributeError):
        found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
        return 1024 * int(found[1])  # type: ignore[index]
    return _MAXRSS_UNIT * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
