"""The settings of both ways to run: embedded (the default: no server needed) and production.

Everything that differs between installations comes from the environment; see docs/settings.md.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal import environment as env
from portal.logs import configuration as logging_configuration
from portal.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env.choice("PORTAL_MODE", "embedded", {"embedded", "production"})
EMBEDDED = MODE == "embedded"
VAR = Path(env.text("PORTAL_VAR", str(BASE_DIR / "var")))
DEBUG = env.boolean("PORTAL_DEBUG", default=False)
DESIGN_PAGE = env.boolean("PORTAL_DESIGN_PAGE", default=EMBEDDED)

SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not EMBEDDED:
        raise ImproperlyConfigured("Set SECRET_KEY or SECRET_KEY_FILE: production makes no key of its own.")
    SECRET_KEY = env.kept_secret(VAR / "secret-key")

SITE_URL = env.text("PORTAL_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.listing("PORTAL_HOSTS", "localhost,127.0.0.1,[::1]" if EMBEDDED else "")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []
FORM_RENDERER = "assessments.presentation.forms.PortalFormRenderer"
WSGI_APPLICATION = "portal.wsgi.application"
ROOT_URLCONF = "portal.urls"

INSTALLED_APPS = [
    "assessments.accounts.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rules.apps.AutodiscoverRulesConfig",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "assessments.presentation",
    "assessments.glossary",
    "assessments.ledger",
    "assessments.accounts",
    "assessments.standards",
    "assessments.systems",
    "assessments.applications",
    "evaluations.runs",
    "evaluations.cases",
    "portal.certificates",
    "portal.assurance",
    "portal.verification",
    "portal.registry",
    "portal.oversight",
    "portal.notifications",
    "portal.dashboards",
    "portal.privacy",
    "portal.operations",
    "portal.demo",
    "portal.help",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.operations.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.operations.pacing.PaceMiddleware",
    "assessments.accounts.middleware.SignInMiddleware",
    "assessments.accounts.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.operations.middleware.WrongMethodMiddleware",
]

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
                "assessments.presentation.context.portal",
            ],
        },
    },
]

DATABASES = {"default": environ.Env.db_url_config(env.text("DATABASE_URL", f"sqlite:///{VAR / 'portal.sqlite3'}"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # DEFERRED transactions answer "database is locked" under write load; IMMEDIATE ones wait their turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A pool serves the threads of a web process; in prefork workers it would open more sessions, not fewer.
    if env.boolean("PORTAL_DATABASE_POOL", default=False):
        DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 8}}
    else:
        DATABASES["default"]["CONN_MAX_AGE"] = 60
# Throttles count together in all web processes, on either database.
CACHES = {"default": {"BACKEND": "assessments.accounts.shared_cache.TableCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "assessments.accounts.password_rules.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "assessments.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "assessments.accounts.forms.SignInForm",
    "signup": "assessments.accounts.forms.SignUpForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# A working day, however busy the browser was.
SIGN_IN_LASTS = timedelta(hours=env.integer("PORTAL_SIGN_IN_HOURS", 12, minimum=1))
SESSION_COOKIE_AGE = int(SIGN_IN_LASTS.total_seconds())

# A second factor is asked of those who decide, oversee or administer; only a demo on this computer goes without.
LOOPBACK = urlsplit(SITE_URL).hostname in {"localhost", "127.0.0.1", "::1"}
REQUIRE_MFA = env.boolean("PORTAL_REQUIRE_MFA", default=not (EMBEDDED and LOOPBACK))
MFA_ADAPTER = "assessments.accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "assessments.accounts.second_factor_forms.CodeForm",
    "reauthenticate": "assessments.accounts.second_factor_forms.CodeAgainForm",
    "activate_totp": "assessments.accounts.second_factor_forms.AppForm",
    "add_webauthn": "assessments.accounts.second_factor_forms.KeyForm",
    "edit_webauthn": "assessments.accounts.second_factor_forms.KeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # a code that ends while it is typed still holds (RFC 6238, 5.2)

# Single sign-on by OpenID Connect, when a provider is named.
OIDC_ISSUER = env.text("PORTAL_OIDC_ISSUER").rstrip("/")
OIDC_ORIGIN = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_ISSUER))] if OIDC_ISSUER else []
OIDC_NAME = env.text("PORTAL_OIDC_NAME", "OpenID Connect")
SOCIALACCOUNT_ADAPTER = "assessments.accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": env.text("PORTAL_OIDC_CLIENT_ID"),
                "secret": env.text("PORTAL_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
# The provider confirms addresses; whoever confirms mine may sign in as me, so one that is not trusted is not named.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
# Requests a minute from one address without a sign-in; 0: as many as one likes.
READING_PACE = env.integer("PORTAL_READING_PACE", 0 if EMBEDDED and LOOPBACK else 600)
LOGIN_REDIRECT_URL = "/dashboard/"
LOGIN_URL = "/accounts/login/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
# One catalogue for each room, so that a room's texts are found where its code is described.
LOCALE_PATHS = sorted((BASE_DIR / "locale").glob("*")) if (BASE_DIR / "locale").exists() else []
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("PORTAL_STATIC_ROOT", str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or env.boolean("PORTAL_PLAIN_STATIC", default=False)
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 31536000 if not DEBUG else 0
MEDIA_ROOT = VAR / "files"

# Artifacts: content-addressed files, and uploads that are still under way.
ARTIFACT_ROOT = Path(env.text("PORTAL_ARTIFACTS", str(VAR / "artifacts")))
UPLOAD_ROOT = Path(env.text("PORTAL_UPLOADS", str(VAR / "uploads")))
# With a bucket the artifacts lie there, and jobs read copies on their own computer.
STORE = env.bucket("PORTAL_STORE")
COPIES_ROOT = Path(env.text("PORTAL_COPIES", str(VAR / "copies")))
COPIES_MAX_BYTES = env.integer("PORTAL_COPIES_MAX_MB", 4096, minimum=1) * 1024 * 1024
# Within how many working days each step of an evaluation is to be done (assessments.applications.terms).
SERVICE_TERMS = env.counts(
    "PORTAL_SERVICE_TERMS",
    {"admission": 10, "agreement": 10, "planning": 10, "evaluation": 30, "review": 10, "decision": 5},
)

# After how many days what is over is deleted (portal.privacy.retention).
RETENTION = env.counts(
    "PORTAL_RETENTION_DAYS",
    {
        "drafts": 365,
        "uploads": 30,
        "inbox": 365,
        "letters": 90,
        "readings": 1095,
        "sign_ins": 90,
        "invitations": 90,
        "files": 2190,
    },
)

UPLOAD_MAX_BYTES = env.integer("PORTAL_UPLOAD_MAX_MB", 512, minimum=1) * 1024 * 1024
STORAGE_QUOTA_BYTES = env.integer("PORTAL_ORGANISATION_QUOTA_MB", 20_480, minimum=1) * 1024 * 1024
UPLOAD_CHUNK_BYTES = env.integer("PORTAL_UPLOAD_CHUNK_KB", 1024, minimum=1) * 1024
VERIFICATION_MAX_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["assessments.systems.receiving.QuarantineHandler"]

KEY_ROOT = Path(env.text("PORTAL_KEYS", str(VAR / "keys")))
SIGNING_PKCS12 = env.text("PORTAL_SIGNING_PKCS12")
SIGNING_PASSPHRASE = env.text("PORTAL_SIGNING_PASSPHRASE")
TIMESTAMP_URL = env.text("PORTAL_TIMESTAMP_URL")
SANDBOX_MINIMUM = env.choice("PORTAL_SANDBOX_MINIMUM", "S1", {"S1", "S2", "S3"})
SANDBOX_WARM = env.integer("PORTAL_SANDBOX_WARM", 1, minimum=0)

CELERY_BROKER_URL = env.text("PORTAL_BROKER_URL", "filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR / "queue"),
        "data_folder_out": str(VAR / "queue"),
        "control_folder": str(VAR / "queue-control"),
        "store_processed": False,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_keepalive": True}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "portal.worker_pool:TaskPool"
CELERY_TASK_TIME_LIMIT = 3000
CELERY_TASK_SOFT_TIME_LIMIT = 2940
CELERY_TASK_DEFAULT_QUEUE = "runs"
CELERY_TASK_ROUTES = {
    "assessments.systems.tasks.*": {"queue": "quick"},
    "evaluations.runs.tasks.inspect_artifact": {"queue": "quick"},
    "portal.verification.tasks.*": {"queue": "quick"},
    "portal.operations.tasks.*": {"queue": "quick"},
    "portal.privacy.tasks.*": {"queue": "quick"},
    "portal.certificates.tasks.*": {"queue": "quick"},
    "portal.registry.tasks.*": {"queue": "quick"},
    "portal.notifications.tasks.*": {"queue": "quick"},
    "evaluations.runs.tasks.sweep": {"queue": "quick"},
    # Seconds of work, for which neither a certificate nor a sweeper should wait.
    "evaluations.cases.tasks.print_report": {"queue": "runs"},
    "assessments.standards.tasks.*": {"queue": "runs"},
    "evaluations.cases.tasks.*": {"queue": "quick"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "portal.beat:Beat"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

EMAIL_URL = env.text("PORTAL_EMAIL_URL")
if EMAIL_URL:
    globals().update(environ.Env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("PORTAL_EMAIL_FROM", "Trust Assessment Portal <portal@localhost>")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "portal.operations.refusals.forged"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
if HTTPS:
    # Browsers take such names only over TLS, for this very host and its whole path: no neighbour can plant one.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_SSL_REDIRECT = HTTPS and not EMBEDDED
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.boolean("PORTAL_BEHIND_PROXY", default=not EMBEDDED)
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)  # throttles count the visitor, not the proxy
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # The form that begins single sign-on is answered by a redirect to the provider.
        "form-action": [SELF, *OIDC_ORIGIN],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "assessments.accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["assessments.accounts.tokens.WithinScope"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.operations.parsing.StrictJSONParser"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "EXCEPTION_HANDLER": "portal.operations.refusals.refused",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Trust Assessment Portal",
    "DESCRIPTION": "Submit AI systems, follow their evaluation, read the registry, verify a certificate.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.operations.schema.document_refusals",
    ],
    # Several objects have a status; each needs a name of its own in the schema.
    "ENUM_NAME_OVERRIDES": {
        "VersionStatusEnum": "assessments.systems.models.SystemVersion.Status",
        "ApplicationStatusEnum": "assessments.applications.models.Application.Status",
        "CaseStatusEnum": "evaluations.cases.models.Case.Status",
        "RunStatusEnum": "evaluations.runs.models.Run.Status",
        "EditionStatusEnum": "assessments.standards.models.Status",
        "RoleEnum": "assessments.accounts.models.Role",
        "FileRoleEnum": "assessments.systems.models.Artifact.Role",
        "OrganisationKindEnum": "assessments.accounts.models.Organisation.Kind",
        "FindingKindEnum": "evaluations.cases.models.Finding.Kind",
        "NotificationKindEnum": "portal.notifications.models.Kind",
        "CaseOutcomeEnum": "evaluations.cases.models.Case.Outcome",
        "CommentOutcomeEnum": "assessments.standards.models.Comment.Outcome",
    },
}

# Metrics for Prometheus are off until there is a token. Each web process counts in a file of its own.
METRICS_TOKEN = env.secret("PORTAL_METRICS_TOKEN", minimum=16)
METRICS_ROOT = Path(env.text("PORTAL_METRICS_FOLDER", str(VAR / "metrics" / socket.gethostname())))
if METRICS_TOKEN:
    METRICS_ROOT.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_ROOT)

LOGGING_CONFIG = None
logging_configuration(
    json=env.boolean("PORTAL_JSON_LOGS", default=not EMBEDDED), level=env.text("PORTAL_LOG_LEVEL", "INFO")
)
