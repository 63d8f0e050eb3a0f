"""Everything about a person as one ZIP of JSON and pictures: asked for, made by a task, fetched by a link, deleted."""

import json
import logging
import secrets
import tempfile
import zipfile
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F

from common import audit, uploads
from common.db import use_case
from common.errors import NotFound
from common.events import publish
from common.queue import enqueue_on_commit
from users import tasks
from users.enums import ExportStatus
from users.errors import ExportTooSoon
from users.events import DataExportReady
from users.models import DataExport, User
from users.services import personal_data

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
DAY = timedelta(days=1)
# Longer than CELERY_TASK_TIME_LIMIT: whoever still makes it after this is dead.
LEASE = timedelta(seconds=180)


@use_case
def request(*, actor: User, now: datetime) -> DataExport:
    """Have an export made.

    :raises ExportPending: (by constraint) one is being made. :raises ExportTooSoon: one was made within a day.
    """
    User.objects.locked().get(pk=actor.pk)
    made = [ExportStatus.READY, ExportStatus.EXPIRED]
    last = DataExport.objects.filter(user=actor, created_at__gt=now - DAY, status__in=made).first()
    if last is not None:
        raise ExportTooSoon(retry_after=int((last.created_at + DAY - now).total_seconds()) + 1)
    export = DataExport.objects.create(user=actor, created_at=now, next_attempt_at=now)
    audit.record(action="export.request", actor=actor, target=actor, now=now, export=export.pk)
    enqueue_on_commit(tasks.make_data_export, export.pk)
    return export


def latest(*, actor: User) -> DataExport:
    """:raises NotFound: the actor has never asked for one."""
    export = DataExport.objects.filter(user=actor).order_by("-id").first()
    if export is None:
        raise NotFound
    return export


def make(*, export_id: int, now: datetime) -> None:
    """Make an export that is due and that nobody else is making; safe to run twice and in parallel."""
    due = DataExport.objects.filter(pk=export_id, status=ExportStatus.PENDING, next_attempt_at__lte=now)
    if not due.update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE):
        return
    export = DataExport.objects.select_related("user").get(pk=export_id)
    if export.attempts > MAX_ATTEMPTS:
        DataExport.objects.filter(pk=export_id).update(status=ExportStatus.FAILED, next_attempt_at=None)
        return
    with tempfile.TemporaryFile() as file:
        _write(export.user, file)
        size = file.tell()
        path = default_storage.save(f"exports/{secrets.token_hex(16)}.zip", File(file))
    _finish(export_id=export_id, attempt=export.attempts, path=path, size=size, now=now)


def sweep(*, now: datetime) -> None:
    """Make what a lost nudge left behind, and delete the files that are past their time."""
    due = DataExport.objects.filter(status=ExportStatus.PENDING, next_attempt_at__lte=now)
    for export_id in due.order_by("next_attempt_at").values_list("pk", flat=True)[:10]:
        make(export_id=export_id, now=now)
    old = DataExport.objects.filter(status=ExportStatus.READY, expires_at__lte=now)
    for export_id in old.values_list("pk", flat=True)[:100]:
        _expire(export_id=export_id, now=now)


@use_case
def _finish(*, export_id: int, attempt: int, path: str, size: int, now: datetime) -> None:
    """Whoever took so long that another has begun keeps nothing."""
    made = DataExport.objects.filter(pk=export_id, status=ExportStatus.PENDING, attempts=attempt)
    expires_at = now + timedelta(days=settings.EXPORT_DAYS)
    if not made.update(
        status=ExportStatus.READY, path=path, size=size, next_attempt_at=None, finished_at=now, expires_at=expires_at
    ):
        uploads.delete_on_commit(path)
        return
    publish(DataExportReady(user_id=DataExport.objects.get(pk=export_id).user_id, export_id=export_id))


@use_case
def _expire(*, export_id: int, now: datetime) -> None:
    export = DataExport.objects.filter(pk=export_id, status=ExportStatus.READY, expires_at__lte=now).locked().first()
    if export is None:
        return
    uploads.delete_on_commit(export.path)
    export.status, export.path = ExportStatus.EXPIRED, ""
    export.save(update_fields=["status", "path"])


def _write(user: User, file: IO[bytes]) -> None:
    """One JSON file per section; a picture that is gone is left out. ``file`` ends at its end."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for section in personal_data.sections():
            part = section.collect(user)
            text = json.dumps(part.tables, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            archive.writestr(f"{section.name}.json", text)
            for path in filter(None, part.files):
                _add_file(archive, f"{section.name}/{path.rsplit('/', 1)[-1]}", path)
    file.seek(0, 2)


def _add_file(archive: zipfile.ZipFile, name: str, path: str) -> None:
    try:
        with default_storage.open(path) as stored, archive.open(name, "w") as target:
            for chunk in stored.chunks():
                target.write(chunk)
    except FileNotFoundError:
        logger.warning("a file of an export is gone: %s", path)
