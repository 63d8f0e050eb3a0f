import argparse

from demo.zarinpal.server import make_server


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo.zarinpal", description="A fake Zarinpal for demos and tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)
    options = parser.parse_args()
    server = make_server(options.host, options.port)
    print(f"fake bank at http://{options.host}:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
