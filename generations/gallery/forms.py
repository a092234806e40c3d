"""The form of a collection."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from generations.gallery.query import parse
from generations.models import Collection


class CollectionForm(forms.ModelForm):
    """Name, description, and for a smart one its search; whoever saves a new one owns it."""

    class Meta:
        model = Collection
        fields = ("name", "description", "query")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "query": forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        }
        labels = {"query": "Search"}
        help_texts = {
            "query": "With a search it always holds what that finds, such as rating>=4 tag:boats. "
            "Without one, pictures are put into it by hand."
        }

    def __init__(self, *args: Any, user, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if '"' in name:
            raise ValidationError("A name has no quotation marks, so that it can be searched for.")
        others = Collection.objects.filter(owner=self.user, name__iexact=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError("You have a collection of this name already. Choose another name.")
        return name

    def clean_query(self) -> str:
        text = " ".join(self.cleaned_data["query"].split())
        found = parse(text, today=timezone.localdate())
        if found.problems:
            raise ValidationError([f"{problem.text[:40]}: {problem.message}" for problem in found.problems])
        if found.person:
            raise ValidationError("A collection holds pictures of your own: leave “person:” out.")
        if text and self.instance.pk and not self.instance.query and self.instance.entries.exists():
            raise ValidationError("There are pictures in it, put there by hand. Make a new collection for a search.")
        return text

    def save(self, commit: bool = True) -> Any:
        if self.instance.pk is None:
            self.instance.owner = self.user
        self.instance.changed_at = timezone.now()
        return super().save(commit)
