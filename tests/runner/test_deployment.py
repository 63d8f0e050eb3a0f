"""No Docker engine runs the tests, so the files are held against the code that they speak of."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from runner import product
from runner.environment import read
from runner.layout import Layout

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
APP = ("migrate", "web", "ws", "worker-signin", "worker", "beat")


def command(service):
    words = SERVICES[service]["command"]
    return shlex.split(words) if isinstance(words, str) else words


def after(words, option):
    return words[words.index(option) + 1]


def queues(words):
    return after(words, "-Q").split(",")


def test_compose_has_the_production_shape():
    assert set(SERVICES) == {"db", "valkey", "nginx", *APP}
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_workers_together_serve_the_queues_of_run():
    local = queues([str(word) for word in product.worker_command(Layout(ROOT))])
    assert queues(command("worker-signin")) + queues(command("worker")) == local == list(product.QUEUES)
    assert queues(command("worker-signin")) == ["signin"]


@pytest.mark.parametrize("service", ["worker-signin", "worker", "beat"])
def test_celery_application_is_that_of_run(service):
    words = command(service)
    assert words[:3] == ["celery", "-A", product.CELERY_APP]
    assert words[3] == ("beat" if service == "beat" else "worker")


def test_web_sockets_have_the_application_and_limits_of_run():
    words = " ".join(command("ws")).replace("=", " ").split()
    assert words[:2] == ["uvicorn", product.WEB]
    assert "--no-proxy-headers" in words
    assert (
        words[words.index("--ws-max-size") + 1] == product.WEB_OPTIONS[product.WEB_OPTIONS.index("--ws-max-size") + 1]
    )


def test_web_runs_an_application_that_exists():
    words = command("web")
    assert words[:2] == ["granian", "--interface=wsgi"]
    module, _, name = words[2].partition(":")
    assert name == "application"
    assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()


@pytest.mark.parametrize("service", APP)
def test_application_services_wait_for_migrations_and_restart(service):
    dependencies = SERVICES[service]["depends_on"]
    if service == "migrate":
        assert command(service)[:3] == ["python", "manage.py", "migrate"]
        assert dependencies == {"db": {"condition": "service_healthy"}}
    else:
        assert dependencies["migrate"] == {"condition": "service_completed_successfully"}
        assert SERVICES[service]["restart"] == "unless-stopped"


def test_every_variable_of_compose_is_explained_in_the_example():
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert used == set(read(ROOT / ".env.example"))


def test_secrets_have_no_default_and_no_example_value():
    text, example = (ROOT / "docker-compose.yml").read_text(), read(ROOT / ".env.example")
    for name in (
        "SECRET_KEY",
        "OTP_PEPPER",
        "IDENTITY_PEPPER",
        "ENCRYPTION_KEYS",
        "POSTGRES_PASSWORD",
        "VALKEY_PASSWORD",
        "ZARINPAL_MERCHANT_ID",
    ):
        assert set(re.findall(rf"\${{{name}(.*?)}}", text)) == {":?"}
        assert example[name] == ""


def test_compose_gives_the_settings_what_they_refuse_to_start_without():
    source = (ROOT / "config" / "settings" / "prod.py").read_text()
    required = set(re.findall(r'env\.\w+\("(\w+)"\)', source))
    assert required
    assert required - set(SERVICES["web"]["environment"]) == set()
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert {name for name in required if f"{name}=" not in dockerfile} == set()


def test_nginx_sends_sockets_and_the_rest_to_services_that_exist():
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    upstreams = dict(re.findall(r"upstream (\w+) \{.*?server (\w+:\d+)", text, re.DOTALL))
    assert upstreams == {"web": "web:8000", "ws": "ws:8000"}
    assert dict(re.findall(r"location ([^{]+?) \{\s+proxy_pass http://(\w+);", text)) == {"/ws/": "ws", "/": "web"}
    assert "client_max_body_size 110m;" in text
    assert "--port=8000" in command("web")
    assert "--port=8000" in command("ws")


def test_scripts_are_executable_and_parse():
    for name in ("entrypoint.sh", ".ci/run"):
        path = ROOT / name
        assert path.stat().st_mode & 0o111
        shell = path.read_text().splitlines()[0].rpartition("/")[2].split()[-1]
        subprocess.run([shell, "-n", path], check=True)
    assert (ROOT / "run").stat().st_mode & 0o111


def test_image_does_not_hold_secrets_or_local_data():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".local", ".venv", ".git"} <= set(ignored)
    assert "USER meydan" in (ROOT / "Dockerfile").read_text()
