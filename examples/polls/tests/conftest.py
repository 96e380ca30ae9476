import pytest

from polls.models import Choice, Question


@pytest.fixture(autouse=True)
def plain_static_files(settings, tmp_path):
    """Tests need no collectstatic: names without hashes, and an empty folder for WhiteNoise."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture
def question(db) -> Question:
    question = Question.objects.create(text="Tabs or spaces?")
    Choice.objects.create(question=question, text="Tabs")
    Choice.objects.create(question=question, text="Spaces")
    return question
