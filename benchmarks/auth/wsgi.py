import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.auth.settings")
django.setup(set_prefix=False)

from common.http import Utf8WSGIHandler  # noqa: E402  (the settings come first)

application = Utf8WSGIHandler()
