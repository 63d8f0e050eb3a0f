from celery import Task, shared_task
from django.utils import timezone

from common.sms import TemporarySmsError


@shared_task(bind=True, max_retries=None)
def send_otp_sms_task(self: Task, otp_id: int, code: str) -> None:
    from users.services import otp

    try:
        otp.send_sms(otp_id=otp_id, code=code, now=timezone.now())
    except TemporarySmsError as error:
        raise self.retry(exc=error, countdown=2 ** (self.request.retries + 1)) from error


@shared_task
def check_otp_receipts() -> None:
    from users.services import otp

    otp.check_receipts(now=timezone.now())


@shared_task
def cleanup_expired_otps() -> None:
    """Drop codes and sessions that are long over."""
    from users.services import otp, sessions

    otp.cleanup_expired(now=timezone.now())
    sessions.forget_old(now=timezone.now())


@shared_task
def tell_old_phone(phone_change_id: int) -> None:
    from users.services import phone_change

    phone_change.tell_old_phone(phone_change_id=phone_change_id, now=timezone.now())


@shared_task
def sweep_phone_changes() -> None:
    from users.services import phone_change

    phone_change.sweep(now=timezone.now())


@shared_task
def make_data_export(export_id: int) -> None:
    from users.services import exports

    exports.make(export_id=export_id, now=timezone.now())


@shared_task
def sweep_data_exports() -> None:
    from users.services import exports

    exports.sweep(now=timezone.now())


@shared_task
def close_due_accounts() -> None:
    from users.services import closing

    closing.sweep(now=timezone.now())


@shared_task
def purge_identity_documents() -> None:
    from users.services import identity

    identity.purge_due(now=timezone.now())
