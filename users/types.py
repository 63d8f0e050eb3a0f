from django.contrib.auth.models import AnonymousUser

from users.models import User

Caller = User | AnonymousUser
"""Whoever makes a request: ``is_authenticated`` tells which."""
