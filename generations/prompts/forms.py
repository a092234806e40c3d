"""The forms of templates and styles."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations.models import PromptTemplate, Style
from generations.prompts import styling, templating


class KeptForm(forms.ModelForm):
    """Name and audience; whoever saves it owns it, where nobody does yet."""

    def __init__(self, *args: Any, user, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["is_shared"].help_text = "Everybody can use it; only you can change it."

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        owner = self.instance.owner_id if self.instance.pk else self.user.pk
        taken = type(self.instance)._default_manager.filter(owner_id=owner, name=name).exclude(pk=self.instance.pk)
        if taken.exists():
            raise ValidationError("You have one of this name already. Choose another name.")
        return name

    def save(self, commit: bool = True) -> Any:
        if self.instance.pk is None:
            self.instance.owner = self.user
        return super().save(commit)


class TemplateForm(KeptForm):
    class Meta:
        model = PromptTemplate
        fields = ("name", "kind", "text", "is_shared")
        widgets = {"text": forms.Textarea(attrs={"rows": 4, "spellcheck": "true"}), "kind": forms.RadioSelect}
        help_texts = {"text": "Names in double braces, such as {{subject}}, are filled in each time it is used."}

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        if data.get("text"):
            text = data["text"] = data["text"].strip()
            self.instance.made_for = templating.made_for(text, date.today())
            for problem in templating.problems(text, data.get("kind", "")):
                self.add_error("text", problem.message)
        return data


class StyleForm(KeptForm):
    class Meta:
        model = Style
        fields = ("name", "parameters", "is_shared")
        widgets = {"parameters": forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "none"})}
        help_texts = {"parameters": "As they would be typed: --ar 16:9 --raw --stylize 250"}

    def clean_parameters(self) -> str:
        parameters = " ".join(self.cleaned_data["parameters"].split())
        found = styling.problems(parameters)
        if found:
            raise ValidationError([problem.message for problem in found])
        self.instance.made_for = templating.made_for(parameters, date.today())
        return parameters
