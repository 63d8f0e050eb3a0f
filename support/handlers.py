from common.events import handles
from support.models import SupportAssignment, Ticket, TicketAttachment, TicketMessage
from support.services import tickets
from users.events import AccountClosed
from users.models import User
from users.services.personal_data import Part, exports, rows


@handles(AccountClosed)
def erase_tickets(event: AccountClosed) -> None:
    tickets.erase_texts(user_id=event.user_id)


@exports("support", Ticket, TicketMessage, SupportAssignment)
def export_tickets(user: User) -> Part:
    messages = TicketMessage.objects.filter(ticket__user=user) | TicketMessage.objects.filter(author=user)
    attachments = TicketAttachment.objects.filter(message__author=user)
    return Part(
        {
            "tickets": rows(user.tickets.all(), "id", "title", "status", "rating", "created_at", "closed_at"),
            "messages": rows(messages, "ticket_id", "body", "is_staff_reply", "created_at"),
            "assignments": rows(user.support_assignments.all(), "game__name", "head_support"),
        },
        files=list(attachments.filter(content_type__startswith="image/").values_list("path", flat=True)),
    )
