"""E-mail with the two outcomes that a sender can act on."""

import smtplib

from django.core.mail import send_mail


class MailError(Exception):
    """Says what happened without the address or the text, so that it can be kept."""


class TemporaryMailError(MailError):
    """Worth another try later."""


class PermanentMailError(MailError):
    """The same message will be refused again."""


def send(*, to: str, subject: str, text: str) -> None:
    """Hand one message to the mail server.

    :raises TemporaryMailError: no connection, or the server says later.
    :raises PermanentMailError: the server refuses it for good, or there is no address.
    """
    if not to:
        raise PermanentMailError("no address")
    try:
        send_mail(subject, text, None, [to])
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(max(code for code, reason in error.recipients.values())) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryMailError(type(error).__name__) from error


def _refused(code: int) -> MailError:
    return (PermanentMailError if 500 <= code < 600 else TemporaryMailError)(f"SMTP {code}")
