"""The tests: real PostgreSQL, real Redis; tasks run in place unless a test starts a worker of its own."""

import os
import tempfile
from pathlib import Path

# Each xdist worker has a Redis database of its own; sharing one makes tests see each other's tickets and limits.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0)
_redis = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0").rsplit("/", 1)
os.environ["REDIS_URL"] = f"{_redis[0]}/{int(_redis[1] or 0) + _worker}"
_run = f"{os.environ.get('DATABASE_URL', '').rsplit('/', 1)[-1]}-{_worker}"
os.environ["CHANNEL_PREFIX"] = f"test-{_run}"

from config.settings.base import *  # noqa: E402, F403

SECRET_KEY = "test-secret-key-0123456789abcdefghijklmnop"  # noqa: S105
OTP_PEPPER = "test-pepper"
IDENTITY_PEPPER = "test-identity-pepper"
ENCRYPTION_KEYS = ["test-encryption-key"]
STAFF_TOTP_REQUIRED = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
SMS_PROVIDERS = ["memory"]
PRIZE_HOLD_MINUTES = 0
ZARINPAL_MERCHANT_ID = "00000000-0000-0000-0000-000000000000"
ZIBAL_MERCHANT_ID = "zibal"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = Path(tempfile.gettempdir()) / f"meydan-test-media-{os.getuid()}-{_run}"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
