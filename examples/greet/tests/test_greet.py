import subprocess
import sys

import pytest

from greet import greeting
from greet.command import main


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], "Hello, world."),
        (["Ada"], "Hello, Ada: you are one person."),
        (["Ada", "Grace"], "Hello, Ada and Grace: you are two people."),
        (["Ada", "Grace", "Barbara"], "Hello, Ada, Grace, and Barbara: you are three people."),
    ],
)
def test_greeting(names, text):
    assert greeting(names) == text


def test_command_shouts(capsys):
    assert main(["--shout", "Ada"]) == 0
    assert capsys.readouterr().out == "HELLO, ADA: YOU ARE ONE PERSON.\n"


def test_module_runs():
    done = subprocess.run([sys.executable, "-m", "greet", "Ada"], capture_output=True, text=True, check=True)
    assert done.stdout == "Hello, Ada: you are one person.\n"
