from celery import Task, shared_task
from django.utils import timezone

from common.sms import TemporarySmsError


@shared_task(bind=True, max_retries=3)
def send_otp_sms_task(self: Task, otp_id: int, code: str) -> None:
    from users.services import otp

    try:
        otp.send_sms(otp_id=otp_id, code=code, now=timezone.now())
    except TemporarySmsError as error:
        raise self.retry(exc=error, countdown=2 ** (self.request.retries + 1)) from error


@shared_task
def cleanup_expired_otps() -> None:
    from users.services import otp

    otp.cleanup_expired(now=timezone.now())
