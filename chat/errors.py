from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class MessageEmpty(DomainError):
    code = "message_empty"
    detail = _("A message needs a text or a picture.")


class MessageTooLong(DomainError):
    code = "message_too_long"
    detail = _("A message has at most %(limit)s characters.")


class MessageAlreadyDeleted(DomainError):
    code = "message_already_deleted"
    detail = _("This message has been deleted.")


class MessageToOneself(DomainError):
    code = "message_to_oneself"
    detail = _("You cannot open a conversation with yourself.")
