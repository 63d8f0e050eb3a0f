from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    PENDING = "pending", _("Waiting for somebody else")
    CLOSED = "closed", _("Closed")


TRANSITIONS = {
    TicketStatus.OPEN: {TicketStatus.ANSWERED, TicketStatus.PENDING, TicketStatus.CLOSED},
    TicketStatus.ANSWERED: {TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.CLOSED},
    TicketStatus.PENDING: {TicketStatus.OPEN, TicketStatus.ANSWERED, TicketStatus.CLOSED},
    TicketStatus.CLOSED: {TicketStatus.OPEN},
}
