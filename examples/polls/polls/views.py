from django.db import OperationalError, ProgrammingError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from polls.forms import VoteForm
from polls.models import Question


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    try:
        questions = list(Question.objects.published().with_votes()[:20])
    except (OperationalError, ProgrammingError):
        # A new database is no fault: say what it needs. Any other trouble with the database stays an error.
        if Question._meta.db_table in connection.introspection.table_names():
            raise
        return render(request, "polls/unmigrated.html")
    return render(request, "polls/index.html", {"questions": questions})


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(Question.objects.published(), pk=pk)
    form = VoteForm(asked, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.cleaned_data["choice"].vote()
        return redirect("results", pk=asked.pk)
    return render(request, "polls/question.html", {"question": asked, "form": form}, status=400 if form.is_bound else 200)


@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(Question.objects.published().with_votes(), pk=pk)
    return render(request, "polls/results.html", {"question": asked, "choices": asked.choices.order_by("-votes", "pk")})
