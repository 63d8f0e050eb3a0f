"""The environment variables that the product reads: secrets made once, addresses of the services, folders."""

import os
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path

from runner.layout import Layout

SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "OTP_PEPPER": lambda: secrets.token_urlsafe(32),
    "IDENTITY_PEPPER": lambda: secrets.token_urlsafe(32),
    "ENCRYPTION_KEYS": lambda: secrets.token_urlsafe(32),
    "ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
    "ZARINPAL_MERCHANT_ID": lambda: str(uuid.uuid4()),
}
HEADER = (
    "# Made by ./run for this checkout only. What is set here reaches the product; the real environment wins over it.\n"
)


def read(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file; comments and empty lines do not matter, quotes around a value neither."""
    if not path.exists():
        return {}
    values = {}
    for line in path.read_text().splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            values[name.strip()] = value.strip().strip("\"'")
    return values


def local_settings(layout: Layout) -> dict[str, str]:
    """What `.local/env` says, with the secrets that it lacks made and added."""
    known = read(layout.env)
    missing = {name: make() for name, make in SECRETS.items() if name not in known}
    if missing:
        layout.env.touch(0o600)
        layout.env.chmod(0o600)
        with layout.env.open("a") as file:
            file.write("" if known else HEADER)
            file.writelines(f"{name}={value}\n" for name, value in missing.items())
    return {**known, **missing}


def given(name: str) -> str:
    """A variable of the real environment; an empty one counts as not set."""
    return os.environ.get(name, "")


def base(layout: Layout) -> dict[str, str]:
    """The caller's environment with the virtual environment in front."""
    env = dict(os.environ)
    env.pop("PYTHONHOME", None)
    env["VIRTUAL_ENV"] = str(layout.venv)
    env["PATH"] = f"{layout.venv / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["PYTHONUNBUFFERED"] = env["PYTHONUTF8"] = "1"
    return env


def product(
    layout: Layout,
    *,
    database_url: str,
    redis_url: str,
    url: str = "",
    zarinpal_url: str = "",
    owner_database_url: str = "",
) -> dict[str, str]:
    """What the processes of the product get. The caller's environment wins over what `./run` would choose.

    Those that only serve the product get no `owner_database_url`.
    """
    chosen = {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATABASE_URL": database_url,
        "OWNER_DATABASE_URL": owner_database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": url,
        "ZARINPAL_URL": zarinpal_url,
        "SMS_PROVIDERS": "file",
        "SMS_FILE": str(layout.sms),
        "EMAIL_FILE_PATH": str(layout.mail),
        "MEDIA_ROOT": str(layout.media),
        **local_settings(layout),
    }
    return {**{name: value for name, value in chosen.items() if value}, **nonempty(base(layout), chosen)}


def nonempty(env: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """`env` without those of `names` that are set to nothing."""
    return {name: value for name, value in env.items() if value or name not in names}


def tests(layout: Layout, *, database_url: str, redis_url: str) -> dict[str, str]:
    """What the tests and checks get."""
    return {
        **base(layout),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": database_url,
        "OWNER_DATABASE_URL": "",
        "REDIS_URL": redis_url,
    }
