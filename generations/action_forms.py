"""The forms of actions: a button at a picture, with a prompt where it takes one."""

import hashlib
import re
from typing import Any

from django import forms

from generations.actions.catalogue import ANIMATE
from generations.forms import LONGEST_TEXT
from midjourney import prompt as language

MOTIONS = {"low": ANIMATE[0], "high": ANIMATE[1]}


class PressForm(forms.Form):
    """What was pressed, and where. `prompt` is what stands in the box; without a box there is none."""

    button = forms.CharField(max_length=100, strip=False)
    position = forms.IntegerField(min_value=0, max_value=99, required=False)
    prompt = forms.CharField(required=False, max_length=LONGEST_TEXT, strip=False)
    key = forms.CharField(required=False, max_length=32)

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0

    def clean_prompt(self) -> str:
        """The text as it would be sent."""
        return mended(self.cleaned_data["prompt"])

    @property
    def typed(self) -> str:
        """What stands in the box, also where the form is not valid."""
        return str(self.data.get("prompt", ""))[:LONGEST_TEXT]

    @property
    def idempotency_key(self) -> str:
        data = self.cleaned_data
        return _key(data.get("key"), data["button"], data["position"], data["prompt"])


class AnimateForm(forms.Form):
    """Which picture of a grid to animate, and how much is to move."""

    position = forms.IntegerField(min_value=1, max_value=99)
    motion = forms.ChoiceField(
        choices=[("low", "Low"), ("high", "High")], widget=forms.RadioSelect, label="Motion", initial="low"
    )
    key = forms.CharField(required=False, max_length=32)

    @property
    def label(self) -> str:
        return MOTIONS[self.cleaned_data["motion"]]

    @property
    def idempotency_key(self) -> str:
        return _key(self.cleaned_data.get("key"), self.cleaned_data["position"], self.cleaned_data["motion"])


def mended(text: str) -> str:
    """Typographic dashes and the like put right, as for any prompt."""
    text = re.sub(r"\r\n?", "\n", text).strip()
    return language.normalise(text).text if text else ""


def _key(key: str | None, *what: Any) -> str:
    """One key for one showing of a form and what was chosen in it: a double click is one job."""
    if not key:
        return ""
    digest = hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()
    return f"{key}-{digest[:24]}"
