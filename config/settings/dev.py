"""What `./run` uses: everything real, on this machine, with a bank and a phone network that are files and fakes."""

from config.settings.base import *  # noqa: F403
from config.settings.base import LOCAL_DIR, PUBLIC_URL, env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development-only-not-a-secret-0123456789abcdef")
OTP_PEPPER = env.str("OTP_PEPPER", default="development-only-pepper")
IDENTITY_PEPPER = env.str("IDENTITY_PEPPER", default="development-only-identity-pepper")
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=["development-only-key"])
# A newcomer gets in with the password that ./run prints; whoever has set up an authenticator app is asked for its code.
STAFF_TOTP_REQUIRED = env.bool("STAFF_TOTP_REQUIRED", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
CORS_ALLOW_ALL_ORIGINS = True

SMS_PROVIDERS = env.list("SMS_PROVIDERS", default=["file"])
SHOW_SMS_ON_START_PAGE = env.bool("SHOW_SMS_ON_START_PAGE", default=True)
ZARINPAL_URL = env.str("ZARINPAL_URL", default="http://127.0.0.1:8010").rstrip("/")
ZARINPAL_MERCHANT_ID = env.str("ZARINPAL_MERCHANT_ID", default="00000000-0000-0000-0000-000000000000")
ZIBAL_URL = env.str("ZIBAL_URL", default="http://127.0.0.1:8011").rstrip("/")
ZIBAL_MERCHANT_ID = env.str("ZIBAL_MERCHANT_ID", default="zibal")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default=str(LOCAL_DIR / "mail"))

# A newcomer waits seconds, not minutes, and signs many demo players in from one address, the referee in every play.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=1.0)
CONFIRMATION_MINUTES_MIN = env.int("CONFIRMATION_MINUTES_MIN", default=0)
PRIZE_HOLD_MINUTES = env.int("PRIZE_HOLD_MINUTES", default=0)
COUNTDOWN_SECONDS = env.int("COUNTDOWN_SECONDS", default=2)
OTP_PER_IP_HOUR = env.int("OTP_PER_IP_HOUR", default=10_000)
OTP_PER_NETWORK_HOUR = env.int("OTP_PER_NETWORK_HOUR", default=10_000)
OTP_RESEND_SECONDS = env.int("OTP_RESEND_SECONDS", default=5)
OTP_PER_PHONE_HOUR = env.int("OTP_PER_PHONE_HOUR", default=60)
OTP_PER_PHONE_DAY = env.int("OTP_PER_PHONE_DAY", default=500)
OTP_VERIFY_PER_IP_HOUR = env.int("OTP_VERIFY_PER_IP_HOUR", default=10_000)

STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
