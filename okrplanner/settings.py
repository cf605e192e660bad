"""One settings file. Values come from the environment; a missing or bad one stops the start with its name.

Production is the default. `EMBEDDED=1`, written by `make run`, is what loosens it: one machine, plain HTTP on
127.0.0.1, mail into files. Importing this module starts nothing.
"""

import importlib.util
import logging
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, validate

from okrplanner.bundle import bundled
from okrplanner.starting import networks, refuse_unsafe

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Env()
NOT_EMPTY = validate.Length(min=1, error="Must not be empty.")
MAIL_SERVER = r"((smtp|submission)://\S+)?\Z"
SITE = r"(https?://[^\s/?#]+/?)?\Z"

try:
    EMBEDDED = env.bool("EMBEDDED", False)
    SECRET_KEY = env.str("SECRET_KEY", validate=NOT_EMPTY)
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", conn_max_age=600, conn_health_checks=True)}
    REDIS_URL = env.str(
        "REDIS_URL", "", validate=validate.Regexp(r"(rediss?://\S+)?\Z", error="Not a redis:// address.")
    )
    ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    if not EMBEDDED:
        ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", subcast=str.strip, validate=NOT_EMPTY)
    CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [], subcast=str.strip)
    BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", False)
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
    ADMIN = env.bool("ADMIN", False)
    CLOCK_FILE = env.str("CLOCK_FILE", "")
    SITE_URL = env.str("SITE_URL", "", validate=validate.Regexp(SITE, error="Not like https://okr.example.com."))
    EMAIL_URL = env.str(
        "EMAIL_URL",
        "",
        validate=validate.Regexp(MAIL_SERVER, error="Not a submission:// or smtp:// address."),
    )
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "okrplanner@localhost")
    SECRET_KEY_FALLBACKS: list[str] = [key for key in env.list("SECRET_KEY_FALLBACKS", [], subcast=str.strip) if key]
    CALLS_ALLOWED_NETWORKS = networks(
        "CALLS_ALLOWED_NETWORKS", env.list("CALLS_ALLOWED_NETWORKS", [], subcast=str.strip)
    )
    CALLS_ALLOWED_HOSTS = [host.lower() for host in env.list("CALLS_ALLOWED_HOSTS", [], subcast=str.strip) if host]
    LOG_FORMAT = env.str("LOG_FORMAT", "", validate=validate.OneOf(("", "json", "console")))
    LOG_FORMAT = LOG_FORMAT or ("console" if EMBEDDED else "json")
    LOG_LEVEL = env.str("LOG_LEVEL", "", validate=validate.OneOf(("", "DEBUG", "INFO", "WARNING", "ERROR"))) or "INFO"
    SENTRY_DSN = env.str("SENTRY_DSN", "", validate=validate.Regexp(r"(https?://\S+@\S+)?\Z", error="Not a DSN."))
    OTEL_EXPORTER_OTLP_ENDPOINT = env.str(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        validate=validate.Regexp(r"(https?://\S+)?\Z", error="Not a http:// or https:// address."),
    )
    SESSION_IDLE_DAYS = env.int("SESSION_IDLE_DAYS", 14, validate=validate.Range(min=1, max=365))
    SESSION_ABSOLUTE_DAYS = env.int("SESSION_ABSOLUTE_DAYS", 30, validate=validate.Range(min=1, max=365))
    API_READS_PER_MINUTE = env.int("API_READS_PER_MINUTE", 3000, validate=validate.Range(min=1))
    API_WRITES_PER_MINUTE = env.int("API_WRITES_PER_MINUTE", 600, validate=validate.Range(min=1))
    VAR_DIR = Path(env.str("VAR_DIR", "") or VAR_DIR)
    STATIC_ROOT = Path(env.str("STATIC_ROOT", "") or VAR_DIR / "static")
except EnvError as error:
    raise ImproperlyConfigured(str(error)) from error
except ValueError as error:
    raise ImproperlyConfigured(f"DATABASE_URL is not an address: {error}") from error
if DATABASES["default"].get("ENGINE") != "django.db.backends.postgresql" or not DATABASES["default"]["NAME"]:
    raise ImproperlyConfigured("DATABASE_URL must be postgresql://user:password@host:port/name.")
