"""The forms of a share page, and what visitors and colleagues write."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from generations.models import Collection, ShareRole
from generations.sharing import giving, links, picks, roles, talking
from generations.sharing.visitors import LONGEST_NAME

LASTS = [("1", "1 day"), ("7", "1 week"), ("30", "30 days"), ("", "Until revoked")]
ROLE_WORDS = {
    ShareRole.VIEW: "Can look at it",
    ShareRole.COMMENT: "Can also comment",
    ShareRole.CONTRIBUTE: "Can also add pictures",
    ShareRole.MANAGE: "Can also share it with others",
}


def role_choices(thing: giving.Thing) -> list[tuple[str, str]]:
    return [(role.value, ROLE_WORDS[role]) for role in roles.offered(thing)]


class RoleForm(forms.Form):
    """A role, and whether the prompts go with it, which the owner alone is asked."""

    role = forms.ChoiceField(label="What they can do")
    shows_prompts = forms.BooleanField(label="They see the prompts as well", required=False)

    def __init__(self, *args: Any, thing: giving.Thing, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(thing)  # type: ignore[attr-defined]
        if user.pk != thing.owner_id:
            del self.fields["shows_prompts"]


class GiveForm(RoleForm):
    """A member to share with."""

    person = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose somebody")
    field_order = ["person", "role", "shows_prompts"]

    def __init__(self, *args: Any, thing: giving.Thing, user: User, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, user=user, **kwargs)
        self.fields["person"].queryset = giving.candidates(thing).exclude(pk=user.pk)  # type: ignore[attr-defined]
        self.fields["person"].error_messages["invalid_choice"] = "Choose somebody who is not in the list yet."


class LinkForm(forms.Form):
    """What a new public link shows and allows."""

    title = forms.CharField(
        max_length=120, required=False, help_text="Stands on top of the page. Nothing else of yours is named there."
    )
    lasts = forms.ChoiceField(label="Ends after", choices=LASTS, required=False, widget=forms.RadioSelect, initial="30")
    password = forms.CharField(
        max_length=100, min_length=4, required=False, strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text="Visitors are asked for it first. Send it by another way than the address; it is not shown again.",
    )  # fmt: skip
    takes_picks = forms.BooleanField(
        label="Visitors mark favourites and leave notes", required=False,
        help_text="Without an account. You read them below and beside each picture.",
    )  # fmt: skip
    allows_download = forms.BooleanField(
        label="Visitors download the originals", required=False,
        help_text="In full size, without what the service wrote into the files. Videos play only with this.",
    )  # fmt: skip
    shows_prompts = forms.BooleanField(
        label="Visitors read the prompts", required=False,
        help_text="Without references and addresses in them. Otherwise nothing tells how a picture was made.",
    )  # fmt: skip

    def __init__(self, *args: Any, thing: giving.Thing, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.pk != thing.owner_id:
            del self.fields["shows_prompts"]
        if isinstance(thing, Collection):
            self.fields["title"].initial = thing.name

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def terms(self) -> links.Terms:
        data = self.cleaned_data
        return links.Terms(
            title=data["title"],
            days=links.DAYS[data["lasts"]],
            password=data["password"],
            allows_download=data["allows_download"],
            shows_prompts=data.get("shows_prompts", False),
            takes_picks=data["takes_picks"],
        )


class CommentForm(forms.Form):
    text = forms.CharField(max_length=talking.LONGEST, widget=forms.Textarea(attrs={"rows": 2}), label="Comment")

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].strip()
        if not text:
            raise ValidationError("Write something first.")
        return text


class PickForm(forms.Form):
    """What a visitor sends: a mark, a note, a name, or several of them."""

    chosen = forms.ChoiceField(choices=[("0", "no"), ("1", "yes")], required=False)
    note = forms.CharField(max_length=picks.LONGEST_NOTE, required=False)
    name = forms.CharField(max_length=LONGEST_NAME, required=False)
