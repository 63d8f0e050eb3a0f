from django.db import models


class OtpPurpose(models.TextChoices):
    LOGIN = "login"
    STEP_UP = "step_up"
    PHONE_CHANGE = "phone_change"


class OtpSending(models.TextChoices):
    """What became of the text message that carries a code."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
