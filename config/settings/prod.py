"""Production. A missing secret stops the boot: there is no default to fall back to."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import env

SECRET_KEY = env.str("SECRET_KEY")
OTP_PEPPER = env.str("OTP_PEPPER")
IDENTITY_PEPPER = env.str("IDENTITY_PEPPER")
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")
DATABASE_URL = env.str("DATABASE_URL")
REDIS_URL = env.str("REDIS_URL")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PUBLIC_URL = env.str("PUBLIC_URL").rstrip("/")
PAYMENT_GATEWAY = env.str("PAYMENT_GATEWAY", default="zarinpal")
if PAYMENT_GATEWAY == "zibal":
    ZIBAL_MERCHANT_ID = env.str("ZIBAL_MERCHANT_ID")
else:
    ZARINPAL_MERCHANT_ID = env.str("ZARINPAL_MERCHANT_ID")
SMS_PROVIDERS = env.list("SMS_PROVIDERS", default=["smsir"])
for _provider, _names in {
    "smsir": ("SMSIR_API_KEY", "SMSIR_LINE_NUMBER", "SMSIR_OTP_TEMPLATE_ID"),
    "kavenegar": ("KAVENEGAR_API_KEY", "KAVENEGAR_OTP_TEMPLATE"),
}.items():
    for _name in _names:
        # compose hands over an empty value for what is not set
        if _provider in SMS_PROVIDERS and env.str(_name, default="") in {"", "0"}:
            raise ImproperlyConfigured(f"SMS_PROVIDERS names {_provider}, so set {_name}")

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
