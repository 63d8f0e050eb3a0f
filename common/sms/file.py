import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from common.sms.message import Sms, TemporarySmsError


class FileProvider:
    """Appends every message as one JSON line to SMS_FILE: the phone network of a local run."""

    def send(self, message: Sms) -> str:
        line = {
            "to": message.to,
            "template": message.template,
            "params": message.params,
            "text": message.text,
            "at": datetime.now(UTC).isoformat(),
        }
        path = Path(settings.SMS_FILE)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise TemporarySmsError(str(error)) from error
        return path.name
