"""Production refuses to start half configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMPLETE = {
    "SECRET_KEY": "x" * 60,
    "OTP_PEPPER": "pepper",
    "ENCRYPTION_KEYS": "key",
    "IDENTITY_PEPPER": "pepper",
    "DATABASE_URL": "postgres://meydan@127.0.0.1/meydan",
    "REDIS_URL": "redis://127.0.0.1/0",
    "ALLOWED_HOSTS": "meydan.example",
    "PUBLIC_URL": "https://meydan.example",
    "ZARINPAL_MERCHANT_ID": "00000000-0000-0000-0000-000000000000",
    "SMSIR_API_KEY": "key",
    "SMSIR_LINE_NUMBER": "3000",
    "SMSIR_OTP_TEMPLATE_ID": "1",
}


def boot(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.prod"}
    code = "import django; django.setup(); from django.conf import settings; print(settings.DEBUG)"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=bare | environment, capture_output=True, text=True, check=False
    )


def test_production_boots_with_everything_it_needs() -> None:
    assert boot(COMPLETE).stdout == "False\n"


@pytest.mark.parametrize("missing", COMPLETE)
def test_production_stops_without_a_secret_and_names_it(missing: str) -> None:
    done = boot({name: value for name, value in COMPLETE.items() if name != missing})
    assert done.returncode != 0
    assert missing in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("missing", ["KAVENEGAR_API_KEY", "KAVENEGAR_OTP_TEMPLATE"])
def test_production_asks_for_the_secrets_of_the_providers_it_uses(missing: str) -> None:
    kavenegar = {"SMS_PROVIDERS": "kavenegar", "KAVENEGAR_API_KEY": "key", "KAVENEGAR_OTP_TEMPLATE": "code"}
    other = {name: value for name, value in COMPLETE.items() if not name.startswith("SMSIR_")}
    assert boot(other | kavenegar).stdout == "False\n"

    done = boot(COMPLETE | kavenegar | {"SMS_PROVIDERS": "smsir,kavenegar", missing: ""})
    assert done.returncode != 0
    assert missing in done.stderr.splitlines()[-1]
