"""Where things are."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

SHARED = Path("/var/lib/meydan")


@dataclass(frozen=True)
class Layout:
    """The paths of one checkout; everything that `./run` writes is below `.local` and `.venv`."""

    root: Path

    @property
    def local(self) -> Path:
        return self.root / ".local"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return next((self.venv / "lib").glob("python3*/site-packages"))

    @property
    def logs(self) -> Path:
        return self.local / "logs"

    @property
    def state(self) -> Path:
        return self.local / "state.json"

    @property
    def lock(self) -> Path:
        return self.local / "run.lock"

    @property
    def env(self) -> Path:
        return self.local / "env"

    @property
    def sms(self) -> Path:
        return self.local / "sms.jsonl"

    @property
    def mail(self) -> Path:
        return self.local / "mail"

    @property
    def media(self) -> Path:
        return self.local / "media"

    @property
    def schedule(self) -> Path:
        return self.local / "beat-schedule"

    def homes(self, cluster: str) -> tuple[Path, Path]:
        """Where a database cluster of this checkout can be: in it, or elsewhere if its account cannot enter."""
        checkout = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return self.local / cluster, SHARED / checkout / cluster

    def prepare(self) -> None:
        """Make the folders. Others can enter `.local` but not list it: under root, PostgreSQL runs as `nobody`."""
        self.local.mkdir(exist_ok=True)
        self.local.chmod(0o711)
        for private in (self.logs, self.mail, self.media):
            private.mkdir(exist_ok=True)
            private.chmod(0o700)
        self.sms.touch()
        self.sms.chmod(0o600)
