"""A fake bank that speaks Zibal's API v1 over real HTTP. What it can be told to do wrong: see ``demo.fakebank``.

``python -m demo.zibal --host 127.0.0.1 --port 8011``
"""
