"""Settings shared by every environment. What differs lives in dev.py, test.py and prod.py."""

from datetime import timedelta
from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
LOCAL_DIR = BASE_DIR / ".local"

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "config.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "common",
    "games",
    "users",
    "notifications",
    "teams",
    "wallet",
    "tournaments",
    "matches",
    "players",
    "chat",
    "support",
    "demo",
]

MIDDLEWARE = [
    "common.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "common.middleware.LocaleMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "common.middleware.ContentSecurityPolicyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database: the truth. Every wait has a limit, so that a stuck lock becomes a 503 and not a hung worker.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://meydan@127.0.0.1:5432/meydan")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
    "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"
)
# Who owns the tables migrates; the role of DATABASE_URL then owns nothing. Without it there is one role for all.
if OWNER_DATABASE_URL := env.str("OWNER_DATABASE_URL", default=""):
    DATABASES["owner"] = {**env.db_url("OWNER_DATABASE_URL"), "TEST": {"MIRROR": "default"}}
# Functions write into these; the application's role may only read them (common.roles).
READ_ONLY_TABLES = ["wallet_ledgeraccount", "wallet_journal", "wallet_transfer", "wallet_seal", "django_migrations"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["users.backends.RoleBackend"]

# Redis: cache, Celery's broker, sockets. It may vanish at any time; no money and no match state lives there.
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "common.channel_layer.ChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": env.str("CHANNEL_PREFIX", default="meydan")},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_timeout": 5, "socket_connect_timeout": 3}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TASK_DEFAULT_QUEUE = "bulk"
# Sign-in must not wait behind a match, nor a match behind a thousand notifications.
CELERY_TASK_ROUTES = {
    "users.tasks.send_otp_sms_task": {"queue": "signin"},
    "matches.tasks.*": {"queue": "match"},
    "wallet.tasks.*": {"queue": "match"},
    "tournaments.tasks.*": {"queue": "match"},
}
CELERY_TIMEZONE = "Asia/Tehran"
# How often the sweeps run that pick up due deadlines and whatever a lost task left behind.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=15.0)

LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# The API speaks UTC; pages for people speak the time of their clocks.
TIME_ZONE = "UTC"
PAGES_TIME_ZONE = "Asia/Tehran"

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(LOCAL_DIR / "static"))()
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
# Private by default: nothing below MEDIA_ROOT is served but through a signed, short-lived link (common.uploads).
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(LOCAL_DIR / "media"))()
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 10
IMAGE_MAX_BYTES = 8 * 1024 * 1024
IMAGE_MAX_PIXELS = 25_000_000
VIDEO_MAX_BYTES = 100 * 1024 * 1024
FILE_LINK_SECONDS = 3600

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.authentication.SessionJWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["common.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "common.api.parsers.StrictJSONParser",
        "common.api.parsers.StrictFormParser",
        "common.api.parsers.StrictMultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "common.api.pagination.PageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "common.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "common.api.exceptions.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DATETIME_FORMAT": "iso-8601",
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=15)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=7)),
    "UPDATE_LAST_LOGIN": False,
    "ALGORITHM": "HS256",
}
# A refresh token replayed within this time gets the same successor: two tabs may refresh at once.
REFRESH_GRACE_SECONDS = 10

# How long a session that has ended is kept to look at.
SESSION_KEEP_DAYS = env.int("SESSION_KEEP_DAYS", default=30)

