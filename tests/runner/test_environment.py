import pytest

from runner import environment

pytestmark = pytest.mark.usefixtures("no_services")
ADDRESSES = {"database_url": "postgres://embedded/x", "redis_url": "redis://embedded/0", "url": "http://127.0.0.1:8000"}


def test_secrets_are_made_once_and_are_private(layout):
    first = environment.local_settings(layout)
    assert set(environment.SECRETS) == set(first)
    assert environment.local_settings(layout) == first
    assert layout.env.stat().st_mode & 0o777 == 0o600


def test_secret_that_is_missing_is_added_and_the_rest_kept(layout):
    layout.env.write_text("# mine\nADMIN_PASSWORD='hand made'\nSMS_PROVIDERS=smsir\n")
    settings = environment.local_settings(layout)
    assert settings["ADMIN_PASSWORD"] == "hand made"
    assert settings["SMS_PROVIDERS"] == "smsir"
    assert environment.read(layout.env) == settings
    assert layout.env.read_text().startswith("# mine\n")


def test_product_gets_addresses_secrets_and_folders(layout):
    env = environment.product(layout, **ADDRESSES, zarinpal_url="http://bank")
    assert env["DJANGO_SETTINGS_MODULE"] == "config.settings.dev"
    assert env["DATABASE_URL"] == "postgres://embedded/x"
    assert env["PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert env["ZARINPAL_URL"] == "http://bank"
    assert env["SMS_FILE"] == str(layout.sms)
    assert env["MEDIA_ROOT"] == str(layout.media)
    assert env["SECRET_KEY"] == environment.read(layout.env)["SECRET_KEY"]


def test_real_environment_wins(layout, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://mine/x")
    monkeypatch.setenv("SECRET_KEY", "mine")
    env = environment.product(layout, **ADDRESSES)
    assert env["DATABASE_URL"] == "postgres://mine/x"
    assert env["SECRET_KEY"] == "mine"


def test_empty_variable_counts_as_not_set(layout, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("SECRET_KEY", "")
    env = environment.product(layout, **ADDRESSES)
    assert env["DATABASE_URL"] == "postgres://embedded/x"
    assert env["SECRET_KEY"]


def test_unknown_address_is_left_out(layout):
    assert "PUBLIC_URL" not in environment.product(layout, database_url="postgres://x/y", redis_url="redis://x")


def test_tests_have_their_own_settings_whatever_the_caller_has(layout, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.prod")
    env = environment.tests(layout, database_url="postgres://x/y", redis_url="redis://x")
    assert env["DJANGO_SETTINGS_MODULE"] == "config.settings.test"
    assert env["PATH"].startswith(str(layout.venv / "bin"))
