"""A fake bank that speaks Zarinpal's API v4 over real HTTP, and misbehaves on command. It keeps everything in memory.

``python -m demo.zarinpal --host 127.0.0.1 --port 8010``
"""
