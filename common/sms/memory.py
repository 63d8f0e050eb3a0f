from common.sms.message import Sms

outbox: list[Sms] = []


class MemoryProvider:
    """Keeps messages in ``outbox``: for tests, as Django's locmem backend does for e-mail."""

    def send(self, message: Sms) -> str:
        outbox.append(message)
        return str(len(outbox))