if not EMBEDDED:
    refuse_unsafe(
        os.environ,
        secret=SECRET_KEY,
        hosts=ALLOWED_HOSTS,
        origins=CSRF_TRUSTED_ORIGINS,
        proxies=ALLAUTH_TRUSTED_PROXY_COUNT,
        behind_proxy=BEHIND_TLS_PROXY,
    )
# Where people open the product: links in mails lead there.
if not SITE_URL:
    SITE_URL = f"http://127.0.0.1:{env.str('PORT', '') or 8000}" if EMBEDDED else f"https://{ALLOWED_HOSTS[0]}"
SITE_URL = SITE_URL.rstrip("/").replace("//.", "//")
# Compiling a plan costs more than it saves in the set-based roll-up; what is prepared (`people.rows.Prepared`) is so
# because planning it takes longer than running it. A trigger that finds the third setting missing recovers from an
# error for each row.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
    "options", "-c jit=off -c plan_cache_mode=force_generic_plan -c pgtrigger.ignore={}"
)

DEBUG = False
ROOT_URLCONF = "okrplanner.urls"
WSGI_APPLICATION = "okrplanner.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "okrplanner",
    "people",
    "funnel",
    "objectives",
    "dashboards",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "okrplanner.static_files.OurStaticFiles",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "django_htmx",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "pgtrigger",
    "django_structlog",
]

if ADMIN:
    INSTALLED_APPS.append("django.contrib.admin")

MIDDLEWARE = [
    "okrplanner.logs.log_request",
    "okrplanner.middleware.keep_to_ourselves",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.sessions.keep",
    "okrplanner.middleware.SignInRequired",
    "people.history.remember",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "okrplanner.middleware.own_page",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "okrplanner.formats",
                "okrplanner.stretch_bar",
                "okrplanner.round_strip",
                "okrplanner.terms",
                "okrplanner.devices",
                "okrplanner.keeping",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "okrplanner.context.masthead",
            ],
        },
    },
]

# Signing in

EXAMPLE_SLUGS = ("demo", "demo-inn")
EXAMPLE_DOMAIN = "demo.example"
EXAMPLE_PASSWORD = "try-okr-planner"  # noqa: S105 it is printed at every `make run` and refused elsewhere

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["okrplanner.sign_in.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "okrplanner.sign_in.PasswordOfOnesOwn"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_FORMS = {"reset_password": "people.forms.accounts.ResetPasswordForm"}
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reset_password": None}  # people/attempts.py counts these
SESSION_COOKIE_AGE = 60 * 60 * 24 * SESSION_ABSOLUTE_DAYS

# Language and time

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "okrplanner" / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

# Files

PLOTLY_DIR = Path(next(iter(importlib.util.find_spec("plotly").submodule_search_locations))) / "package_data"  # type: ignore[union-attr,arg-type]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", *bundled(BASE_DIR / "bundle"), ("plotly", PLOTLY_DIR)]
if not (ADMIN or EMBEDDED):
    # An image is built once and turned on later: what the admin pages wear is in it either way.
    ADMIN_DIR = Path(next(iter(importlib.util.find_spec("django.contrib.admin").submodule_search_locations)))  # type: ignore[union-attr,arg-type]
    STATICFILES_DIRS.append(("admin", ADMIN_DIR / "static" / "admin"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "okrplanner.static_files.HashedFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Cache and work in the background. A message only wakes the worker, so publishing may fail but must never hang.

CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "okrplanner.cache.PatientRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "okrplanner",
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 300,
        "unacked_restore_throttle": 1,
        "socket_timeout": 2,
        "socket_connect_timeout": 2,
        "global_keyprefix": "okrplanner:",
        "max_retries": 0,
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "okrplanner.cache.CountingDatabaseCache",
            "LOCATION": "cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "celery" / "queue"),
        "data_folder_out": str(VAR_DIR / "celery" / "queue"),
        "control_folder": str(VAR_DIR / "celery" / "control"),
        "polling_interval": 0.1,
    }
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "okrplanner"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 240  # below the visibility timeout, or a long task would be delivered twice
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 30  # a busy machine takes longer than the usual 4 s to bring a process up
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat" / "schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "objectives.tasks.sweep", "schedule": 60, "options": {"expires": 55}},
    "invitations": {"task": "people.tasks.send_invitations", "schedule": 60, "options": {"expires": 55}},
    "reminders": {"task": "dashboards.tasks.find_reminders", "schedule": 60, "options": {"expires": 55}},
    "messages": {"task": "dashboards.tasks.send_messages", "schedule": 60, "options": {"expires": 55}},
    "answers": {"task": "people.tasks.forget_answers", "schedule": 3600, "options": {"expires": 3000}},
    "deliveries": {"task": "people.tasks.forget_deliveries", "schedule": 3600, "options": {"expires": 3000}},
    "exports": {"task": "dashboards.tasks.make_exports", "schedule": 60, "options": {"expires": 55}},
    "lead_imports": {"task": "funnel.tasks.import_leads", "schedule": 60, "options": {"expires": 55}},
    "old_lead_imports": {"task": "funnel.tasks.forget_lead_imports", "schedule": 3600, "options": {"expires": 3000}},
    "old_exports": {"task": "people.tasks.forget_exports", "schedule": 3600, "options": {"expires": 3000}},
    "sessions": {"task": "people.tasks.forget_sessions", "schedule": 3600, "options": {"expires": 3000}},
}

