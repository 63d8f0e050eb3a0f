from django.db import models
from django.utils.translation import gettext_lazy as _


class Metric(models.TextChoices):
    """What a leaderboard is ordered by."""

    SCORE = "score", _("Score")
    WINNINGS = "winnings", _("Winnings")
    RATING = "rating", _("Rating")


class MatchResult(models.TextChoices):
    """How a match ended for one of its sides."""

    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    DRAWN = "drawn", _("Drawn")


class TournamentResult(models.TextChoices):
    """How a tournament ended for one of its entrants."""

    TITLE = "title", _("Won the tournament")
    PODIUM = "podium", _("Among the first three")
