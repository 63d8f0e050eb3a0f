"""What is measured, of whom, and at which sizes."""

from dataclasses import dataclass
from typing import Literal

Program = Literal["engine", "python", "node"]
"""The interpreter of the engine, that of the Python peers, or node."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Who does the work; ``peer`` is the package that has to be installed for it, "" for the engine itself.

    ``largest`` is the largest size at which it is tried, None for any.
    """

    name: str
    work: str
    program: Program = "engine"
    peer: str = ""
    largest: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of work. The first contender is the one that the others are compared with. Every size of ``paired`` rows
    is a whole Swiss tournament, whose rounds all contenders pair from the same positions."""

    key: str
    title: str
    sizes: tuple[int, ...]
    contenders: tuple[Contender, ...]
    rounds: bool = False
    paired: bool = False


def _node(peer: str, work: str) -> Contender:
    return Contender(peer, f"{peer} {work}", "node", peer)


def _matching(library: str, reach: str, largest: int | None = None) -> Contender:
    return Contender(f"{library}, {reach}", f"{library} {reach}", "python", library, largest)


def _plan(key: str, format_: str, sizes: tuple[int, ...], *peers: Contender) -> Row:
    ours = Contender("ours", f"plan {key}"), Contender("ours, every match read", f"plan {key}, read")
    return Row(f"plan {key}", f"Plan a {format_}", sizes, (*ours, *peers))


_BRACKETS = (512, 4096, 16384)
_STAGES = (64, 1024, 16384)
_DENSE = 1024
"""Above it a dense graph has millions of edges: it takes longer to make than to match, and gigabytes."""

ROWS = (
    _plan(
        "single",
        "single elimination",
        _BRACKETS,
        _node("brackets-manager", "single"),
        _node("tournament-pairings", "single"),
    ),
    _plan(
        "double",
        "double elimination",
        _BRACKETS,
        _node("brackets-manager", "double"),
        _node("tournament-pairings", "double"),
    ),
    Row("fold", "Fold all results of a double elimination", _STAGES, (Contender("ours", "fold"),)),
    Row(
        "one result",
        "Apply one result of a double elimination",
        _STAGES,
        (Contender("ours", "one result"), _node("brackets-manager", "result")),
    ),
    Row(
        "first result",
        "Apply the very first result after planning (makes the index of ids)",
        _STAGES,
        (Contender("ours", "first result"),),
    ),
    Row(
        "swiss",
        "Pair a Swiss round: mean and worst of a whole tournament",
        (128, 512, 1024, 4096, 16384),
        (
            Contender("ours", "swiss"),
            _matching("rustworkx", "sparse"),
            _matching("rustworkx", "dense", _DENSE),
            _matching("networkx", "sparse"),
            _matching("networkx", "dense", _DENSE),
            _node("tournament-pairings", "swiss"),
        ),
        rounds=True,
        paired=True,
    ),
    Row(
        "swiss stage",
        "next_round(view) of a Swiss stage: mean and worst of a whole tournament",
        (128, 1024, 4096, 16384),
        (Contender("ours", "swiss stage"),),
        rounds=True,
    ),
    _plan("round robin", "round robin", (64,), _node("tournament-pairings", "round robin")),
    Row(
        "standings",
        "Standings of a Swiss by POINTS, BH/C1, BH, SB",
        (1024, 4096),
        (Contender("ours", "standings"),),
    ),
    Row("heats", "Standings of 30 free-for-all games of all entrants", (100,), (Contender("ours", "heats"),)),
    Row("prizes", "Distribute a pool over as many paid places", (1000,), (Contender("ours", "prizes"),)),
)
PEERS = tuple(dict.fromkeys(each.peer for row in ROWS for each in row.contenders if each.peer))