# One line per request and task to standard error, as the platform or the supervisor's log files expect it.

LOGGING_CONFIG = "okrplanner.logs.start"
LOGGING = {"form": LOG_FORMAT, "level": LOG_LEVEL}
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_FAILURE_LOG_LEVEL = logging.ERROR

# Mail

if EMAIL_URL:
    vars().update(env.dj_email_url("EMAIL_URL"), EMAIL_TIMEOUT=10)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# Security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not EMBEDDED
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if not EMBEDDED:  # the prefix makes browsers refuse these from a neighbouring host or without TLS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SECURE_SSL_REDIRECT = not EMBEDDED
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 0 if EMBEDDED else 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not EMBEDDED
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["people.authentication.BearerToken", "people.authentication.BrowserSession"],
    "EXCEPTION_HANDLER": "people.api.answer_refusal",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "people.authentication.MayWrite"],
    "DEFAULT_THROTTLE_CLASSES": ["people.throttling.ByMinute"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["people.parsers.JSON"],
    "DEFAULT_SCHEMA_CLASS": "okrplanner.schema.Described",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "okrplanner",
    "VERSION": "1",
    "DESCRIPTION": "Goals, figures and check-ins for other programs, on the same rules as the pages.",
    "SCHEMA_PATH_PREFIX": r"/api/v1/(o/\{slug\}/)?",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "tryItOutEnabled": False},
    "ENUM_NAME_OVERRIDES": {
        "CycleState": "objectives.models.CycleState",
        "ObjectiveState": "objectives.models.ObjectiveState",
        "Intent": "objectives.models.Intent",
        "Kind": "objectives.models.Kind",
        "Level": "objectives.models.Level",
        "Link": "objectives.models.Link",
        "ActionState": "objectives.models.ActionState",
        "Health": "objectives.models.Health",
        "Weekday": "people.models.Weekday",
        "ObstacleKind": "objectives.models.ObstacleKind",
        "ObstacleState": "objectives.models.ObstacleState",
        "CommentKind": "objectives.models.CommentKind",
        "Risen": "objectives.models.Risen",
        "LineKind": "objectives.models.LineKind",
        "RetrospectiveStage": "objectives.models.Stage",
        "StageEnum": "funnel.models.Stage",
        "Outcome": "objectives.models.Outcome",
        "ContentState": "funnel.models.ContentState",
        "Fit": "funnel.models.Fit",
        "CandidateState": "funnel.models.CandidateState",
        "Column": "funnel.api.kpi_trees.COLUMNS",
        "TargetColumn": "funnel.api.scenarios.TARGETS",
        # Also what a reading covers: the same words in every language, so one name.
        "Period": "objectives.models.Period",
        "KPIPeriod": "funnel.models.KPIPeriod",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# History

PGHISTORY_JSON_ENCODER = "people.history.Late"

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
