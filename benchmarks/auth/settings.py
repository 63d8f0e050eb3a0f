"""The product as it runs locally, with the measured views beside it and no limit in the way of one busy address."""

from config.settings.dev import *  # noqa: F403

ROOT_URLCONF = "benchmarks.auth.urls"
SECRET_KEY = "benchmark-only-0123456789abcdefghijklmnopqrstuvwxyz"
DEBUG = False
# The code goes out in the process that serves: its cost is part of a sign-in's.
CELERY_TASK_ALWAYS_EAGER = True
SMS_PROVIDERS = ["file"]
OTP_GLOBAL_HOUR = OTP_PER_IP_HOUR = OTP_PER_NETWORK_HOUR = OTP_VERIFY_PER_IP_HOUR = 100_000_000
# A backend that is closed meanwhile would take its CPU time with it.
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
LOGGING = LOGGING | {"root": {"handlers": ["stderr"], "level": "WARNING"}}  # noqa: F405
