from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError


class TicketClosed(DomainError):
    code = "ticket_closed"
    detail = _("This ticket is closed. Reopen it first.")


class TicketNotClosed(DomainError):
    code = "ticket_not_closed"
    detail = _("This is possible once the ticket is closed.")


class TicketMessageEmpty(DomainError):
    code = "ticket_message_empty"
    detail = _("An answer needs a text or a file.")


class NotSupportStaff(DomainError):
    code = "not_support_staff"
    detail = _("Only staff can do support.")


class SupportAssignmentExists(DomainError):
    code = "support_assignment_exists"
    detail = _("This person supports this game already.")


constraint_error("support_assignment_unique", SupportAssignmentExists)
