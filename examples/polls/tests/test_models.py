from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from polls.models import Choice, Question


def test_published_hides_questions_of_the_future(question):
    Question.objects.create(text="Later?", published=timezone.now() + timedelta(hours=1))
    assert list(Question.objects.published()) == [question]


def test_newest_question_comes_first(question):
    newer = Question.objects.create(text="Newer?")
    assert list(Question.objects.all()) == [newer, question]
    assert list(Question.objects.with_votes()) == [newer, question]


def test_vote_counts_in_the_database_not_in_memory(question):
    first = question.choices.get(text="Tabs")
    stale = question.choices.get(text="Tabs")
    first.vote()
    stale.vote()
    first.refresh_from_db()
    assert first.votes == 2


def test_votes_are_summed_over_choices(question):
    for choice in question.choices.all():
        choice.vote()
    assert Question.objects.with_votes().get().votes == 2


def test_votes_of_a_question_without_choices_are_zero(db):
    Question.objects.create(text="Nothing to choose?")
    assert Question.objects.with_votes().get().votes == 0


def test_a_choice_is_offered_once(question):
    with pytest.raises(IntegrityError):
        Choice.objects.create(question=question, text="Tabs")
