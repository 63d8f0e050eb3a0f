"""A fake bank that speaks Zarinpal's API v4 over real HTTP. What it can be told to do wrong: see ``demo.fakebank``.

``python -m demo.zarinpal --host 127.0.0.1 --port 8010``
"""
