import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection


@pytest.mark.django_db
def test_migrating_needs_no_application_role_yet() -> None:
    """The first migration of all makes that role, so nothing before it may connect as it."""
    address = connection.settings_dict
    place = f"{address['HOST']}:{address['PORT']}/{address['NAME']}"
    owner = f"{address['USER']}:{address['PASSWORD']}" if address["PASSWORD"] else address["USER"]
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "manage.py", "migrate", "--plan"],
        cwd=Path(__file__).parents[2],
        env=os.environ
        | {
            "DATABASE_URL": f"postgres://not_made_yet:x@{place}",
            "OWNER_DATABASE_URL": f"postgres://{owner}@{place}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "No planned migration operations" in done.stdout) == (0, True), done.stderr[-500:]
