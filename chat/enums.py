from django.db import models
from django.utils.translation import gettext_lazy as _


class ConversationKind(models.TextChoices):
    DIRECT = "direct", _("Direct")
    TEAM = "team", _("Team")
    TOURNAMENT = "tournament", _("Tournament")
    MATCH = "match", _("Match")
    SUPPORT = "support", _("Support")


# Where staff may read and write without being members.
STAFF_KINDS = (ConversationKind.MATCH, ConversationKind.TOURNAMENT, ConversationKind.SUPPORT)
