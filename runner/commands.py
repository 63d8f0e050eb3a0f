"""What `./run` and its commands do. Each takes the words that follow it and returns the exit status."""

import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from runner import bench, environment, locking, product, services, venv
from runner.console import Console, Problem
from runner.layout import Layout
from runner.ports import free_port
from runner.processes import Interrupted, foreground, run


def up(layout: Layout, arguments: list[str]) -> int:
    """Start everything and stay until Ctrl-C."""
    if arguments:
        raise Problem(f"./run up takes no arguments, got: {' '.join(arguments)}", "./run help lists the commands.")
    console = Console()
    began = time.monotonic()
    venv.ensure(layout, console)
    layout.prepare()
    with ExitStack() as stack:
        mine, state = stack.enter_context(locking.owned_or_running(layout, console, "up"))
        if mine is None:
            print(f"Meydan already runs in this folder (process {state['pid']}): {state['url']}/")
            return 0
        port = product.wanted_port(console)
        state, watched = stack.enter_context(product.running(layout, console, port))
        try:
            mine.announce(state)
            print(product.welcome(layout, console, state, time.monotonic() - began), flush=True)
            product.watch(layout, console, watched)
        except Interrupted:
            if console.live:
                console.say("\nStopping ...")
    return 0


def manage(layout: Layout, arguments: list[str]) -> int:
    """Run manage.py with the running product's services, or with embedded ones for the time of the command."""
    console = Console(quiet=True)
    venv.ensure(layout, console)
    layout.prepare()
    product.compile_catalogues(layout, console)
    with product_environment(layout, console) as env:
        return foreground([layout.python, "manage.py", *arguments], env=env, cwd=layout.root)


@contextmanager
def product_environment(layout: Layout, console: Console) -> Iterator[Mapping[str, str]]:
    """The product's environment for one command."""
    with ExitStack() as stack:
        state = locking.running_product(layout) or {}
        if not state and not services.all_given():
            mine, state = stack.enter_context(locking.owned_or_running(layout, console, "manage"))
            if mine is not None:
                backing = stack.enter_context(services.lasting(layout, console))
                state = {
                    "database_url": backing.database_url,
                    "owner_database_url": backing.owner_database_url,
                    "redis_url": backing.redis_url,
                }
        yield environment.product(
            layout,
            database_url=state.get("database_url", ""),
            redis_url=state.get("redis_url", ""),
            url=state.get("url", ""),
            zarinpal_url=state.get("zarinpal_url", ""),
            owner_database_url=state.get("owner_database_url", ""),
        )


def play(layout: Layout, arguments: list[str]) -> int:
    """Play a tournament against the running product, or against one started for it; then check its books."""
    console = Console(quiet=True)
    venv.ensure(layout, Console())
    layout.prepare()
    with ExitStack() as stack:
        mine, state = stack.enter_context(locking.owned_or_running(layout, console, "play"))
        if mine is not None:
            state, _ = stack.enter_context(product.running(layout, console, free_port()))
            mine.announce(state)
        admin = state.get("admin") or {}
        env = {
            **environment.product(
                layout,
                database_url=state["database_url"],
                redis_url=state["redis_url"],
                url=state["url"],
                zarinpal_url=state["zarinpal_url"],
            ),
            "ADMIN_USERNAME": str(admin.get("username", "")),
            "ADMIN_PASSWORD": str(admin.get("password", "")),
        }
        where = ("--url", state["url"], "--sms-file", layout.sms)
        played = foreground([layout.python, "-m", "demo.play", *where, *arguments], env=env, cwd=layout.root)
        status = played or foreground([layout.python, "manage.py", "ledger_check"], env=env, cwd=layout.root)
    if mine is not None:
        console.say("What was started for this has ended. To look around: ./run, and ./run play in another terminal.")
    return status


def reset(layout: Layout, arguments: list[str]) -> int:
    """Delete the local data."""
    if set(arguments) - {"--yes"}:
        raise Problem("./run reset knows one option: --yes")
    if not layout.local.exists():
        print("There is no local data.")
        return 0
    mine = locking.Ownership(layout, "reset")
    if not mine.take():
        raise Problem(f"{locking.describe_owner(layout)} uses the data.", "Stop it first.")
    try:
        if "--yes" not in arguments:
            confirm("Delete this folder's database, uploaded files, mails and SMS?")
        services.remove(layout)
        services.sweep(layout)
        for folder in (layout.media, layout.mail, layout.logs):
            shutil.rmtree(folder, ignore_errors=True)
        for path in (layout.sms, *layout.local.glob(f"{layout.schedule.name}*")):
            path.unlink(missing_ok=True)
    finally:
        mine.release()
    print("The local data is gone; the secrets in .local/env are kept. ./run starts anew.")
    for name in ("DATABASE_URL", "REDIS_URL"):
        if environment.given(name):
            print(f"What {name} points to was not touched.")
    return 0


def confirm(question: str) -> None:
    """
    :raises Problem: the answer is not yes, or nobody is there to ask.
    """
    if not sys.stdin.isatty():
        raise Problem("Nobody is there to confirm this.", "Add --yes.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise Problem("Nothing was deleted.")


def lock(layout: Layout, arguments: list[str]) -> int:
    """Pin and hash what requirements*.in ask for; words that follow go to uv (--upgrade, --upgrade-package NAME …)."""
    console = Console()
    venv.ensure_tools(layout, console)
    uv = (layout.venv / "bin" / "uv", "pip", "compile", "-q")
    options = ("--universal", "--generate-hashes", "--no-emit-index-url", "--python-version", "3.11")
    env = {**venv.uv_environment(layout), "UV_CUSTOM_COMPILE_COMMAND": "./run lock"}
    for kind in (*venv.FILES.values(), *bench.LOCKS):
        source = kind.replace(".txt", ".in")
        with console.step(f"Locking {source}") as step:
            run(step, [*uv, *options, *arguments, source, "-o", kind], env=env, cwd=layout.root)
    return 0
