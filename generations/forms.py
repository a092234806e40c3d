"""The form of the prompt bar."""

import hashlib
import json
import re
from typing import Any

from django import forms

from accounts.models import Account
from generations import panel
from generations.models import Collection
from midjourney import prompt as language
from midjourney.prompt import Problem, PromptSyntaxError

LONGEST_TEXT = 20_000  # far above what the service takes, which the preview explains; beyond this nobody typed it
EVERY_CHANGED = "*"


class PromptForm(forms.Form):
    """Text, account and panel. The text is the truth: what was changed in the panel is written into it.

    With script, `changed` names the controls that were touched since the last answer. Without, every value counts
    that differs from what the panel had shown.
    """

    text = forms.CharField(required=False, max_length=LONGEST_TEXT, strip=False)
    account = forms.ModelChoiceField(Account.objects.none(), required=False)
    into = forms.ModelChoiceField(Collection.objects.none(), required=False, to_field_name="ref")
    key = forms.CharField(required=False, max_length=32)
    shown = forms.CharField(required=False, max_length=4 * LONGEST_TEXT)
    changed = forms.CharField(required=False, max_length=1000)

    def __init__(self, *args: Any, user, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: tuple[Problem, ...] = ()
        self.fields["account"].queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["into"].queryset = Collection.objects.owned_by(user).plain()  # type: ignore[attr-defined]
        for name in panel.NAMES:
            is_flag = name in panel.FLAGS
            self.fields[name] = (
                forms.BooleanField(required=False) if is_flag else forms.CharField(required=False, max_length=1000)
            )

    def clean_text(self) -> str:
        return re.sub(r"\r\n?", "\n", self.cleaned_data["text"]).strip()

    def clean_shown(self) -> dict[str, Any]:
        try:
            shown = json.loads(self.cleaned_data["shown"] or "{}")
        except (ValueError, RecursionError):
            return {}
        return shown if isinstance(shown, dict) else {}

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        text, problems = data.get("text", ""), []
        for name in self._changed_names():
            if len(text) > LONGEST_TEXT:
                break  # the check of the whole text says so
            try:
                text = language.update(text, **{name: data[name]})
            except PromptSyntaxError as error:
                problems.append(error.problem)
        data["text"] = text
        self.problems = tuple(problems) + tuple(_problem(self, name) for name in self.errors)
        return data

    def _changed_names(self) -> list[str]:
        data = self.cleaned_data
        given = [name for name in panel.NAMES if name in data]
        if "changed" in self.data and data.get("changed") != EVERY_CHANGED:
            named = set((data.get("changed") or "").split(","))
            return [name for name in given if name in named]
        shown = data.get("shown", {})
        return [name for name in given if data[name] != shown.get(name, False if name in panel.FLAGS else "")]

    @property
    def typed_text(self) -> str:
        """What stands in the box, also where the form is not valid."""
        return self.cleaned_data.get("text") or str(self.data.get("text", "")).strip()[:LONGEST_TEXT]

    @property
    def idempotency_key(self) -> str:
        """One key for one showing of the form with one text: a double click is one prompt, an edited text another."""
        key = self.cleaned_data.get("key")
        if not key:
            return ""
        account = self.cleaned_data.get("account")
        digest = hashlib.sha256(f"{account.pk if account else ''}\n{self.typed_text}".encode()).hexdigest()
        return f"{key}-{digest[:24]}"


def _problem(form: forms.Form, name: str) -> Problem:
    if name == "account":
        return Problem("error", "account_not_yours", "", "That account cannot be used any more. Choose another one.")
    label = "The text" if name == "text" else f"“{name}”"
    return Problem("error", "too_long", name, f"{label} is far too long. Shorten it.")
