"""TCP ports on this machine."""

import contextlib
import socket


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Some port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def first_free(wanted: int) -> int:
    """`wanted`, or the next port that is free; 0 stands for any."""
    if wanted == 0:
        return free_port()
    return next((port for port in range(wanted, min(wanted + 200, 65536)) if is_free(port)), None) or free_port()


def answers(host: str, port: int, say: bytes = b"", expect: bytes = b"", seconds: float = 1.0) -> bool:
    """Whether a server there accepts a connection and, said `say`, answers with `expect` in it."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), seconds) as connection:
        if say:
            connection.sendall(say)
        return not expect or expect in connection.recv(1024)
    return False
