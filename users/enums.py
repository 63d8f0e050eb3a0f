from django.db import models


class OtpPurpose(models.TextChoices):
    LOGIN = "login"
