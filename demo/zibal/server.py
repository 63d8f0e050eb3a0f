from demo.fakebank.server import Server
from demo.zibal.bank import Bank


def make_server(host: str, port: int) -> Server:
    """A bank that listens (port 0: any free one); call ``serve_forever``."""
    return Server((host, port), Bank())