# One-time codes
OTP_TTL_SECONDS = 300
OTP_MAX_ATTEMPTS = 5
OTP_RESEND_SECONDS = 60
OTP_PER_PHONE_HOUR = env.int("OTP_PER_PHONE_HOUR", default=5)
OTP_PER_PHONE_DAY = env.int("OTP_PER_PHONE_DAY", default=10)
# Generous: thousands of phones share one address of their carrier. An address is an IPv4 address or an IPv6 /64, a
# network an IPv4 /24 or an IPv6 /48.
OTP_PER_IP_HOUR = env.int("OTP_PER_IP_HOUR", default=600)
OTP_PER_NETWORK_HOUR = env.int("OTP_PER_NETWORK_HOUR", default=2_400)
# What the SMS bill may come to: beyond this nobody gets a code until the hour is over, and staff are told.
OTP_GLOBAL_HOUR = env.int("OTP_GLOBAL_HOUR", default=20_000)
# How often one code's message is handed to the providers before it is given up.
OTP_SEND_ATTEMPTS = env.int("OTP_SEND_ATTEMPTS", default=4)
# For how long a provider is asked whether a code has reached its phone, and how many codes one sweep asks about.
OTP_RECEIPT_SECONDS = env.int("OTP_RECEIPT_SECONDS", default=600)
OTP_RECEIPTS_PER_SWEEP = env.int("OTP_RECEIPTS_PER_SWEEP", default=20)
# Guesses, counted apart from sends: a code has its own OTP_MAX_ATTEMPTS, an address this many an hour.
OTP_VERIFY_PER_IP_HOUR = env.int("OTP_VERIFY_PER_IP_HOUR", default=1_000)
# How many proxies of ours stand in front and append to X-Forwarded-For; 0 = the header is not believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
WS_TICKET_SECONDS = 30
# How long a second factor counts as fresh.
STEP_UP_SECONDS = env.int("STEP_UP_SECONDS", default=300)
# Signing in on one device more signs the one out that was used longest ago.
MAX_SESSIONS_PER_USER = env.int("MAX_SESSIONS_PER_USER", default=20)

# Authenticator apps: wrong codes lock for TOTP_LOCK_SECONDS, and for the rest of the day when they go on; recovery
# codes stay open. A code of so many 30-second steps ago or ahead is taken, for clocks that are wrong.
TOTP_ISSUER = env.str("TOTP_ISSUER", default="Meydan")
TOTP_DRIFT_STEPS = env.int("TOTP_DRIFT_STEPS", default=1)
TOTP_SETUP_SECONDS = env.int("TOTP_SETUP_SECONDS", default=1800)
TOTP_MAX_ATTEMPTS = env.int("TOTP_MAX_ATTEMPTS", default=5)
TOTP_LOCK_SECONDS = env.int("TOTP_LOCK_SECONDS", default=900)
TOTP_MAX_ATTEMPTS_DAY = env.int("TOTP_MAX_ATTEMPTS_DAY", default=20)
RECOVERY_CODE_TRIES_HOUR = env.int("RECOVERY_CODE_TRIES_HOUR", default=20)
# How long money stays where it is after the phone of an account was changed.
PHONE_CHANGE_COOL_DOWN_HOURS = env.int("PHONE_CHANGE_COOL_DOWN_HOURS", default=24)

# The admin: a password, then a second factor. Idle for STAFF_IDLE_SECONDS, or STAFF_SESSION_HOURS after signing in,
# staff sign in again. The cookie is sent to the admin only.
STAFF_TOTP_REQUIRED = env.bool("STAFF_TOTP_REQUIRED", default=True)
STAFF_IDLE_SECONDS = env.int("STAFF_IDLE_SECONDS", default=1800)
STAFF_SESSION_HOURS = env.int("STAFF_SESSION_HOURS", default=10)
# Between the password and the second factor.
STAFF_SIGN_IN_SECONDS = env.int("STAFF_SIGN_IN_SECONDS", default=900)
STAFF_LOGIN_PER_ACCOUNT = env.int("STAFF_LOGIN_PER_ACCOUNT", default=10)
STAFF_LOGIN_PER_ADDRESS = env.int("STAFF_LOGIN_PER_ADDRESS", default=30)
STAFF_LOGIN_WINDOW_SECONDS = env.int("STAFF_LOGIN_WINDOW_SECONDS", default=900)
SESSION_COOKIE_AGE = STAFF_IDLE_SECONDS
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_PATH = "/admin/"

