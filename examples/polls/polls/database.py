"""A database setting from a URL, so that one variable names the database."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        # Readers do not wait for a writer, and two writers wait for each other instead of failing.
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE"},
    }


def from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # As SQLAlchemy and dj-database-url read it: three slashes for a relative file, four for an absolute one.
        return sqlite(Path(unquote(parts.path.removeprefix("/"))))
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    # The URL may hold a password: only its scheme is shown.
    raise ImproperlyConfigured(f"DATABASE_URL begins with {parts.scheme or 'no scheme'}: use postgres:// or sqlite:///")
