"""Settings. Everything that differs between machines comes from the environment; `.env.example` lists it all."""

import os
from datetime import timedelta
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from mjstudio import environment, media
from mjstudio.environment import BASE_DIR

os.umask(0o077)  # database, pictures, mail: whatever a process of the studio writes is its owner's alone
environment.read_dotenv()
env = environment.Env()

try:
    DEBUG = environment.in_debug(env)
    DATA_DIR = environment.data_dir(env)
    PORT = env.int("STUDIO_PORT", default=env.int("PORT", default=8000))  # see mjstudio.ports
    HOST = env.str("HOST", default="127.0.0.1")
    SIMULATOR_PORT = env.int("SIMULATOR_PORT", default=PORT + 1)
    SIMULATOR_SPEED = env.float("SIMULATOR_SPEED", default=4.0)
    DATABASE = env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'studio.sqlite3'}")
    REDIS_URL = env.str("REDIS_URL", default="")
    EMAIL = env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}")
    LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
    WORKERS = env.int("WORKERS", default=4)
    KEEP_DAYS = env.int("KEEP_DAYS", default=90)
    TRASH_DAYS = env.int("TRASH_DAYS", default=30)
    USEAPI_BASE_URL = env.str("USEAPI_BASE_URL", default="https://api.useapi.net/v3/midjourney").rstrip("/")
    MEDIA_HOSTS = env.list("MEDIA_HOSTS", default=["cdn.discordapp.com", "media.discordapp.net", "cdn.midjourney.com"])
    MASK_REPAINTS = env.str("MASK_REPAINTS", default="white").lower()
    MEDIA_STORAGE = media.storage(env)
except (ImproperlyConfigured, ValueError, KeyError, environ.ImproperlyConfigured) as error:
    environment.stop(str(error))

if DATABASE.get("ENGINE") not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
    environment.stop("DATABASE_URL must begin with sqlite:/// or postgres://.")
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    environment.stop(f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {LOG_LEVEL!r}.")
if urlsplit(USEAPI_BASE_URL).scheme not in {"http", "https"}:
    environment.stop(f"USEAPI_BASE_URL is not a web address: {USEAPI_BASE_URL!r}.")
if MASK_REPAINTS not in {"white", "black"}:
    environment.stop(f"MASK_REPAINTS must be white or black, not {MASK_REPAINTS!r}.")
if KEEP_DAYS < 1:
    environment.stop(f"KEEP_DAYS must be at least 1, not {KEEP_DAYS}.")
if TRASH_DAYS < 1:
    environment.stop(f"TRASH_DAYS must be at least 1, not {TRASH_DAYS}.")
if WORKERS < 3:
    environment.stop(f"WORKERS must be at least 3 (two drive the queue in turn, one saves pictures), not {WORKERS}.")

SECRET_KEY = environment.secret(env, "SECRET_KEY", DATA_DIR)
TOKEN_KEYS = [key.strip() for key in environment.secret(env, "TOKEN_KEYS", DATA_DIR).split(",") if key.strip()]

SIMULATOR_URL = f"http://127.0.0.1:{SIMULATOR_PORT}/v3/midjourney"
PUBLIC_URL = environment.public_url(env, default=f"http://127.0.0.1:{PORT}")
PUBLIC_URL_IS_SET = bool(env.str("PUBLIC_URL", default=""))  # then a service elsewhere can reach us, too
IS_HTTPS = PUBLIC_URL.startswith("https://")

ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or "", *environment.loopback_hosts()]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_q",
    "accounts",
    "generations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mjstudio.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mjstudio.middleware.private_pages",
    "mjstudio.middleware.StorageAway",
]

ROOT_URLCONF = "mjstudio.urls"
WSGI_APPLICATION = "mjstudio.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mjstudio.context_processors.studio",
            ],
        },
    },
]

# Database. SQLite as measured in docs/decisions/0002: WAL, immediate transactions, a long busy timeout.
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASE["CONN_MAX_AGE"] = None
    DATABASE["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    SHARED_CACHE = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
else:
    SHARED_CACHE = {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "studio_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # culling at the usual 300 would drop sign-in limits
    }
CACHES = {
    "default": SHARED_CACHE,  # rate limits must count across processes
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},  # django-q2 beats here twice a second
}

# django-q2. What each value guards against is in docs/decisions/0003.
PUMP_SECONDS = 30
Q_CLUSTER = {
    "name": "mjstudio",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "timeout": 240,
    "retry": 300,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.1,
    "cache": "process",
    "recycle": 2000,
    "log_level": "WARNING",
    "label": "Background tasks",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedSignUp"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.adapter.LinkTokens"  # noqa: S105
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
ACCOUNT_EMAIL_VERIFICATION = "none"  # an admin made the account and vouches for the address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Sign-in limits count by address, which behind a proxy stands in X-Forwarded-For; https means that there is one.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if IS_HTTPS else 0)
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())

globals().update(EMAIL)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Studio <studio@{urlsplit(PUBLIC_URL).hostname}>")

# Security
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "mjstudio.errors.csrf_failure"
SESSION_COOKIE_NAME = "studio_session"
CSRF_COOKIE_NAME = "studio_csrf"
if IS_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked from this machine
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
    # Subdomains and the preload list are other people's decisions as well; both have a setting of their own.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": MEDIA_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000  # as many pictures as can be changed at once, each a field, and some more
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000  # the text of a batch may have 4 MB, and a draft keeps two boxes
SENDFILE = env.str("SENDFILE", default="")  # "x-accel-redirect" or "x-sendfile" where the proxy offers one

LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "mjstudio.redaction.RedactSecrets"}},
    "formatters": {
        "line": {
            "()": "mjstudio.redaction.RedactingFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "urllib3": {"level": "WARNING"},
        "PIL": {"level": "WARNING"},
    },
}