# People: names, what they show, leaving
USERNAME_CHANGE_DAYS = env.int("USERNAME_CHANGE_DAYS", default=30)
# How long a name that was given up is kept for whoever had it.
USERNAME_HOLD_DAYS = env.int("USERNAME_HOLD_DAYS", default=90)
# Names that would speak for the platform; what looks like one of them is refused, too, and with a number behind it.
RESERVED_USERNAMES = [
    "about", "account", "admin", "administrator", "api", "bank", "billing", "bot", "contact", "finance", "help",
    "helpdesk", "info", "mail", "me", "meydan", "moderator", "news", "null", "official", "organiser", "organizer",
    "payment", "payments", "postmaster", "root", "security", "settings", "staff", "support", "system", "team",
    "tournament", "undefined", "user", "wallet", "webmaster", "www",
    "آدمین", "ادمین", "امنیت", "بازرسی", "بانک", "پرداخت", "پشتیبان", "پشتیبانی", "تیم_میدان", "داور", "راهنما",
    "سیستم", "کیف_پول", "مدیر", "مدیریت", "میدان", "ناظر", "واریز",
    *env.list("RESERVED_USERNAMES", default=[]),
]  # fmt: skip
# Searches of one person; the phone is counted apart, since whoever asks for numbers in a row collects them.
USER_SEARCHES_PER_MINUTE = env.int("USER_SEARCHES_PER_MINUTE", default=60)
PHONE_SEARCHES_PER_DAY = env.int("PHONE_SEARCHES_PER_DAY", default=30)
BLOCKS_MAX = env.int("BLOCKS_MAX", default=1_000)
# How long the file of a personal export can be fetched.
EXPORT_DAYS = env.int("EXPORT_DAYS", default=3)
# Between asking for an account to be closed and closing it; signing in meanwhile keeps it.
ACCOUNT_DELETION_DAYS = env.int("ACCOUNT_DELETION_DAYS", default=7)

# Whom to ask to send a text message, the first choice first: smsir, kavenegar, file, memory.
SMS_PROVIDERS = env.list("SMS_PROVIDERS", default=["smsir"])
# After so many temporary failures in a row a provider is asked last for so long.
SMS_BREAKER_FAILURES = env.int("SMS_BREAKER_FAILURES", default=3)
SMS_BREAKER_SECONDS = env.float("SMS_BREAKER_SECONDS", default=30.0)
# Documents that prove who somebody is are deleted so long after the decision.
IDENTITY_DOCUMENTS_DAYS = env.int("IDENTITY_DOCUMENTS_DAYS", default=30)
IDENTITY_REJECTED_DOCUMENTS_DAYS = env.int("IDENTITY_REJECTED_DOCUMENTS_DAYS", default=7)
IDENTITY_SUBMISSIONS_PER_DAY = env.int("IDENTITY_SUBMISSIONS_PER_DAY", default=5)
# How old one must be to be verified, in years; 0 = no limit.
IDENTITY_MINIMUM_AGE = env.int("IDENTITY_MINIMUM_AGE", default=0)
SMS_FILE = env.str("SMS_FILE", default=str(LOCAL_DIR / "sms.jsonl"))
# Whoever opens the start page could read everybody's sign-in codes: only for a run on one's own machine.
SHOW_SMS_ON_START_PAGE = False
SMSIR_API_KEY = env.str("SMSIR_API_KEY", default="")
SMSIR_ENDPOINT = env.str("SMSIR_ENDPOINT", default="https://api.sms.ir")
SMSIR_LINE_NUMBER = env.str("SMSIR_LINE_NUMBER", default="")
SMSIR_OTP_TEMPLATE_ID = env.int("SMSIR_OTP_TEMPLATE_ID", default=0)
KAVENEGAR_API_KEY = env.str("KAVENEGAR_API_KEY", default="")
KAVENEGAR_ENDPOINT = env.str("KAVENEGAR_ENDPOINT", default="https://api.kavenegar.com").rstrip("/")
# The line that ordinary messages come from; empty = the account's own choice.
KAVENEGAR_SENDER = env.str("KAVENEGAR_SENDER", default="")
KAVENEGAR_OTP_TEMPLATE = env.str("KAVENEGAR_OTP_TEMPLATE", default="")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Meydan <no-reply@meydan.example>")
# A notification is tried this often per channel, with growing waits, before it is given up.
DELIVERY_MAX_ATTEMPTS = 6

