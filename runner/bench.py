"""Benchmarks: what there is, and the peers that they are measured beside.

Peers are never part of the product. They are installed at their pinned versions below `.local/bench`, each Python
library from a lock file of its own, those for node from one together; who cannot be installed is named with the reason.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from runner import environment, locking, product, services, valkey, venv
from runner.console import Console, Problem
from runner.layout import Layout
from runner.postgres import Postgres
from runner.processes import Command, CommandFailed, Supervisor, foreground, run

PYTHON_PEERS = ("networkx", "rustworkx")
NODE_PEERS = ("brackets-manager", "tournament-pairings")
LOCKS = tuple(f"benchmarks/peers/{name}.txt" for name in PYTHON_PEERS)
LISTING = """\
./run bench engine       the tournament engine beside its peers: CPU, peak memory, growth; status 1 if a goal is missed
    --quick              one pass, and two seconds for each peer and size
    --only ROW           one row only; may be given again (--help lists the rows)
    --json FILE          write the figures there
./run bench auth         what signing in costs, and a request with a token beside one without; CPU, not the clock
    --quick              3 rounds of 300 requests
    --json FILE          write the figures there
./run bench ledger       entry fees and payouts beside TPC-B of pgbench on the same server; status 1 if a goal is missed
./run bench rush         a rush for 64 paid seats, beside the textbook, a view without a database and TPC-B
    --quick              short rounds
    --full               the books grown by ten million transfers (ledger); this takes long
"""


@dataclass
class Peers:
    """Where the peers are; `absent` says why some are not there."""

    python: Path | None = None
    node: str | None = None
    folder: Path | None = None
    absent: dict[str, str] = field(default_factory=dict)

    def arguments(self) -> list[str]:
        """The words that tell `benchmarks.engine`."""
        words: list[str] = []
        if self.python:
            words += ["--peers-python", str(self.python)]
        if self.node and self.folder:
            words += ["--node", self.node, "--node-folder", str(self.folder)]
        for name, reason in self.absent.items():
            words += ["--absent", f"{name}={reason}"]
        return words


def bench(layout: Layout, arguments: list[str]) -> int:
    """List the benchmarks, or run one."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(LISTING, end="")
        return 0
    name, *rest = arguments
    if name not in BENCHMARKS:
        raise Problem(f"There is no benchmark {name!r}.", f"./run bench lists them: {', '.join(BENCHMARKS)}.")
    return BENCHMARKS[name](layout, rest)


def engine(layout: Layout, arguments: list[str]) -> int:
    """Measure the engine and every peer that can be installed."""
    console = Console()
    venv.ensure(layout, console)
    command: Command = [layout.python, "-m", "benchmarks.engine"]
    env = environment.base(layout)
    if {"-h", "--help"} & set(arguments):
        return foreground([*command, *arguments], env=env, cwd=layout.root)
    peers = install(layout, console)
    return foreground([*command, *peers.arguments(), *arguments], env=env, cwd=layout.root)


def auth(layout: Layout, arguments: list[str]) -> int:
    """Measure the sign-in on throw-away services."""
    console = Console()
    venv.ensure(layout, console)
    layout.prepare()
    command: Command = [layout.python, "-m", "benchmarks.auth", *arguments]
    if {"-h", "--help"} & set(arguments):
        return foreground(command, env=environment.base(layout), cwd=layout.root)
    with services.throw_away(layout, console) as backing:
        product.compile_catalogues(layout, console)
        given = {"DATABASE_URL": backing.database_url, "REDIS_URL": backing.redis_url}
        return foreground(command, env={**environment.base(layout), **given}, cwd=layout.root)


def books(name: str) -> Callable[[Layout, list[str]], int]:
    """Measure what moves money on a PostgreSQL that is as durable as the product's, beside pgbench on the same one."""

    def measure(layout: Layout, arguments: list[str]) -> int:
        console = Console()
        venv.ensure(layout, console)
        layout.prepare()
        command: Command = [layout.python, "-m", f"benchmarks.{name}"]
        env = environment.product(layout, database_url="", redis_url="")
        if {"-h", "--help"} & set(arguments):
            return foreground([*command, *arguments], env=env, cwd=layout.root)
        cluster = f"{services.THROW_AWAY}bench-{os.getpid()}"
        with ExitStack() as stack:
            stack.callback(services.remove, layout, cluster)
            server = Postgres(layout, cluster)
            supervisor = stack.enter_context(Supervisor(layout.logs))
            with console.step("Starting PostgreSQL and Valkey") as step:
                env["REDIS_URL"] = valkey.start(layout, "bench-valkey", supervisor, step)
                server.prepare(step)
                url = server.start(supervisor, step, log="bench-postgres")
            tools = ("--database", url, "--pgbench", server.binaries / "pgbench")
            return foreground([*command, *tools, *arguments], env=env, cwd=layout.root)

    return measure


