#!/bin/sh
# Waits for the database, migrates it if RUN_MIGRATIONS=1, then becomes the command.
set -eu

python - <<'PYTHON'
import os
import sys
import time

import psycopg2

deadline = time.monotonic() + 60
while True:
    try:
        # the application's role may not be there before the owner has migrated
        url = os.environ.get("OWNER_DATABASE_URL") or os.environ["DATABASE_URL"]
        psycopg2.connect(url, connect_timeout=3).close()
        break
    except psycopg2.OperationalError as error:
        if time.monotonic() > deadline:
            sys.exit(f"The database does not answer: {error}")
        time.sleep(0.5)
PYTHON

if [ "${RUN_MIGRATIONS:-0}" = 1 ]; then
  python manage.py migrate --noinput
fi
exec "$@"
