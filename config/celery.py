import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("meydan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def schedule(sender: Celery, **kwargs: object) -> None:
    """Every deadline is a column that one of these sweeps; a lost task can never lose it."""
    from django.conf import settings

    often = settings.SWEEP_SECONDS
    sender.conf.beat_schedule = {
        name.rsplit(".", 1)[-1]: {"task": name, "schedule": every}
        for name, every in {
            "notifications.tasks.sweep_deliveries": often,
            "wallet.tasks.sweep_payments": often,
            "wallet.tasks.expire_promotions": 600.0,
            "wallet.tasks.sweep_refunds": often,
            "wallet.tasks.reconcile_payments": 600.0,
            "wallet.tasks.seal_ledger": 60.0,
            "matches.tasks.expire_pending_results": often,
            "tournaments.tasks.release_due_credentials": often,
            "tournaments.tasks.sweep_reservations": often,
            "tournaments.tasks.pay_due_prizes": often,
            "users.tasks.sweep_phone_changes": often,
            "players.tasks.record_due_tournaments": often,
            "users.tasks.cleanup_expired_otps": 600.0,
            "users.tasks.sweep_data_exports": 60.0,
            "users.tasks.close_due_accounts": 600.0,
            "users.tasks.purge_identity_documents": 600.0,
            "users.tasks.check_otp_receipts": 60.0,
            "common.tasks.cleanup_expired_keys": crontab(minute="17"),
        }.items()
    }
