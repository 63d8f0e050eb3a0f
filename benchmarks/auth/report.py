"""What is printed of the measured rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

BASE = "no authentication"


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds per operation in one round."""

    server: float
    database: float

    @property
    def total(self) -> float:
        return self.server + self.database


def table(measured: Mapping[str, Sequence[Cost]]) -> str:
    """One line per contender: medians over the rounds, and of the rounds' differences from BASE."""
    width = max(map(len, measured))
    lines = [f"{'':{width}}  server ms  PostgreSQL ms  total ms  more than {BASE!r}  ratio"]
    for name, costs in measured.items():
        server, database, total = (
            median(values) for values in zip(*((c.server, c.database, c.total) for c in costs), strict=True)
        )
        pairs = list(zip(costs, measured[BASE], strict=True))
        more = median(cost.total - base.total for cost, base in pairs)
        ratio = median(cost.total / base.total for cost, base in pairs if base.total) if pairs else 0.0
        lines.append(
            f"{name:{width}}  {server:9.3f}  {database:13.3f}  {total:8.3f}  {more:{12 + len(BASE)}.3f}  {ratio:5.2f}"
        )
    return "\n".join(lines)


def figures(measured: Mapping[str, Sequence[Cost]]) -> dict[str, list[dict[str, float]]]:
    return {
        name: [{"server_ms": cost.server, "postgresql_ms": cost.database} for cost in costs]
        for name, costs in measured.items()
    }