BENCHMARKS: dict[str, Callable[[Layout, list[str]], int]] = {
    "engine": engine,
    "auth": auth,
    "ledger": books("ledger"),
    "rush": books("rush"),
}


def install(layout: Layout, console: Console) -> Peers:
    """Install what is not there yet."""
    peers = Peers()
    home = layout.local / "bench"
    home.mkdir(parents=True, exist_ok=True)
    with locking.exclusive(layout.local / "bench.lock", console, "Waiting for another ./run to install the peers"):
        install_python(layout, console, home / "python", peers)
        install_node(layout, console, home / "node", peers)
    for name, reason in peers.absent.items():
        console.say(f"{name} is not measured: {reason}")
    return peers


def install_python(layout: Layout, console: Console, home: Path, peers: Peers) -> None:
    """Each library of `PYTHON_PEERS` that can be had, in an environment beside the product's."""
    python = home / "bin" / "python"
    locks = {name: layout.root / lock for name, lock in zip(PYTHON_PEERS, LOCKS, strict=True)}
    missing = {name: lock for name, lock in locks.items() if not (python.exists() and stamped(home, name, [lock]))}
    uv = layout.venv / "bin" / "uv"
    if missing and not python.exists():
        try:
            venv.ensure_tools(layout, console)
            with console.step("Making an environment for the Python peers") as step:
                command: Command = [uv, "venv", "-q", "--clear", "--python", layout.python, home]
                run(step, command, env=venv.uv_environment(layout), cwd=layout.root)
        except Problem as problem:
            peers.absent.update(dict.fromkeys(PYTHON_PEERS, reason(problem)))
            return
    for name, lock in missing.items():
        command = [
            uv,
            "pip",
            "install",
            "-q",
            "--python",
            python,
            "--require-hashes",
            "--only-binary",
            ":all:",
            "-r",
            lock,
        ]
        try:
            with console.step(f"Installing {name}, to measure against") as step:
                run(step, command, env=venv.uv_environment(layout), cwd=layout.root)
        except CommandFailed as error:
            peers.absent[name] = reason(error)
        else:
            stamp(home, name, [lock])
    peers.python = python


def install_node(layout: Layout, console: Console, home: Path, peers: Peers) -> None:
    """The packages of `benchmarks/peers/package.json`, where node and npm are there. Their scripts are not run."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        peers.absent.update(dict.fromkeys(NODE_PEERS, f"{'npm' if node else 'node'} is not installed here"))
        return
    files = [layout.root / "benchmarks" / "peers" / name for name in ("package.json", "package-lock.json")]
    if not stamped(home, "node", files):
        home.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, home)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        try:
            with console.step("Installing the node peers, to measure against") as step:
                run(step, [npm, "ci", *options], cwd=home)
        except CommandFailed as error:
            peers.absent.update(dict.fromkeys(NODE_PEERS, reason(error)))
            return
        stamp(home, "node", files)
    peers.node, peers.folder = node, home


def reason(problem: Problem) -> str:
    """One line that says why something could not be installed."""
    lines = [line.strip() for line in problem.hint.splitlines() if line.strip()]
    named = [line for line in lines if "error" in line.lower()]
    return (named or lines or [str(problem)])[0]


def stamp(home: Path, name: str, locks: list[Path]) -> None:
    """Remember that what `locks` pin has been installed."""
    (home / f".installed-{name}").write_text(digest(locks))


def stamped(home: Path, name: str, locks: list[Path]) -> bool:
    try:
        return (home / f".installed-{name}").read_text() == digest(locks)
    except OSError:
        return False


def digest(locks: list[Path]) -> str:
    return hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
