import pytest
from django.core.management import CommandError, call_command

from polls.models import Question


def test_addpoll_asks_a_question(db, capsys):
    call_command("addpoll", "Vim or Emacs?", "Vim", "Emacs")
    question = Question.objects.get()
    assert [choice.text for choice in question.choices.all()] == ["Vim", "Emacs"]
    assert "Vim or Emacs? (2 choices)" in capsys.readouterr().out


@pytest.mark.parametrize(("choices", "message"), [(["Only"], "at least two"), (["Same", "Same"], "only once")])
def test_addpoll_refuses_a_poll_without_a_choice(db, choices, message):
    with pytest.raises(CommandError, match=message):
        call_command("addpoll", "Really?", *choices)
    assert not Question.objects.exists()
