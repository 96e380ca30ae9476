from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.utils import timezone

from polls import views
from polls.models import Question


def test_front_page_lists_questions(client, question):
    response = client.get("/")
    assert response.status_code == 200
    assert "Tabs or spaces?" in response.text
    assert "0 votes" in response.text


def test_front_page_without_questions_says_how_to_ask_one(client, db):
    assert "addpoll" in client.get("/").text


def test_front_page_of_a_new_database_says_how_to_make_its_tables(client, db, monkeypatch):
    def no_table():
        raise OperationalError("no such table: polls_question")

    monkeypatch.setattr(Question.objects, "published", no_table)
    monkeypatch.setattr(views.connection.introspection, "table_names", lambda: [])
    response = client.get("/")
    assert response.status_code == 200
    assert "python -m django migrate" in response.text


def test_front_page_does_not_hide_other_trouble_with_the_database(client, db, monkeypatch):
    def locked():
        raise OperationalError("database is locked")

    monkeypatch.setattr(Question.objects, "published", locked)
    with pytest.raises(OperationalError, match="locked"):
        client.get("/")


def test_vote_is_counted_and_leads_to_the_results(client, question):
    choice = question.choices.get(text="Spaces")
    response = client.post(f"/{question.pk}/", {"choice": choice.pk})
    assert response.status_code == 302
    assert response["Location"] == f"/{question.pk}/results/"
    choice.refresh_from_db()
    assert choice.votes == 1


def test_vote_without_an_answer_says_what_is_missing(client, question):
    response = client.post(f"/{question.pk}/", {})
    assert response.status_code == 400
    assert "Choose an answer first." in response.text


def test_vote_for_an_answer_to_another_question_is_refused(client, question):
    other = Question.objects.create(text="Other?")
    answer = other.choices.create(text="Elsewhere")
    assert client.post(f"/{question.pk}/", {"choice": answer.pk}).status_code == 400
    answer.refresh_from_db()
    assert answer.votes == 0


def test_results_show_the_leader_first(client, question):
    question.choices.get(text="Spaces").vote()
    response = client.get(f"/{question.pk}/results/")
    assert [(choice.text, choice.votes) for choice in response.context["choices"]] == [("Spaces", 1), ("Tabs", 0)]
    assert "1 vote in all" in response.text


def test_question_of_the_future_is_not_found(client, db):
    hidden = Question.objects.create(text="Later?", published=timezone.now() + timedelta(hours=1))
    assert client.get(f"/{hidden.pk}/").status_code == 404


def test_admin_asks_for_a_login(client, db):
    response = client.get("/admin/")
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


def test_static_files_are_part_of_the_package():
    assert finders.find("polls/style.css")
