"""The one place that hands work to Celery."""

import logging
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue_on_commit(task: Task, *args: Any) -> None:
    """Nudge a worker once the transaction is durable.

    A broker that is away is logged and forgiven: the row that asked for the work stays due, and a sweep finds it.
    """

    def send() -> None:
        try:
            task.apply_async(args)
        except (OperationalError, ConnectionError) as error:
            logger.warning("the broker did not take %s: %s", task.name, error)

    transaction.on_commit(send)
