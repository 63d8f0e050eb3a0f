"""What every transaction needs: locks in one order, durable use cases, constraint names that mean something."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any, ParamSpec, Self, TypeVar

from django.db import (
    DatabaseError,
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    models,
    transaction,
)

from common.errors import Busy, DomainError

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

_undo: ContextVar[list[Callable[[], object]] | None] = ContextVar("undo", default=None)
_constraint_errors: dict[str, type[DomainError]] = {}


class LockQuerySet(models.QuerySet[M]):
    def locked(self) -> Self:
        """Lock the rows in primary-key order, so that two callers never wait for each other crosswise.

        FOR NO KEY UPDATE: rows that refer to these by foreign key may be inserted meanwhile.
        """
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def shared(self) -> Self:
        """Lock the rows FOR SHARE: others may share, nobody may change. The rows are fetched at once."""
        query = self.order_by("pk")
        sql, params = query.query.sql_with_params()
        table = connection.ops.quote_name(self.model._meta.db_table)
        rows = list(self.model._default_manager.raw(f"{sql} FOR SHARE OF {table}", params))
        query._result_cache = rows
        return query

    def shared_row(self, pk: int) -> M | None:
        """``shared`` for one row by its key, without putting a statement together first."""
        table, key = map(connection.ops.quote_name, (self.model._meta.db_table, str(self.model._meta.pk.column)))
        return next(iter(self.raw(f"SELECT * FROM {table} WHERE {key} = %s FOR SHARE", [pk])), None)  # noqa: S608


def insert(rows: Sequence[models.Model]) -> None:
    """``bulk_create`` for the busiest places: the statement is put together once per model, not once per call."""
    if not rows:
        return
    before, row, after, fields = _insertion(type(rows[0]))
    values = [field.get_db_prep_save(getattr(one, field.attname), connection) for one in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(before + ", ".join([row] * len(rows)) + after, values)
        keys = cursor.fetchall()
    for one, (key,) in zip(rows, keys, strict=True):
        one.pk = key
        one._state.adding, one._state.db = False, connection.alias


@cache
def _insertion(model: type[models.Model]) -> tuple[str, str, str, list[Any]]:
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    before = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608
    return before, row, f" RETURNING {quote(str(model._meta.pk.column))}", fields


def use_case(function: Callable[P, R]) -> Callable[P, R]:
    """A public service: the outermost transaction. What it did is durable when it returns.

    A violated constraint or a lock that took too long leaves as the domain error it stands for.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        undo: list[Callable[[], object]] = []
        token = _undo.set(undo)
        try:
            with transaction.atomic(durable=True):
                return function(*args, **kwargs)
        except BaseException as error:
            for step in reversed(undo):
                step()
            known = translate(error) if isinstance(error, DatabaseError) else None
            if known is None:
                raise
            raise known from error
        finally:
            _undo.reset(token)

    return run


def on_rollback(step: Callable[[], object]) -> None:
    """Have something that the database cannot take back (a stored file) undone if the running use case fails."""
    undo = _undo.get()
    if undo is not None:
        undo.append(step)


def needs_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """A building block of use cases: refuses to run outside a transaction."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError(f"{function.__qualname__} needs a transaction")
        return function(*args, **kwargs)

    return run


def constraint_error(name: str, error: type[DomainError]) -> None:
    """Say what a violated constraint means to people. Called once per name, beside the error class."""
    _constraint_errors[name] = error


def translate(error: Error) -> DomainError | None:
    """The domain error behind a database error, or None when it is a defect of ours."""
    cause = error.__cause__
    diagnostics: Any = getattr(cause, "diag", None)
    if isinstance(error, IntegrityError) and diagnostics is not None:
        known = _constraint_errors.get(diagnostics.constraint_name or "")
        return known() if known else None
    # a lock or statement timeout, a deadlock, a database that is full, restarting or away
    if isinstance(error, OperationalError | InterfaceError):
        return Busy(retry_after=2)
    return None