# Money, in Rials
# Where payments begin: zarinpal or zibal. A payment that has begun stays with the gateway it began at.
PAYMENT_GATEWAY = env.str("PAYMENT_GATEWAY", default="zarinpal")
ZIBAL_URL = env.str("ZIBAL_URL", default="https://gateway.zibal.ir").rstrip("/")
ZIBAL_MERCHANT_ID = env.str("ZIBAL_MERCHANT_ID", default="")
ZARINPAL_URL = env.str("ZARINPAL_URL", default="https://payment.zarinpal.com").rstrip("/")
ZARINPAL_MERCHANT_ID = env.str("ZARINPAL_MERCHANT_ID", default="")
PAYMENT_CALLBACK_URL = env.str("PAYMENT_CALLBACK_URL", default=f"{PUBLIC_URL}/api/wallet/verify-deposit/")
# Where the payer's browser goes after the bank; the payment's id and status are added to the query.
PAYMENT_RETURN_URL = env.str("PAYMENT_RETURN_URL", default=f"{PUBLIC_URL}/payment/")
PAYMENT_EXPIRES_MINUTES = env.int("PAYMENT_EXPIRES_MINUTES", default=30)
# After so many questions without a usable answer a payment waits for people, and is asked about no more by itself.
PAYMENT_REJECTED_ATTEMPTS = env.int("PAYMENT_REJECTED_ATTEMPTS", default=5)
PAYMENT_UNKNOWN_ATTEMPTS = env.int("PAYMENT_UNKNOWN_ATTEMPTS", default=40)
# Settled payments are compared with the gateway once a day, for this many days.
RECONCILE_DAYS = env.int("RECONCILE_DAYS", default=3)
# Sending deposited money back takes a second person above this.
REFUND_TWO_PEOPLE_RIAL = env.int("REFUND_TWO_PEOPLE_RIAL", default=50_000_000)
# How long a seat waits for a payment at the gateway.
SEAT_RESERVATION_MINUTES = env.int("SEAT_RESERVATION_MINUTES", default=15)
# So many kept seats that were not paid for may one person have within so many hours: in one tournament, and in all of
# them. Who has the money in the wallet joins all the same. 0: no limit.
UNPAID_SEATS_PER_TOURNAMENT = env.int("UNPAID_SEATS_PER_TOURNAMENT", default=3)
UNPAID_SEATS_PER_USER = env.int("UNPAID_SEATS_PER_USER", default=6)
UNPAID_SEATS_HOURS = env.int("UNPAID_SEATS_HOURS", default=6)
DEPOSIT_MIN_RIAL = env.int("DEPOSIT_MIN_RIAL", default=10_000)
DEPOSIT_MAX_RIAL = env.int("DEPOSIT_MAX_RIAL", default=2_000_000_000)
# Pooling entry fees into the prize can be a legal question, so the whole platform can switch it off.
ENTRY_POOL_ALLOWED = env.bool("ENTRY_POOL_ALLOWED", default=True)
PLATFORM_FEE_BPS = env.int("PLATFORM_FEE_BPS", default=1_000)
# How long the prize of a final place waits, so that staff can look into it; each tournament keeps its own.
PRIZE_HOLD_MINUTES = env.int("PRIZE_HOLD_MINUTES", default=30)
PRIZE_UNIT_RIAL = env.int("PRIZE_UNIT_RIAL", default=1)
# Payouts. A new account or card, and a new phone, wait this long before money may go out.
DESTINATION_COOL_HOURS = env.int("DESTINATION_COOL_HOURS", default=24)
MAX_DESTINATIONS_PER_USER = env.int("MAX_DESTINATIONS_PER_USER", default=5)
WITHDRAWAL_MIN_RIAL = env.int("WITHDRAWAL_MIN_RIAL", default=1_000_000)
# One withdrawal within so many hours.
WITHDRAWAL_EVERY_HOURS = env.int("WITHDRAWAL_EVERY_HOURS", default=24)
WITHDRAWAL_VERIFICATION_LEVEL = env.int("WITHDRAWAL_VERIFICATION_LEVEL", default=1)
# Above this the owner has to be known to staff.
WITHDRAWAL_REVIEW_RIAL = env.int("WITHDRAWAL_REVIEW_RIAL", default=100_000_000)
WITHDRAWAL_REVIEW_VERIFICATION_LEVEL = env.int("WITHDRAWAL_REVIEW_VERIFICATION_LEVEL", default=3)
# Above this two people have to approve.
WITHDRAWAL_TWO_PERSON_RIAL = env.int("WITHDRAWAL_TWO_PERSON_RIAL", default=500_000_000)
PAYOUT_PROVIDER = env.str("PAYOUT_PROVIDER", default="manual")
# The account that payouts are paid from; without it no PAYA file can be made.
PAYOUT_DEBTOR_SHEBA = env.str("PAYOUT_DEBTOR_SHEBA", default="")
PAYOUT_DEBTOR_NAME = env.str("PAYOUT_DEBTOR_NAME", default="")
# The bank that a PAYA file names as the sender's: files in use name the central bank, which runs PAYA.
PAYOUT_DEBTOR_BIC = env.str("PAYOUT_DEBTOR_BIC", default="BMJIIRTHXXX")
# Iranian banks read the dates of a PAYA file as Jalali ones, ISO 20022 means Gregorian ones.
PAYA_JALALI_DATES = env.bool("PAYA_JALALI_DATES", default=True)
PAYOUT_BATCH_MAX = env.int("PAYOUT_BATCH_MAX", default=1_000)
# More than this to one user at once is an adjustment of two people.
PROMOTION_MAX_RIAL = env.int("PROMOTION_MAX_RIAL", default=10_000_000)
STATEMENT_MAX_DAYS = env.int("STATEMENT_MAX_DAYS", default=366)
# How long the link to a printable statement works.
STATEMENT_LINK_SECONDS = env.int("STATEMENT_LINK_SECONDS", default=600)
# An account that is the sum of its transfers is sealed anew after so many.
LEDGER_SEAL_AFTER = env.int("LEDGER_SEAL_AFTER", default=1_000)
IDEMPOTENCY_KEY_HOURS = env.int("IDEMPOTENCY_KEY_HOURS", default=48)

