"""Every setting, in one file. What differs between installations comes from the environment.

docs/settings.md describes each variable.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from zhike.base.home import embedded_secret, home
from zhike.base.postgres import DATABASE, USER, socket_dir
from zhike.config.env import (
    SettingError,
    envbool,
    envchoice,
    envdatabase,
    envinstant,
    envint,
    envlist,
    envmail,
    envsecret,
    envstr,
    envzone,
)

PACKAGE = Path(__file__).resolve().parent.parent
DEBUG = envbool("ZHIKE_DEBUG", default=False)

# --- Database: a server's, or the embedded one of ZHIKE_HOME ---

_server = envdatabase("DATABASE_URL")
# The data folder of the embedded server, None when DATABASE_URL names another.
ZHIKE_EMBEDDED = None if _server else home() / "postgres"
_address = _server or {
    "NAME": DATABASE,
    "USER": USER,
    "HOST": str(socket_dir(home() / "postgres")),
    "OPTIONS": {},
}
DATABASES = {
    "default": {
        **_address,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,  # a restarted server costs no request
        "OPTIONS": {"connect_timeout": 5, "application_name": "zhike", **_address["OPTIONS"]},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Secret: none has a working default; the embedded installation draws its own ---

SECRET_LENGTH = 50
SECRET_KEY = envsecret("ZHIKE_SECRET_KEY")
if not SECRET_KEY and ZHIKE_EMBEDDED is None:
    raise SettingError(
        "使用 DATABASE_URL 时必须设置 ZHIKE_SECRET_KEY 或 ZHIKE_SECRET_KEY_FILE（至少 50 个随机字符）。",
        "With DATABASE_URL, set ZHIKE_SECRET_KEY or ZHIKE_SECRET_KEY_FILE (50 random characters or more).",
    )
if SECRET_KEY and len(SECRET_KEY) < SECRET_LENGTH:
    raise SettingError(
        f"环境变量 ZHIKE_SECRET_KEY 太短：至少 {SECRET_LENGTH} 个随机字符。",
        f"The environment variable ZHIKE_SECRET_KEY is too short: {SECRET_LENGTH} random characters or more.",
    )
SECRET_KEY = SECRET_KEY or embedded_secret()
SECRET_KEY_FALLBACKS = [key for key in [envsecret("ZHIKE_SECRET_KEY_OLD")] if key]

# --- Where people reach us. ZHIKE_URL declares the public address; https there closes the cookies ---

ZHIKE_URL = envstr("ZHIKE_URL")
_public = urlsplit(ZHIKE_URL)
if ZHIKE_URL and not (_public.scheme in {"http", "https"} and _public.hostname):
    raise SettingError(
        "环境变量 ZHIKE_URL 必须是网址，例如 https://crm.example.com。",
        "The environment variable ZHIKE_URL must be an address such as https://crm.example.com.",
    )
ALLOWED_HOSTS = [
    *envlist("ZHIKE_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]),
    *([_public.hostname] if _public.hostname else []),
]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if ZHIKE_URL else []
_https = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = envint("ZHIKE_HSTS_SECONDS", 3600) if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None

CSRF_FAILURE_VIEW = "zhike.base.middleware.csrf_failure"
SESSION_ENGINE = "zhike.accounts.sessions"
SESSION_COOKIE_NAME = "zhike_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "zhike_csrf"
LANGUAGE_COOKIE_NAME = "zhike_language"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "style-src-attr": ["'unsafe-inline'"],  # widths of bars and hues of tones are data
    "img-src": ["'self'", "data:"],  # Tabler draws its check marks as data: images
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "worker-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}

# --- Letters: without ZHIKE_MAIL none are sent, and links are shown to whoever asked for them ---

_mailer = envmail("ZHIKE_MAIL")
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": _mailer}} if _mailer else {}
DEFAULT_FROM_EMAIL = envstr("ZHIKE_MAIL_FROM", f"zhike@{_public.hostname or 'localhost'}")
SILENCED_SYSTEM_CHECKS = ["mail.W001"]  # no mailer is a choice

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "zhike.base.uploads.Limit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- The program ---

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "zhike.base",
    "zhike.audit",
    "zhike.accounts",
    "zhike.jobs",
    "zhike.timeline",
    "zhike.customers",
    "zhike.privacy",
    "zhike.classification",
    "zhike.assignment",
    "zhike.pools",
    "zhike.notices",
    "zhike.followups",
    "zhike.duplicates",
    "zhike.imports",
    "zhike.web",
]
MIDDLEWARE = [
    "zhike.base.middleware.Pages",
    "zhike.base.doors.PageDoor",
    "zhike.base.htmx.HtmxRedirectMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # a view is closed unless it says otherwise
    "zhike.accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "zhike.base.middleware.Errors",
    "zhike.web.merges.middleware.Forwarding",
]
ROOT_URLCONF = "zhike.config.urls"
WSGI_APPLICATION = "zhike.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhike.web.shell.shell",
            ],
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "zhike.accounts.hashing.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("MinimumLengthValidator", {"min_length": 8}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
PASSWORD_RESET_TIMEOUT = 3600  # the life of every link that lets somebody in

# --- Language and time ---

LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_CODE = envchoice("ZHIKE_LANGUAGE", "zh-hans", ("zh-hans", "en"))
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = envzone("ZHIKE_TIMEZONE", "Asia/Shanghai")
ZHIKE_NOW = envinstant("ZHIKE_NOW")

# --- Static files: with ZHIKE_STATIC_ROOT (`zhike serve` fills it) their names carry a digest and
# browsers keep them; without it they are served straight from the package ---

STATIC_URL = "/static/"
_static_root = envstr("ZHIKE_STATIC_ROOT")
STATIC_ROOT = _static_root or None
WHITENOISE_USE_FINDERS = not _static_root
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _static_root
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = home() / "files"

# --- Processes ---

ZHIKE_WEB_WORKERS = envint("ZHIKE_WEB_WORKERS", min(os.cpu_count() or 2, 4), least=1, most=64)

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": envint("ZHIKE_WORKER_CONCURRENCY", 4, least=1, most=100),
    "shutdown_graceful_timeout": 20,
    "delete_jobs": "successful",
}

# --- Who sees an event in the transaction that writes it: timeline.actions calls these ---

ZHIKE_ON_BINNED = ["zhike.classification.bin.leave_classes", "zhike.followups.actions.following.shelve"]
ZHIKE_ON_RESTORED = ["zhike.classification.bin.return_to_classes", "zhike.followups.actions.following.unshelve"]
# What a contact keeps is looked at first: the class that promised it may be left by the same event.
ZHIKE_ON_EVENT = [
    "zhike.assignment.actions.promises.see_event",
    "zhike.classification.live.place_after_event",
    "zhike.followups.actions.following.see_event",
    "zhike.classification.mentions.tell_mentioned",
    "zhike.duplicates.tasks.after_event",
]
ZHIKE_ON_EVENTS = [
    "zhike.assignment.actions.promises.see_events",
    "zhike.classification.batch.place_customers",
    "zhike.followups.actions.following.see_events",
    "zhike.pools.actions.stays.leave_pools",  # an import gives customers to people too
]

# --- Which customers that nobody owns a person may claim: accounts.policy asks these for a condition ---

ZHIKE_OFFERS = ["zhike.pools.members.offered_to"]

# --- Who hears of the customers that a file has made, in the transaction of the step: called with their ids; each may
# --- return a `customers.followed.Followed` for the page of the import ---

ZHIKE_ON_IMPORTED = ["zhike.assignment.actions.assigning.assign_imported", "zhike.duplicates.tasks.after_import"]

# --- Which customers that nobody owns lie ready for people to claim: assignment.choosing asks these for a condition ---

ZHIKE_IN_POOLS = ["zhike.pools.members.in_open_pool"]

# --- Who says of a trial whom the new customers of a file may be: called with them, returns `customers.followed.Likely` ---

ZHIKE_ON_TRIED = ["zhike.duplicates.trying.likely_in_file"]

# --- Who hears of new customers without an owner, of customers given to one, and of classes that were entered ---

ZHIKE_ON_UNOWNED = ["zhike.assignment.actions.assigning.assign_created"]
ZHIKE_ON_GIVEN = [
    "zhike.assignment.actions.promises.follow_owners",
    "zhike.pools.actions.stays.leave_pools",
    "zhike.followups.actions.following.follow_owners",
]
ZHIKE_ON_PLACED = [
    "zhike.assignment.actions.queue.wait_for_rules",
    "zhike.assignment.actions.promises.follow_classes",
    "zhike.followups.actions.following.follow_classes",
]
# The parts of a pack beside its classes: who gives them as they are, and who puts them in force.
ZHIKE_PACK_PARTS = {"plans": "zhike.followups.queries.templates.present_plans"}
ZHIKE_ON_PACK = ["zhike.followups.actions.templates.install_templates"]
# Who hears that a contact was written down by hand, with or without a day for the next one.
ZHIKE_ON_LOGGED = ["zhike.followups.actions.following.follow_log"]
# Who takes over what waits for somebody who signs in no more.
ZHIKE_ON_DEACTIVATED = ["zhike.followups.actions.leaving.give_on"]

# --- Who else forgets a person who is erased: privacy.actions.erasure calls these in its transaction ---

ZHIKE_ON_ERASE = [
    "zhike.classification.actions.refusals.forget_classes",
    "zhike.imports.actions.tidying.forget_person",
    "zhike.pools.actions.stays.forget_person",
]
# What was erased, kept beside the database: a restored backup is brought up to it.
ZHIKE_LEDGER = home() / "deletions.jsonl"

# --- Who may not have sensitive data of theirs written: customers.sensitive asks these with the ids of a write ---

ZHIKE_ON_SENSITIVE = ["zhike.privacy.sensitive.without_consent"]

# --- Personal data: how many masked values a person is told a day, who hears of it, when to ask again ---

ZHIKE_REVEALS_A_DAY = envint("ZHIKE_REVEALS_A_DAY", 30, least=1, most=1000)
ZHIKE_ON_REVEALS = ["zhike.classification.actions.notifications.tell_of_reveals"]
ZHIKE_ASK_AGAIN_DAYS = envint("ZHIKE_ASK_AGAIN_DAYS", 180, least=1, most=3650)

# --- The kinds of background jobs, and who hears that one has come to an end ---

ZHIKE_JOBS = {
    "undo": "zhike.jobs.undoing.Undo",
    "assign": "zhike.web.bulk.kinds.Assign",
    "hand_over": "zhike.web.bulk.kinds.HandOver",
    "tag": "zhike.web.bulk.kinds.Tag",
    "field": "zhike.web.bulk.kinds.SetField",
    "plan": "zhike.web.bulk.kinds.Plan",
    "override": "zhike.web.bulk.kinds.SetClass",
    "pool": "zhike.web.pools.kinds.IntoPool",
    "delete": "zhike.web.bulk.kinds.Delete",
    "restore": "zhike.web.bulk.kinds.Restore",
    "export": "zhike.web.bulk.export.Export",
    "copy": "zhike.web.privacy.package.Copy",
    "retag": "zhike.web.tags.kinds.Retag",
    "restate": "zhike.web.rates.kinds.Restate",
    "assign_by_rules": "zhike.assignment.kinds.AssignByRules",
    "duplicates": "zhike.duplicates.kinds.Search",
    "import": "zhike.imports.kinds.Run",
    "import_check": "zhike.imports.kinds.Check",
    "import_undo": "zhike.imports.kinds.TakeBack",
}
ZHIKE_ON_JOB = ["zhike.classification.actions.notifications.tell_of_job"]

# --- What a person's digest by e-mail is made of: notices.digest asks these in turn, notices/parts.py says what they give ---

ZHIKE_DIGEST = [
    "zhike.followups.digest.tasks_due",
    "zhike.notices.contacts.contacts_due",
    "zhike.followups.digest.told_of_others",
    "zhike.notices.told.escalated_promises",
    "zhike.notices.told.open_promises",
    "zhike.notices.told.classes_to_review",
    "zhike.notices.told.other_news",
]

# --- Where bots may be besides WeCom, DingTalk and Feishu: whole origins, such as https://bots.example.com ---

ZHIKE_BOT_ORIGINS = envlist("ZHIKE_BOT_ORIGINS", [])

# --- Who knows what reads a field of the company's own: customers.fields asks these ---

ZHIKE_FIELD_USES = [
    "zhike.classification.uses.rules_that_read",
    "zhike.assignment.rules.rules_that_read",
    "zhike.pools.uses.pools_that_read",
]
# Who knows which metrics are read beside the rules of classes: classification keeps those.
ZHIKE_METRIC_USES = ["zhike.assignment.rules.metrics_read", "zhike.pools.uses.metrics_of_pools"]

_log_level = envchoice("ZHIKE_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"database_away": {"()": "zhike.base.logs.DatabaseAway"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["database_away"]}},
    "root": {"handlers": ["stderr"], "level": _log_level},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "psycopg.pool": {"level": "ERROR"},  # it warns of every try to come back to a server that is away
    },
}
