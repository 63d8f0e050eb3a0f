import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import ForeignKey

from chat.services import messages
from notifications.models import Notification
from tests.contract.routes import APPS
from tests.factories.games import GameFactory
from tests.factories.tournaments import make_tournament, play_out, running_tournament, screenshot
from tests.factories.users import UserFactory
from tests.factories.wallet import deposit
from users.enums import ExportStatus
from users.errors import ExportPending
from users.models import DataExport, User
from users.services import exports, personal_data, profiles

EXPORT = "/api/users/users/me/export/"

# Models that refer to a person and are in no export, each with its reason.
NOT_EXPORTED = {
    "common.AuditEntry": "the log of who did what: evidence, also about others",
    "common.IdempotencyKey": "copies of answers that the person got, deleted after days",
    "users.SecondFactor": "a secret; giving it away would weaken it",
    "users.RecoveryCode": "hashes of secrets",
    "notifications.Feed": "a counter",
    "wallet.Refund": "refers to the staff who handle it; the payment itself is exported",
    "wallet.PayoutBatch": "refers to the staff who make it",
    "wallet.GatewaySettlement": "refers to the staff who record it",
}


def refers_to_people(model: Any) -> bool:
    return any(isinstance(field, ForeignKey) and field.related_model is User for field in model._meta.concrete_fields)


def test_every_model_about_people_is_exported_or_has_a_reason() -> None:
    models = [model for model in apps.get_models() if model._meta.app_label in APPS | {"players"}]
    about_people = {model._meta.label for model in models if refers_to_people(model)}
    exported = {model._meta.label for section in personal_data.sections() for model in section.models}
    assert about_people - exported - NOT_EXPORTED.keys() == set()
    assert (NOT_EXPORTED.keys() & exported, NOT_EXPORTED.keys() - about_people) == (set(), set())


def read(export: DataExport) -> dict[str, Any]:
    with default_storage.open(export.path) as file:
        archive = zipfile.ZipFile(io.BytesIO(file.read()))
    texts = {name: archive.read(name) for name in archive.namelist()}
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()}


def test_export_holds_what_the_person_did_and_nothing_of_others(user: User, now: datetime) -> None:
    user = profiles.update(
        actor=user, full_name="سارا کریمی", profile_picture=screenshot(),
        in_game_ids=[{"game": GameFactory(name="Chess"), "player_id": "Sara#1"}], now=now,
    )  # fmt: skip
    other = UserFactory(full_name="Somebody Else")
    messages.send_direct(actor=user, recipient_id=other.pk, content="mine", now=now)
    messages.send_direct(actor=other, recipient_id=user.pk, content="the answer", now=now)
    deposit(user, 70_000)
    make_tournament(creator=user, name="My Cup")
    play_out(running_tournament(2))

    export = exports.request(actor=user, now=now)
    exports.make(export_id=export.pk, now=now)
    export.refresh_from_db()
    files = read(export)

    assert {section.name + ".json" for section in personal_data.sections()} <= files.keys()
    account = files["users.json"]["account"][0]
    assert (account["full_name"], account["phone_number"]) == ("سارا کریمی", user.phone_number)
    assert files["users.json"]["in_game_ids"] == [{"game__name": "Chess", "player_id": "Sara#1"}]
    assert [row["content"] for row in files["chat.json"]["messages"]] == ["mine"]
    assert [row["amount_rial"] for row in files["wallet.json"]["transactions"]] == [70_000]
    assert [row["name"] for row in files["tournaments.json"]["created"]] == ["My Cup"]
    assert files["tournaments.json"]["entries"] == files["matches.json"]["matches"] == []
    picture = f"users/{user.profile_picture.rsplit('/', 1)[-1]}"
    assert files[picture].startswith(b"\x89PNG")
    everything = json.dumps({name: text for name, text in files.items() if name.endswith(".json")}, ensure_ascii=False)
    assert "the answer" not in everything
    assert other.phone_number not in everything
    assert (export.status, export.size, export.expires_at) == (
        ExportStatus.READY, default_storage.size(export.path), now + timedelta(days=3),
    )  # fmt: skip
    assert Notification.objects.filter(user=user, kind="data_export_ready").count() == 1


def test_players_record_is_in_the_export(now: datetime, db: None) -> None:
    tournament = play_out(running_tournament(2))
    player = tournament.entrants.first().captain
    export = exports.request(actor=player, now=now)
    exports.make(export_id=export.pk, now=now)
    export.refresh_from_db()
    files = read(export)
    assert [row["tournament__name"] for row in files["tournaments.json"]["entries"]] == ["Friday Cup"]
    assert [row["status"] for row in files["matches.json"]["matches"]] == ["completed"]
    assert len(files["matches.json"]["submitted_results"]) == 1
    assert any(name.startswith("matches/") for name in files)


def test_export_is_asked_for_fetched_by_link_and_deleted(
    client_for: Callable[..., Any], user: User, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_for(user)
    assert client.get(EXPORT).status_code == 404
    asked = client.post(EXPORT)
    assert (asked.status_code, asked.json()["status"], asked.json()["url"]) == (202, "pending", None)
    export = DataExport.objects.get()
    shown = client.get(EXPORT).json()
    assert shown["status"] == "ready"
    answer = client_for(None).get(shown["url"].replace("http://testserver", ""))
    assert (answer.status_code, answer["Content-Type"], answer["Content-Disposition"]) == (
        200, "application/zip", "attachment",
    )  # fmt: skip
    assert len(b"".join(answer.streaming_content)) == shown["size"]
    refused = client.post(EXPORT)
    assert (refused.status_code, refused.json()["code"]) == (429, "export_too_soon")
    assert client_for(UserFactory()).get(EXPORT).status_code == 404

    export.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        exports.sweep(now=export.expires_at)
    assert not default_storage.exists(export.path)
    shown = client.get(EXPORT).json()
    assert (shown["status"], shown["url"]) == ("expired", None)
    later = now + timedelta(days=1, minutes=1)
    assert exports.request(actor=user, now=later).status == ExportStatus.PENDING


def test_export_that_a_lost_task_left_behind_is_made_by_the_sweep(user: User, now: datetime) -> None:
    export = exports.request(actor=user, now=now)
    with pytest.raises(ExportPending):
        exports.request(actor=user, now=now)
    exports.sweep(now=now)
    export.refresh_from_db()
    assert (export.status, DataExport.objects.count()) == (ExportStatus.READY, 1)


def test_export_is_made_once_however_often_the_task_runs(user: User, now: datetime) -> None:
    export = exports.request(actor=user, now=now)
    for _ in range(3):
        exports.make(export_id=export.pk, now=now)
    export.refresh_from_db()
    assert (export.attempts, Notification.objects.filter(kind="data_export_ready").count()) == (1, 1)


def test_export_that_fails_is_tried_again_and_given_up(
    user: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exports.request(actor=user, now=now)

    def fail(*args: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(exports, "_write", fail)
        for attempt in range(5):
            with pytest.raises(OSError, match="disk full"):
                exports.make(export_id=export.pk, now=now + attempt * exports.LEASE)
        exports.make(export_id=export.pk, now=now + 5 * exports.LEASE)
    export.refresh_from_db()
    assert (export.status, export.path) == (ExportStatus.FAILED, "")
    assert exports.request(actor=user, now=now + timedelta(hours=1)).status == ExportStatus.PENDING
