"""A fake gateway as a program."""

import argparse

from demo.fakebank.bank import Bank
from demo.fakebank.server import Server


def run(bank: Bank, *, name: str, port: int) -> None:
    parser = argparse.ArgumentParser(prog=name, description="A fake payment gateway for demos and tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    options = parser.parse_args()
    server = Server((options.host, options.port), bank)
    print(f"fake bank at http://{options.host}:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
