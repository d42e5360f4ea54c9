"""Settings as `startproject` writes them, where nothing else is needed. `BENCH_SETTING` is the folder of the bench."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from tests.bench.setting import Setting

FOLDER = Path(os.environ["BENCH_SETTING"])
HERE = msgspec.json.decode((FOLDER / "setting.json").read_bytes(), type=Setting)
_URL = urlsplit(HERE.url)

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.bench.peer.urls"
USE_TZ = True
TIME_ZONE = HERE.zone
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "tests.bench.peer",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FOLDER / "peer"],
        "OPTIONS": {"builtins": ["tests.bench.peer.filters"]},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _URL.hostname,
        "PORT": _URL.port,
        "USER": unquote(_URL.username or ""),
        "PASSWORD": unquote(_URL.password or ""),
        "NAME": _URL.path.lstrip("/"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"options": "-c search_path=peer"},
    }
}