# Play
MAX_TEAMS_PER_USER = env.int("MAX_TEAMS_PER_USER", default=10)
TEAM_MAX_MEMBERS = env.int("TEAM_MAX_MEMBERS", default=10)
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)
CONFIRMATION_MINUTES_DEFAULT = env.int("CONFIRMATION_MINUTES_DEFAULT", default=15)
CONFIRMATION_MINUTES_MIN = env.int("CONFIRMATION_MINUTES_MIN", default=5)
CONFIRMATION_MINUTES_MAX = env.int("CONFIRMATION_MINUTES_MAX", default=1440)
# Who may make tournaments: everyone, or organisers (who have the role, and staff).
TOURNAMENT_CREATORS = env.str("TOURNAMENT_CREATORS", default="everyone")
TOURNAMENT_MAX_ENTRANTS = env.int("TOURNAMENT_MAX_ENTRANTS", default=4096)
COUNTDOWN_SECONDS = env.int("COUNTDOWN_SECONDS", default=300)

# Leaderboards: a smaller tournament, or one with fewer matches really played, brings winnings and nothing else.
LEADERBOARD_MIN_ENTRANTS = env.int("LEADERBOARD_MIN_ENTRANTS", default=8)
LEADERBOARD_MIN_MATCHES = env.int("LEADERBOARD_MIN_MATCHES", default=4)
# The level of an event by its promised prize: [least Rials, percent of the ordinary points].
LEADERBOARD_LEVELS = env.json(
    "LEADERBOARD_LEVELS", default=[[0, 100], [100_000_000, 150], [1_000_000_000, 200], [10_000_000_000, 300]]
)
# How many tournaments one run of the sweep writes down.
LEADERBOARD_RECORD_AT_ONCE = env.int("LEADERBOARD_RECORD_AT_ONCE", default=200)
# Beyond this a player's position is not counted.
LEADERBOARD_POSITIONS = env.int("LEADERBOARD_POSITIONS", default=10_000)
# Nobody is told of an achievement that was earned longer ago.
ACHIEVEMENT_NOTICE_DAYS = env.int("ACHIEVEMENT_NOTICE_DAYS", default=7)

