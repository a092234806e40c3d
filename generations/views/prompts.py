"""Prompts worth keeping: history, templates and styles."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedIn, posted
from generations import refs
from generations.models import Prompt, PromptTemplate, Style, TemplateKind
from generations.prompts import history, styling, templating
from generations.prompts.forms import StyleForm, TemplateForm
from midjourney import prompt as language

# History


@require_GET
def prompt_history(request: SignedIn) -> HttpResponse:
    context = _history(request)
    name = "_entries.html" if request.htmx and not request.htmx.boosted else "history.html"
    return render(request, f"generations/prompts/{name}", context)


@require_GET
def prompt_recent(request: SignedIn) -> HttpResponse:
    """The last prompts, for the bar."""
    search = request.GET.get("q", "")[:200]
    context = {"entries": history.page(request.user, search=search, size=history.RECENT).entries, "search": search}
    return render(request, "generations/prompts/_recent.html", context)


@require_POST
def prompt_favourite(request: SignedIn, pk: int) -> HttpResponse:
    """Mark a prompt as a favourite, or no longer."""
    prompt = get_object_or_404(Prompt.objects.visible_to(request.user), pk=pk)
    prompt.favourite_at = None if prompt.favourite_at else timezone.now()
    prompt.save(update_fields=["favourite_at"])
    if request.htmx:
        return render(request, "generations/prompts/_star.html", {"prompt": prompt})
    return redirect("generations:prompt-history")


# Templates


@require_GET
def template_list(request: SignedIn) -> HttpResponse:
    rows = PromptTemplate.objects.visible_to(request.user).select_related("owner")
    context = {"templates": _listed(request, rows), "kinds": TemplateKind}
    return render(request, "generations/prompts/templates.html", context)


@require_GET
def template_fill(request: SignedIn, ref) -> HttpResponse:
    """The small form of a template's variables; sent, it leads to the bar, or to the video page, with the result."""
    template = get_object_or_404(PromptTemplate.objects.visible_to(request.user).select_related("owner"), ref=ref)
    names = templating.variables(template)
    given = {name: request.GET.get(f"v-{number}", "") for number, name in enumerate(names, start=1)}
    if "fill" in request.GET and all(value.strip() for value in given.values()):
        return _use(template, templating.fill(template, given, pin=_pin(request, template)))
    context = {
        "template": template,
        "fields": [(f"v-{number}", name, given[name]) for number, name in enumerate(names, start=1)],
        "drift": templating.drift(template, date.today()),
        "is_missing": "fill" in request.GET,
        "is_mine": PromptTemplate.objects.editable_by(request.user).filter(pk=template.pk).exists(),
    }
    return render(request, "generations/prompts/fill.html", context, status=422 if "fill" in request.GET else 200)


@require_http_methods(["GET", "POST"])
def template_new(request: SignedIn) -> HttpResponse:
    """A new template, from nothing, from a prompt, or as a copy of another one."""
    first = {"text": request.GET.get("text", "")[:5000], "kind": TemplateKind.IMAGE}
    if request.GET.get("copy"):
        source = PromptTemplate.objects.visible_to(request.user).filter(ref=refs.read(request.GET["copy"])).first()
        first = {"text": source.text, "kind": source.kind, "name": f"{source.name}, mine"} if source else first
    form = TemplateForm(posted(request), user=request.user, initial=first)
    return _saved(request, form, "template")


@require_http_methods(["GET", "POST"])
def template_edit(request: SignedIn, ref) -> HttpResponse:
    template = get_object_or_404(PromptTemplate.objects.editable_by(request.user), ref=ref)
    return _saved(request, TemplateForm(posted(request), user=request.user, instance=template), "template")


@require_http_methods(["GET", "POST"])
def template_delete(request: SignedIn, ref) -> HttpResponse:
    template = get_object_or_404(PromptTemplate.objects.editable_by(request.user), ref=ref)
    return _deleted(request, template, "template")


# Styles


@require_GET
def style_list(request: SignedIn) -> HttpResponse:
    rows = Style.objects.visible_to(request.user).select_related("owner")
    return render(request, "generations/prompts/styles.html", {"styles": _listed(request, rows)})


@require_http_methods(["GET", "POST"])
def style_new(request: SignedIn) -> HttpResponse:
    """A new style, from nothing or from the parameters of a prompt."""
    first = {"parameters": styling.parameters_of(request.GET.get("from", "")[:20_000])}
    return _saved(request, StyleForm(posted(request), user=request.user, initial=first), "style")


@require_http_methods(["GET", "POST"])
def style_edit(request: SignedIn, ref) -> HttpResponse:
    style = get_object_or_404(Style.objects.editable_by(request.user), ref=ref)
    return _saved(request, StyleForm(posted(request), user=request.user, instance=style), "style")


@require_http_methods(["GET", "POST"])
def style_delete(request: SignedIn, ref) -> HttpResponse:
    return _deleted(request, get_object_or_404(Style.objects.editable_by(request.user), ref=ref), "style")


# Private helpers


def _history(request: SignedIn) -> dict[str, Any]:
    search, favourites = request.GET.get("q", "")[:200], "favourites" in request.GET
    before = request.GET.get("before", "")
    key = int(before) if before.isdecimal() and len(before) < 19 else None
    page = history.page(request.user, search=search, favourites=favourites, before=key)
    kept = {name: value for name, value in (("q", search), ("favourites", "1" if favourites else "")) if value}
    return {"page": page, "search": search, "favourites": favourites, "before": before, "query": urlencode(kept)}


def _listed(request: SignedIn, rows) -> list[dict[str, Any]]:
    """Own first, then the team's, then those that came with the studio."""
    mine = set(rows.model.objects.editable_by(request.user).values_list("pk", flat=True))
    ordered = rows.order_by(F("used_at").desc(nulls_last=True), "name")
    found = [
        {
            "kept": row,
            "is_mine": row.pk in mine,
            "whose": "" if row.owner_id == request.user.pk else str(row.owner) if row.owner else "Studio",
            "drift": templating.drift(row, date.today()),
        }
        for row in ordered
    ]
    return sorted(found, key=lambda each: (each["kept"].owner_id != request.user.pk, each["kept"].owner_id is None))


def _use(template: PromptTemplate, text: str) -> HttpResponse:
    PromptTemplate.objects.filter(pk=template.pk).update(used_at=timezone.now())
    if template.kind == TemplateKind.VIDEO:
        parsed = language.parse(text)
        asked = {"words": parsed.words, "motion": parsed.value("motion") or "low", "bs": parsed.value("bs") or "4"}
        return redirect(f"{reverse('generations:video-new')}?{urlencode(asked)}")
    return redirect(f"{reverse('generations:create')}?{urlencode({'text': text})}")


def _pin(request: SignedIn, template: PromptTemplate) -> str:
    moved = templating.drift(template, date.today())
    return moved.pin if moved and request.GET.get("pin") else ""


def _saved(request: SignedIn, form, what: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        form.instance.changed_at = timezone.now()
        form.save()
        messages.success(request, f"The {what} is saved.")
        return redirect(f"generations:{what}-list")
    context = {"form": form, "what": what, "is_new": form.instance.pk is None}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "generations/prompts/edit.html", context, status=status)


def _deleted(request: SignedIn, kept, what: str) -> HttpResponse:
    if request.method == "POST":
        kept.delete()
        messages.success(request, f"The {what} is deleted.")
        return redirect(f"generations:{what}-list")
    return render(request, "generations/prompts/delete.html", {"kept": kept, "what": what})
