"""Production. A missing secret stops the boot: there is no default to fall back to."""

from config.settings.base import *  # noqa: F403
from config.settings.base import env

SECRET_KEY = env.str("SECRET_KEY")
OTP_PEPPER = env.str("OTP_PEPPER")
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")
DATABASE_URL = env.str("DATABASE_URL")
REDIS_URL = env.str("REDIS_URL")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PUBLIC_URL = env.str("PUBLIC_URL").rstrip("/")
ZARINPAL_MERCHANT_ID = env.str("ZARINPAL_MERCHANT_ID")
SMS_PROVIDER = env.str("SMS_PROVIDER", default="smsir")
if SMS_PROVIDER == "smsir":
    SMSIR_API_KEY = env.str("SMSIR_API_KEY")
    SMSIR_LINE_NUMBER = env.str("SMSIR_LINE_NUMBER")
    SMSIR_OTP_TEMPLATE_ID = env.int("SMSIR_OTP_TEMPLATE_ID")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
