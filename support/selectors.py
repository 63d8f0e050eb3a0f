from django.db.models import QuerySet

from support.models import SupportAssignment, Ticket, TicketMessage


def with_people(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return tickets.select_related("user", "assignee").order_by("-id")


def messages(ticket_id: int) -> QuerySet[TicketMessage]:
    return TicketMessage.objects.filter(ticket=ticket_id).select_related("author").prefetch_related("attachments")


def assignments() -> QuerySet[SupportAssignment]:
    return SupportAssignment.objects.select_related("support_person", "game").order_by("id")
