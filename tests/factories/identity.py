"""Requests to be verified, made as people make them."""

from datetime import date
from typing import Any

from django.utils import timezone

from common.sealing import seal
from tests.factories.tournaments import screenshot
from users.enums import DocumentKind
from users.models import IdentityReview, SecondFactor, User
from users.services import identity


def number(person: int = 0) -> str:
    """A national id; another person has another."""
    digits = f"{123456789 + person:09d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    return digits + str(rest if rest < 2 else 11 - rest)


def ask(user: User, birth_date: date = date(2000, 2, 29), **changes: Any) -> IdentityReview:
    return identity.submit(
        **{
            "actor": user,
            "full_name": "Arash Kamangir",
            "number": number(),
            "birth_date": birth_date,
            "documents": {DocumentKind.FRONT: screenshot("red"), DocumentKind.SELFIE: screenshot("green")},
            "now": timezone.now(),
        }
        | changes
    )


def with_second_factor(user: User) -> SecondFactor:
    now = timezone.now()
    return SecondFactor.objects.create(user=user, secret=seal(b"SECRET"), last_step=0, created_at=now, confirmed_at=now)
