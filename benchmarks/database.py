"""What benchmarks on PostgreSQL share: a database of their own, clients in processes, pgbench, CPU, goals.

All contenders run on one server with its durability as it is, one after the other, round by round: the figures to
believe are the ratios within a run. CPU is that of the clients and of all processes of the server together.
"""

import gc
import multiprocessing
import os
import re
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psycopg2

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Sample:
    """What some clients did in one stretch of time."""

    done: int
    seconds: float
    cpu_seconds: float
    latencies: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1e3 * self.cpu_seconds / max(self.done, 1)

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return 1e3 * ordered[int(share * (len(ordered) - 1))] if ordered else float("nan")


@dataclass(frozen=True, slots=True)
class Goal:
    says: str
    bound: float
    measured: float
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        return self.measured <= self.bound if self.at_most else self.measured >= self.bound


@contextmanager
def fresh(url: str, name: str) -> Iterator[str]:
    """A database of that name for the time of the block; its URL."""
    with psycopg2.connect(url) as server:
        pass
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{url.rpartition('/')[0]}/{name}"
    finally:
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.close()


def server_cpu(url: str) -> float:
    """The CPU seconds of all processes of the server up to now; 0 where it runs elsewhere."""
    connection = psycopg2.connect(url)
    try:
        postmaster = _stat(connection.info.backend_pid)[1]
        # a process that ends meanwhile goes over from the running ones to the sum of those that have ended
        while True:
            ended = sum(_stat(postmaster)[13:15])
            running = _running(postmaster)
            if ended == sum(_stat(postmaster)[13:15]):
                return (ended + running) / TICKS
    except OSError:
        return 0.0
    finally:
        connection.close()


def _running(postmaster: int) -> int:
    ticks = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            numbers = _stat(int(path.name))
        except OSError:
            continue
        if postmaster in (numbers[1], int(path.name)):
            ticks += sum(numbers[11:13])
    return ticks


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/<pid>/stat after the name; the state, which is a letter, counts as 0."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [0, *map(int, words[1:20])]


def tpcb(url: str, pgbench: str, *, clients: int, seconds: float) -> Sample:
    """TPC-B of pgbench with prepared statements: the limit. Its tables are made on first use, ten tellers a client."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgbench_accounts')")
        missing = (cursor.fetchone() or [None])[0] is None
    connection.close()
    if missing:
        subprocess.run([pgbench, "-i", "-q", "-s", "10", url], check=True, capture_output=True)  # noqa: S603
    before, began = server_cpu(url), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [pgbench, "-M", "prepared", "-n", f"-c{clients}", f"-j{clients}", f"-T{round(seconds)}", url]
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout  # noqa: S603
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    client = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
    done = int(re.findall(r"actually processed: (\d+)", output)[0])
    rate = float(re.findall(r"tps = ([\d.]+)", output)[0])
    return Sample(done, done / rate, client + server_cpu(url) - before)


def clients(url: str, work: Callable[[int], Callable[[int], str]], *, count: int, seconds: float) -> Sample:
    """``count`` processes that each call ``work(number)`` for a function, and call that with 0, 1, 2 … meanwhile.

    It returns what came of it; "stop" ends this client.
    """
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(count), context.Queue()
    before = server_cpu(url)
    processes = [context.Process(target=_client, args=(n, work, seconds, barrier, answers)) for n in range(count)]
    for process in processes:
        process.start()
    parts = [answers.get(timeout=seconds * 10 + 60) for _ in processes]
    for process in processes:
        process.join()
    whole = Sample(0, max(part.seconds for part in parts), server_cpu(url) - before)
    for part in parts:
        whole.done += part.done
        whole.cpu_seconds += part.cpu_seconds
        whole.latencies += part.latencies
        whole.outcomes += part.outcomes
    return whole


def _client(
    number: int, work: Callable[[int], Callable[[int], str]], seconds: float, barrier: Any, answers: Any
) -> None:
    step = work(number)
    for warming in range(10):
        step(-1 - warming)
    gc.collect()
    gc.freeze()  # as config/asgi.py does
    barrier.wait(120)
    outcomes: list[str] = []
    latencies: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    until = began + seconds
    while (now := time.perf_counter()) < until:
        outcome = step(len(outcomes))
        if outcome == "stop":
            break
        latencies.append(time.perf_counter() - now)
        outcomes.append(outcome)
    taken, used = time.perf_counter() - began, time.process_time() - cpu
    answers.put(Sample(len(outcomes), taken, used, latencies, Counter(outcomes)))


def middle(values: Sequence[float]) -> float:
    return median(values)


def row(title: str, samples: Sequence[Sample], limit: Sequence[Sample]) -> str:
    """One line of the table: medians of the rounds, and of the ratios within each."""
    rate, cpu = (median(getattr(sample, name) for sample in samples) for name in ("rate", "cpu_ms"))
    ratio = median(sample.rate / other.rate for sample, other in zip(samples, limit, strict=True))
    p50, p99 = (median(sample.percentile(share) for sample in samples) for share in (0.5, 0.99))
    return f"  {title:<44}{rate:>8,.0f}/s{cpu:>9.3f} ms{ratio:>8.2f}{p50:>9.2f}{p99:>9.2f}"


HEADER = f"  {'':<44}{'':>8}  {'CPU':>9}   {'x TPC-B':>8}{'p50 ms':>9}{'p99 ms':>9}"


def verdict(goals: Sequence[Goal]) -> str:
    lines = [f"{'Goal':<60}{'':>9}{'bound':>9}{'measured':>12}"]
    for goal in goals:
        sign, state = ("at most" if goal.at_most else "at least"), ("met" if goal.is_met else "missed")
        lines.append(f"{goal.says:<60}{sign:>9}{goal.bound:>9.3g}{goal.measured:>12.3g}   {state}")
    return "\n".join(lines)
