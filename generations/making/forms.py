"""The forms of the pages that begin with pictures. Pictures are named by the codes of their references."""

import hashlib
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Account
from generations.making import film
from generations.making.animating import Motion
from generations.making.queueing import DIMENSIONS, MOST_BLENDED
from generations.models import Reference

LONGEST_WORDS = 5000


class MakingForm(forms.Form):
    """Chosen pictures in order, account, and the key that makes a double click one job."""

    account = forms.ModelChoiceField(Account.objects.none(), required=False)
    key = forms.CharField(required=False, max_length=32)

    data: QueryDict

    def __init__(self, *args: Any, user, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["account"].queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]

    @property
    def idempotency_key(self) -> str:
        """One key for one showing of the form with one content."""
        key = self.cleaned_data.get("key") if self.is_bound and self.is_valid() else ""
        left_out = {"csrfmiddlewaretoken", "key"}
        sent = sorted((name, values) for name, values in dict(self.data.lists()).items() if name not in left_out)
        return f"{key}-{hashlib.sha256(repr(sent).encode()).hexdigest()[:24]}" if key else ""


class BlendForm(MakingForm):
    dimensions = forms.ChoiceField(
        choices=[("Square", "Square 1:1"), ("Portrait", "Portrait 2:3"), ("Landscape", "Landscape 3:2")],
        widget=forms.RadioSelect,
        initial="Square",
    )


class VideoForm(MakingForm):
    words = forms.CharField(required=False, max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 2}))
    motion = forms.ChoiceField(
        choices=[("low", "Low"), ("high", "High")], widget=forms.RadioSelect, initial="low", required=False
    )
    bs = forms.ChoiceField(
        label="How many", choices=[(size, size) for size in film.BATCH_SIZES], widget=forms.RadioSelect, initial="4",
        required=False,
    )  # fmt: skip
    loop = forms.BooleanField(required=False)
    raw = forms.BooleanField(required=False)


class AnimateManyForm(MakingForm):
    """One motion for many pictures; one clip each unless more are asked for, since each costs as much again."""

    words = forms.CharField(required=False, max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 2}))
    motion = forms.ChoiceField(choices=[("low", "Low"), ("high", "High")], widget=forms.RadioSelect, initial="low")
    bs = forms.ChoiceField(
        label="Clips of each", choices=[(size, size) for size in reversed(film.BATCH_SIZES)], widget=forms.RadioSelect,
        initial="1",
    )  # fmt: skip
    raw = forms.BooleanField(required=False)

    @property
    def what(self) -> Motion:
        data = self.cleaned_data
        return Motion(data["words"], data["motion"], data["raw"], data["bs"])


def chosen(user, codes: list[str]) -> list[Reference]:
    """The pictures of these codes that are this person's, in order; others are left out."""
    rows = Reference.objects.visible_to(user).in_library().filter(code__in=codes).select_related("source__job")
    known = {row.code: row for row in rows}
    return [known[code] for code in dict.fromkeys(codes) if code in known]


def rearranged(codes: list[str], do: str) -> list[str]:
    """The codes after a button such as `left:2`, `right:1` or `remove:3` was pressed; places count from 1."""
    action, _, place = do.partition(":")
    at = int(place) - 1 if place.isdecimal() else -1
    if not 0 <= at < len(codes):
        return codes
    codes = list(codes)
    if action == "remove":
        del codes[at]
    elif action in {"left", "right"}:
        to = at + (1 if action == "right" else -1)
        if 0 <= to < len(codes):
            codes[at], codes[to] = codes[to], codes[at]
    return codes


__all__ = [
    "DIMENSIONS",
    "MOST_BLENDED",
    "AnimateManyForm",
    "BlendForm",
    "MakingForm",
    "VideoForm",
    "chosen",
    "rearranged",
]
