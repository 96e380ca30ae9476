from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from polls.models import Choice, Question


class Command(BaseCommand):
    help = "Asks a question with two or more answers to choose from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("choices", nargs="+", metavar="choice")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        choices: list[str] = options["choices"]
        if len(choices) < 2:
            raise CommandError("A poll needs at least two answers to choose from.")
        if len(set(choices)) < len(choices):
            raise CommandError("Each answer can be given only once.")
        question = Question.objects.create(text=options["question"])
        Choice.objects.bulk_create(Choice(question=question, text=text) for text in choices)
        self.stdout.write(f"Poll {question.pk}: {question} ({len(choices)} choices)")
