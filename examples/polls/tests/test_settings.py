import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from polls import database


def test_postgres_url_is_taken_apart():
    setting = database.from_url("postgres://alice:p%40ss@db.example:6543/polls")
    assert setting["ENGINE"] == "django.db.backends.postgresql"
    assert (setting["HOST"], setting["PORT"], setting["NAME"]) == ("db.example", "6543", "polls")
    assert (setting["USER"], setting["PASSWORD"]) == ("alice", "p@ss")


@pytest.mark.parametrize(("url", "file"), [("sqlite:///here.db", "here.db"), ("sqlite:////var/lib/polls.db", "/var/lib/polls.db")])
def test_sqlite_url_names_a_file(url, file):
    assert database.from_url(url)["NAME"] == Path(file)


def test_unknown_database_is_refused_without_showing_its_password():
    with pytest.raises(ImproperlyConfigured) as refused:
        database.from_url("mysql://root:secret@db/polls")
    assert "mysql" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_release_without_configuration_makes_up_a_key_and_says_so(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "DEBUG", "DATABASE_URL")}
    code = "from polls import settings; print(len(settings.SECRET_KEY) >= 50, settings.DEBUG, settings.DATABASES['default']['NAME'])"
    done = subprocess.run([sys.executable, "-c", code], env=environment | {"DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", str(tmp_path / "db.sqlite3")]
    assert "SECRET_KEY is not set" in done.stderr


def test_migrations_are_complete(db):
    call_command("makemigrations", "polls", check=True, dry_run=True)
