import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from common.errors import RateLimited
from common.limits import hit
from common.models import RateCounter


@pytest.mark.django_db(transaction=True)
def test_exactly_so_many_of_parallel_uses_pass() -> None:
    barrier, passed, refused = threading.Barrier(12), [], []
    now = timezone.now()

    def use() -> None:
        barrier.wait()
        for _ in range(5):
            try:
                hit(key="door", limit=7, window_seconds=60, now=now)
                passed.append(1)
            except RateLimited:
                refused.append(1)
        connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(passed), len(refused)) == (7, 53)


@pytest.mark.django_db
def test_window_begins_with_the_first_use_and_ends() -> None:
    now = timezone.now()
    hit(key="door", limit=1, window_seconds=60, now=now)
    with pytest.raises(RateLimited) as refused:
        hit(key="door", limit=1, window_seconds=60, now=now + timedelta(seconds=59))
    assert refused.value.retry_after == 1
    hit(key="door", limit=1, window_seconds=60, now=now + timedelta(seconds=60))
    hit(key="another", limit=1, window_seconds=60, now=now)


@pytest.mark.django_db
def test_use_that_is_rolled_back_is_not_counted() -> None:
    with transaction.atomic():
        hit(key="door", limit=1, window_seconds=60, now=timezone.now())
        transaction.set_rollback(True)
    assert RateCounter.objects.count() == 0
