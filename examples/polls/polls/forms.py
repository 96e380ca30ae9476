from django import forms

from polls.models import Choice, Question


class VoteForm(forms.Form):
    choice = forms.ModelChoiceField(
        Choice.objects.none(), empty_label=None, widget=forms.RadioSelect, error_messages={"required": "Choose an answer first."}
    )

    def __init__(self, question: Question, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].queryset = question.choices.all()
        self.fields["choice"].label = question.text
