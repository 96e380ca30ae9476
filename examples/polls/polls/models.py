from django.db import models
from django.db.models import F, Sum
from django.urls import reverse
from django.utils import timezone


class QuestionQuerySet(models.QuerySet["Question"]):
    def published(self) -> "QuestionQuerySet":
        return self.filter(published__lte=timezone.now())

    def with_votes(self) -> "QuestionQuerySet":
        # A query that groups forgets Meta.ordering: https://docs.djangoproject.com/en/5.2/topics/db/aggregation/#interaction-with-order-by
        return self.annotate(votes=Sum("choices__votes", default=0)).order_by(*Question._meta.ordering)


class Question(models.Model):
    text = models.CharField(max_length=200)
    published = models.DateTimeField(default=timezone.now, help_text="Not shown before.")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["-published", "-pk"]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("question", args=[self.pk])


class Choice(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField(max_length=200)
    votes = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["question", "text"], name="choice_unique_in_question")]

    def __str__(self) -> str:
        return self.text

    def vote(self) -> None:
        # Counted by the database, so that two votes at the same time are two votes.
        Choice.objects.filter(pk=self.pk).update(votes=F("votes") + 1)
