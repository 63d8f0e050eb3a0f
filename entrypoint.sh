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
        psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=3).close()
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
