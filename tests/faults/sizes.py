"""How large an attack is: in full with FAULTS=full in the environment (`./run faults`), else short, for every day."""

import os

FULL = os.environ.get("FAULTS") == "full"


def full(count: int, *, short: int) -> int:
    """``count`` in a full run, else ``short``."""
    return count if FULL else short
