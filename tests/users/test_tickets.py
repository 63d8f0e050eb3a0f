from threading import Barrier, Thread

from users.services import tickets


def test_ticket_opens_one_connection_however_many_try() -> None:
    ticket = tickets.issue(session_id=7)
    barrier, opened = Barrier(12), []

    def redeem() -> None:
        barrier.wait()
        opened.append(tickets.redeem(ticket))

    threads = [Thread(target=redeem) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened, key=str) == [7] + [None] * 11
    assert tickets.redeem("unknown") is None
