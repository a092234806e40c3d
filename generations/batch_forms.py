"""The form of a batch: four ways to write one, and what all of its lines share."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Account, User
from generations import panel
from generations.batches import reading
from generations.batches.actions import Action, offered
from generations.batches.drafting import MOST_BYTES, CannotDraft, Written
from generations.enqueue import review
from generations.forms import PromptForm
from generations.models import Batch, BatchSource, Image, Priority
from midjourney.prompt import Problem

WORD = "picture"  # stands for a line's words where parameters are looked at alone
MOST_PICTURES = 800  # each is a field of the form, and Django takes a thousand of those
NO_WORDS = "Shared parameters begin with --, such as --ar 16:9. Words belong in the lines."


class SharedForm(PromptForm):
    """The parameters that all lines share, as text and as a panel, kept in step like those of the prompt bar."""

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        sent = {name: data.get(name) for name in data}
        sent["text"] = f"{WORD} {data.get('shared', '')}"
        super().__init__(sent, user=user)
        for name in ("image_urls", "iw"):  # they stand before the words
            del self.fields[name]

    @property
    def shared(self) -> str:
        return self.typed_text.removeprefix(WORD).strip()

    @property
    def found(self) -> tuple[Problem, ...]:
        """What is wrong with the parameters, or odd about them."""
        return tuple(dict.fromkeys((*self.problems, *shared_problems(self.shared))))


def shared_problems(shared: str) -> tuple[Problem, ...]:
    """What is wrong with the parameters that all lines are to share, or odd about them."""
    if not shared:
        return ()
    if not shared.startswith(("--", "—", "–")):
        return (Problem("error", "shared_words", "", NO_WORDS),)
    return review(f"{WORD} {shared}").problems


class BatchForm(forms.Form):
    """Everything on the page of a new batch. What is typed for one way is kept while another one is looked at."""

    source = forms.ChoiceField(choices=BatchSource, required=False)
    text = forms.CharField(required=False, strip=False)
    file = forms.FileField(required=False, allow_empty_file=True)
    file_text = forms.CharField(required=False, strip=False)
    filename = forms.CharField(required=False, max_length=200)
    template = forms.CharField(required=False, strip=False)
    variables = forms.CharField(required=False, strip=False)
    image = forms.MultipleChoiceField(required=False)
    action = forms.CharField(required=False, max_length=100)
    name = forms.CharField(required=False, max_length=120)
    account = forms.ModelChoiceField(Account.objects.none(), required=False)
    priority = forms.TypedChoiceField(choices=Priority, coerce=int, required=False)
    key = forms.CharField(required=False, max_length=32)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["account"].queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["image"].choices = [(ref, ref) for ref in self.sent_images()]  # type: ignore[attr-defined]
        self.problems: list[str] = []

    def sent_images(self) -> list[str]:
        sent = self.data.getlist("image") if isinstance(self.data, QueryDict) else self.data.get("image", [])
        return list(dict.fromkeys(sent))

    def clean_file_text(self) -> str:
        """The text of the file: a new upload, or the one that came before and is kept on the page."""
        upload = self.cleaned_data.get("file")
        if not upload:
            return self.cleaned_data["file_text"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(f"{upload.name} is larger than {MOST_BYTES // 1024**2} MB. Split it.")
        try:
            return reading.decode(upload.read(), upload.name)
        except CannotDraft as error:
            raise forms.ValidationError(list(error.problems)) from None

    def clean_priority(self) -> int:
        priority = int(self.cleaned_data["priority"] or Priority.NORMAL)
        if priority > Priority.NORMAL and not self.user.is_lead:
            raise forms.ValidationError("Only leads can give a batch a high priority. Choose normal or low.")
        return priority

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload = data.get("file")
        if upload:
            data["filename"] = upload.name[:200]
        self.shared_form = SharedForm(self.data, user=self.user)
        self.shared_form.is_valid()
        data["shared"] = self.shared_form.shared
        if data.get("source") != BatchSource.GALLERY:  # a button has no parameters
            self.problems = [problem.message for problem in self.shared_form.found if problem.is_error]
        self.problems += [str(error) for errors in self.errors.values() for error in errors]
        if len(data.get("image", [])) > MOST_PICTURES:
            self.problems.append(f"Choose {MOST_PICTURES} pictures at most for one batch.")
        return data

    @property
    def written(self) -> Written:
        """What was written for the way that is chosen, and for that one alone."""
        data = self.cleaned_data
        source = BatchSource(data.get("source") or BatchSource.LINES)
        match source:
            case BatchSource.FILE:
                return Written(source, text=data.get("file_text", ""), filename=data.get("filename", ""))
            case BatchSource.TEMPLATE:
                return Written(source, template=data.get("template", ""), variables=data.get("variables", ""))
            case BatchSource.GALLERY:
                images = tuple(data.get("image", ()))
                return Written(source, images=images, action=data.get("action", ""))
            case _:
                return Written(source, text=data.get("text", ""))

    @property
    def settings(self) -> dict[str, Any]:
        """The rest, as `draft` and `redraft` take it."""
        data = self.cleaned_data
        shared = "" if self.written.source == BatchSource.GALLERY else data["shared"]
        return {"name": data["name"], "shared": shared, "account": data["account"], "priority": data["priority"]}

    @property
    def idempotency_key(self) -> str:
        """One key for one showing of the form with one content: a double click is one draft, a changed text another."""
        key = self.cleaned_data.get("key")
        if not key:
            return ""
        account = self.cleaned_data.get("account")
        content = [self.written.as_data(), {**self.settings, "account": account.pk if account else None}]
        digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
        return f"{key}-{digest[:24]}"


@dataclass
class Typed:
    """What stands on the page of a new batch: what was sent, what a draft holds, or nothing yet."""

    user: User
    source: str = BatchSource.LINES
    text: str = ""
    file_text: str = ""
    filename: str = ""
    template: str = ""
    variables: str = ""
    refs: tuple[str, ...] = ()
    action: str = ""
    name: str = ""
    shared: str = ""
    account: Account | None = None
    priority: int = Priority.NORMAL

    @classmethod
    def of_form(cls, form: BatchForm) -> "Typed":
        data = {**form.data.dict(), **form.cleaned_data} if isinstance(form.data, QueryDict) else form.cleaned_data
        names = ("text", "file_text", "filename", "template", "variables", "action", "name", "shared")
        return cls(
            form.user,
            source=form.written.source,
            refs=tuple(form.sent_images()),
            account=form.cleaned_data.get("account"),
            priority=form.cleaned_data.get("priority") or Priority.NORMAL,
            **{name: data.get(name) or "" for name in names},
        )

    @classmethod
    def of_batch(cls, user: User, batch: Batch) -> "Typed":
        written = Written.from_data(batch.written)
        box = "file_text" if written.source == BatchSource.FILE else "text"
        return cls(
            user,
            source=written.source,
            filename=written.filename,
            template=written.template,
            variables=written.variables,
            refs=written.images,
            action=written.action,
            name=batch.name,
            shared=batch.shared,
            account=batch.account,
            priority=batch.priority,
            **{box: written.text},
        )

    @cached_property
    def images(self) -> list[Image]:
        """The person's own pictures of these refs, in their order; what is not theirs or no ref at all is left out."""
        rows = Image.objects.visible_to(self.user).saved().filter(ref__in=_valid(self.refs)).select_related("job")
        found = {str(image.ref): image for image in rows}
        return [found[ref] for ref in self.refs if ref in found]

    @cached_property
    def actions(self) -> list[Action]:
        return offered(self.images) if self.images else []

    @cached_property
    def panel(self) -> dict[str, panel.Control]:
        return panel.controls(f"{WORD} {self.shared}".strip())

    @property
    def shared_problems(self) -> tuple[Problem, ...]:
        return shared_problems(self.shared)

    @property
    def shown(self) -> str:
        """The panel's values as they are shown, so that a form without script can tell which ones were changed."""
        return json.dumps({name: control.value for name, control in self.panel.items() if control.value})

    @property
    def panel_data(self) -> str:
        return json.dumps(panel.as_data(self.panel))


def _valid(refs: tuple[str, ...]) -> list[uuid.UUID]:
    valid = []
    for ref in refs[:MOST_PICTURES]:
        try:
            valid.append(uuid.UUID(ref))
        except ValueError:
            continue
    return valid
