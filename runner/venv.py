"""The virtual environment: made on the first start, brought up to date when the locked requirements change."""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from runner import locking
from runner.console import Console, Problem, Step
from runner.layout import Layout
from runner.processes import Command, CommandFailed, run

Kind = Literal["runtime", "dev"]
FILES: dict[Kind, str] = {"runtime": "requirements.txt", "dev": "requirements-dev.txt"}
UV = "uv>=0.5,<1"
NO_NETWORK = "Is there a network? A mirror is given with PIP_INDEX_URL (or UV_INDEX_URL), a proxy with HTTPS_PROXY."


def ensure(layout: Layout, console: Console, kind: Kind = "runtime") -> None:
    """Have the packages of `kind` installed. "dev" includes "runtime", and is kept up to date once it is there.

    :raises Problem: something is missing that only the person at the keyboard can install.
    """
    if satisfied(layout, kind):
        return
    layout.local.mkdir(exist_ok=True)
    with locking.exclusive(layout.local / "venv.lock", console, "Waiting for another ./run to install the packages"):
        if satisfied(layout, kind):
            return
        if stamp(layout, "dev").exists():
            kind = "dev"
        ensure_tools(layout, console)
        install(layout, console, kind)


def ensure_tools(layout: Layout, console: Console) -> None:
    """Have a virtual environment with uv in it."""
    if not usable(layout):
        with console.step("Making a virtual environment") as step:
            create(layout, step)
    if not (layout.venv / "bin" / "uv").exists():
        with console.step("Installing uv") as step:
            try:
                run(step, [layout.python, "-m", "pip", "install", "-q", UV], env=pip_environment(), cwd=layout.root)
            except CommandFailed as error:
                raise Problem(str(error), f"{error.hint}\n{NO_NETWORK}") from error


def install(layout: Layout, console: Console, kind: Kind) -> None:
    """Install what is locked, by hash, and remember that it was done."""
    digest = fingerprint(layout, kind)
    uv = layout.venv / "bin" / "uv"
    # Compiled now, on all cores: the product's processes load at once, and each would compile the same modules.
    options = ("--python", layout.python, "--compile-bytecode", "--require-hashes")
    command: Command = [uv, "pip", "install", *options, "-r", FILES[kind]]
    title = "Installing the packages" if kind == "runtime" else "Installing the packages, with those for tests"
    with console.step(title) as step:
        try:
            run(step, command, env=uv_environment(layout), cwd=layout.root)
        except CommandFailed as error:
            raise Problem(str(error), f"{error.hint}\n{NO_NETWORK}") from error
    stamp(layout, kind).write_text(digest)


def stamp(layout: Layout, kind: Kind) -> Path:
    return layout.venv / f".installed-{kind}"


def satisfied(layout: Layout, kind: Kind) -> bool:
    """Whether the locked packages of `kind` were installed into the environment as it is now."""
    kinds: tuple[Kind, ...] = ("dev",) if kind == "dev" or stamp(layout, "dev").exists() else ("runtime",)
    try:
        return any(stamp(layout, each).read_text() == fingerprint(layout, each) for each in kinds)
    except OSError:
        return False


def fingerprint(layout: Layout, kind: Kind) -> str:
    """Changes when the locked requirements or the environment's Python do.

    :raises OSError: there is no environment whose Python runs.
    """
    version = subprocess.run(
        [layout.python, "-ISc", "import sys; print(sys.version, sys.platform)"], capture_output=True, check=False
    ).stdout
    if not version:
        raise OSError("the environment's Python does not run")
    return hashlib.sha256(version + (layout.root / FILES[kind]).read_bytes()).hexdigest()


def usable(layout: Layout) -> bool:
    """Whether there is an environment that works, with a Python new enough and a way to install packages."""
    no_uv = not (layout.venv / "bin" / "uv").exists()
    probe = "import sys, importlib.util as u; sys.exit(sys.version_info < (3, 11)"
    probe += " or u.find_spec('pip') is None)" if no_uv else ")"
    try:
        return subprocess.run([layout.python, "-Ic", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def create(layout: Layout, step: Step) -> None:
    """Make the environment anew, with Debian's python3-venv installed first where that is missing and we are root.

    :raises Problem: python3-venv is missing and not ours to install.
    """
    command: Command = [base_python(), "-m", "venv", "--clear", layout.venv]
    try:
        run(step, command, cwd=layout.root)
        return
    except CommandFailed as error:
        package = venv_package()
        if not package:
            raise
        if os.geteuid() != 0:
            hint = f"Type this, then start ./run again:\n\n    sudo apt-get install -y {package}\n"
            raise Problem(f"Python has no venv module here (Debian's package {package}).", hint) from error
    apt_install(step, package)
    run(step, command, cwd=layout.root)


def base_python() -> Path:
    """The interpreter itself, also when `./run` was started from an environment."""
    return Path(getattr(sys, "_base_executable", sys.executable))


def venv_package() -> str | None:
    """The Debian package that lets `python3 -m venv` work; None where that is not what is missing."""
    probe = subprocess.run([base_python(), "-Ic", "import ensurepip, venv"], capture_output=True, check=False)
    if probe.returncode == 0 or shutil.which("apt-get") is None or not base_python().is_relative_to("/usr/bin"):
        return None
    if os.path.realpath("/usr/bin/python3") == os.path.realpath(base_python()):
        return "python3-venv"
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def apt_install(step: Step, package: str) -> None:
    """Install a Debian package (as root)."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(step, ["apt-get", "update", "-q"], env=env, orphan=True)
    run(step, ["apt-get", "install", "-y", "-q", "--no-install-recommends", package], env=env, orphan=True)


def pip_environment() -> dict[str, str]:
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    mirror = env.get("UV_DEFAULT_INDEX") or env.get("UV_INDEX_URL")
    if mirror:
        env.setdefault("PIP_INDEX_URL", mirror)
    return env


def uv_environment(layout: Layout) -> dict[str, str]:
    """uv does not read pip's configuration: hand over the mirror that a person has set there, or in PIP_INDEX_URL."""
    env = {"UV_LINK_MODE": "copy", "UV_PYTHON_DOWNLOADS": "never", **os.environ}
    settings = pip_settings(layout)
    if "index-url" in settings and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & env.keys():
        env["UV_DEFAULT_INDEX"] = settings["index-url"]
    if "trusted-host" in settings:
        env.setdefault("UV_INSECURE_HOST", settings["trusted-host"])
    if "cert" in settings:
        env.setdefault("SSL_CERT_FILE", settings["cert"])
    return env


def pip_settings(layout: Layout) -> dict[str, str]:
    """pip's settings from its files and the environment, the environment's last because they win."""
    command = (layout.python, "-m", "pip", "config", "list")
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return parse_pip_settings(listing)


def parse_pip_settings(listing: str) -> dict[str, str]:
    """`pip config list` prints `global.index-url='https://…'`, what is from the environment as `:env:.index-url=…`."""
    settings: dict[str, str] = {}
    for line in sorted(listing.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        try:
            settings[name.rpartition(".")[2]] = str(ast.literal_eval(value))
        except (SyntaxError, ValueError):
            continue
    return settings