CHAT_MESSAGE_MAX_LENGTH = 2000
CHAT_MESSAGES_PER_MINUTE = env.int("CHAT_MESSAGES_PER_MINUTE", default=60)
WEBSOCKET_MAX_BYTES = 16 * 1024
# How long an open socket may outlive its session or its membership.
WEBSOCKET_RECHECK_SECONDS = 4

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)
# The API only: another site's script has no business reading our pages.
CORS_URLS_REGEX = r"^/(api|auth)/"
CORS_EXPOSE_HEADERS = ["X-Request-ID", "ETag", "Retry-After", "Idempotency-Replayed"]
CORS_ALLOW_HEADERS = ["accept", "accept-language", "authorization", "content-type", "idempotency-key", "x-request-id"]

SPECTACULAR_SETTINGS = {
    "TITLE": "Meydan",
    "DESCRIPTION": "The back end on which esports tournaments run. Money is always an integer number of Rials (IRR).",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TournamentStatusEnum": "tournaments.enums.Phase",
        "TournamentTypeEnum": "tournaments.enums.TournamentType",
        "EntrantStatusEnum": "tournaments.enums.EntrantStatus",
        "MatchStatusEnum": "matches.enums.MatchStatus",
        "ReportStatusEnum": "matches.enums.ReportStatus",
        "TicketStatusEnum": "support.enums.TicketStatus",
        "PaymentStatusEnum": "wallet.enums.PaymentStatus",
        "WithdrawalStatusEnum": "wallet.enums.WithdrawalStatus",
        "DestinationKindEnum": "wallet.enums.DestinationKind",
        "JournalKindEnum": "wallet.enums.JournalKind",
        "TransactionTypeEnum": "wallet.enums.TransactionType",
        "IdentityDocumentKindEnum": "users.enums.DocumentKind",
        "IdentityStatusEnum": "users.enums.IdentityStatus",
        "TeamRoleEnum": "teams.enums.Role",
        "StaffRoleEnum": "users.enums.Role",
        "InvitationStatusEnum": "teams.enums.InvitationStatus",
        "AudienceEnum": "users.enums.Audience",
        "ContactAudienceEnum": "users.enums.ContactAudience",
        "ConversationKindEnum": "chat.enums.ConversationKind",
        "PrizeTieModeEnum": "tournaments.enums.PrizeTieMode",
    },
    "SCHEMA_PATH_PREFIX": r"/api/",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "common.api.schema.add_common_responses",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "common.middleware.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # they log every URL: a gateway's carries the payment's authority, Kavenegar's the key
    "loggers": {"httpx": {"level": "WARNING"}, "urllib3": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
