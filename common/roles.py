"""The role that the application connects as: it owns nothing, so it can switch no trigger off, change no function."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.utils import ProgrammingError
from psycopg2 import sql

OWNER = "owner"

# In this order: everything there is and will be, then less where functions do the writing.
_GRANTS = """
GRANT CONNECT ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {role};
"""
_READ_ONLY = "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {table} FROM {role}"


class RoleProblem(Exception):
    """The roles cannot be as they should; the text says what to do."""


def is_configured() -> bool:
    """Whether there is an owner beside the application's role."""
    return OWNER in connections


@contextmanager
def as_owner() -> Iterator[None]:
    """Have the default connection be the owner's: migrations that read and write data use that one."""
    address = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
    connection, owner = connections[DEFAULT_DB_ALIAS], connections[OWNER].settings_dict
    application = {name: connection.settings_dict[name] for name in address}
    connection.close()
    connection.settings_dict.update({name: owner[name] for name in address})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(application)


def grant(*, role: str, password: str, using: str = OWNER) -> None:
    """Let ``role`` do what the application does, and no more; made if it does not exist. May be repeated.

    :raises RoleProblem: it is the owner itself, or it is not there and the owner may not make it.
    """
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        # two migrations at once would change the same catalogue rows
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('roles')), current_user")
        if cursor.fetchone()[1] == role:
            raise RoleProblem(f"{role} owns the tables. DATABASE_URL has to name another role than OWNER_DATABASE_URL.")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            _make(cursor, role, password)
        names = {"role": sql.Identifier(role), "database": sql.Identifier(connection.settings_dict["NAME"])}
        cursor.execute(sql.SQL(_GRANTS).format(**names))
        for table in settings.READ_ONLY_TABLES:
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone()[0]:
                cursor.execute(sql.SQL(_READ_ONLY).format(role=names["role"], table=sql.Identifier(table)))


def _make(cursor: Any, role: str, password: str) -> None:
    create = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
    try:
        cursor.execute(create.format(sql.Identifier(role), sql.Literal(password)))
    except ProgrammingError as error:
        raise RoleProblem(f"The role {role} does not exist, and the owner may not make it: {error}") from error


def writable(using: str = "default") -> list[str]:
    """The read-only tables that the role of this connection could write into, or owns."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE oid = ANY (SELECT to_regclass(name)::oid FROM unnest(%s) name)"
            " AND (has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
            " OR pg_has_role(relowner, 'USAGE')) ORDER BY relname",
            [list(settings.READ_ONLY_TABLES)],
        )
        return [row[0] for row in cursor.fetchall()]
