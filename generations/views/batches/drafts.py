"""A batch until it is confirmed: writing it, looking at its dry run, changing, discarding and starting it."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedIn, posted
from generations import batch_pages
from generations.batch_forms import MOST_PICTURES, BatchForm, SharedForm, Typed
from generations.batches import confirming, drafting, review
from generations.gallery import choosing
from generations.models import Batch, BatchStatus, LineLevel, Priority
from generations.views.create import account_choices

EXAMPLE_LINES = "a lighthouse at dusk --ar 16:9\na {red, blue} boat in fog\nportrait of a clockmaker --ar 4:5 --s 250"
EXAMPLE_TEMPLATE = "{{subject}} in the style of {{style}}"
EXAMPLE_VARIABLES = "subject: a lighthouse | a harbour | an old boat\nstyle: a woodcut | a watercolour"


# Pages


@require_http_methods(["GET", "POST"])
def batch_new(request: SignedIn) -> HttpResponse:
    if request.method != "POST":
        typed = Typed(request.user, source=_source(request), name=request.GET.get("name", "")[:120])
        return _form_page(request, typed)
    form = BatchForm(posted(request), request.FILES, user=request.user)
    form.is_valid()
    if form.problems:
        return _refused(request, form, form.problems)
    try:
        batch = drafting.draft(request.user, form.written, **form.settings, key=form.idempotency_key)
    except drafting.CannotDraft as error:
        return _refused(request, form, error.problems)
    return redirect(batch)


@require_http_methods(["GET", "POST"])
def batch_from_pictures(request: SignedIn) -> HttpResponse:
    """The form with the pictures that were ticked in the gallery; a GET leads to where one ticks them."""
    refs = tuple(str(image.ref) for image in choosing.ticked(request.user, request.POST, MOST_PICTURES))
    if not refs:
        if request.method == "POST":
            messages.info(request, "Tick some pictures first.")
        return redirect(f"{reverse('generations:gallery')}?select=1")
    return _form_page(request, Typed(request.user, source="gallery", refs=refs))


@require_http_methods(["GET", "POST"])
def batch_edit(request: SignedIn, ref) -> HttpResponse:
    """What a draft was made of, to be changed and read anew."""
    batch = batch_of(request, ref)
    if batch.status != BatchStatus.DRAFT:
        messages.info(request, "This batch has been started; its text stays as it is. Run it again as a new one.")
        return redirect(batch)
    if request.method != "POST":
        return _form_page(request, Typed.of_batch(request.user, batch), batch=batch)
    form = BatchForm(posted(request), request.FILES, user=request.user)
    form.is_valid()
    if form.problems:
        return _refused(request, form, form.problems, batch=batch)
    try:
        drafting.redraft(batch, form.written, **form.settings)
    except drafting.CannotDraft as error:
        return _refused(request, form, error.problems, batch=batch)
    return redirect(batch)


def draft_page(request: SignedIn, batch: Batch, *, problems: tuple[str, ...] = (), status: int = 200) -> HttpResponse:
    """The dry run of a draft."""
    context = _summary(batch) | batch_pages.lines_page(batch, _level(request), _number(request.GET.get("after", "")))
    context |= {"problems": problems, "after": _number(request.GET.get("after", ""))}
    return render(request, "generations/batches/draft.html", context, status=status)


@require_http_methods(["GET", "POST"])
def batch_discard(request: SignedIn, ref) -> HttpResponse:
    batch = batch_of(request, ref)
    if batch.status != BatchStatus.DRAFT:
        messages.info(request, "This batch has been started and can be stopped, but not discarded.")
        return redirect(batch)
    if request.method != "POST":
        return render(request, "generations/batches/discard.html", {"batch": batch})
    drafting.discard(batch)
    messages.success(request, f"“{batch.name}” is discarded. Nothing of it was sent, so it cost nothing.")
    return redirect("generations:batch-list")


# Fragments


@require_POST
def batch_shared_check(request: SignedIn) -> HttpResponse:
    """The shared parameters as the panel and the text agree on them; nothing is stored."""
    form = SharedForm(request.POST, user=request.user)
    form.is_valid()
    typed = Typed(request.user, shared=form.shared)
    return render(request, "generations/batches/_shared_check.html", {"typed": typed, "found": form.found})


@require_GET
def batch_lines(request: SignedIn, ref) -> HttpResponse:
    """The next lines of a dry run."""
    batch = batch_of(request, ref)
    page = batch_pages.lines_page(batch, _level(request), _number(request.GET.get("after", "")))
    return render(request, "generations/batches/_lines.html", {"batch": batch, **page})


# Actions


@require_POST
def batch_choose(request: SignedIn, ref) -> HttpResponse:
    """Leave lines out or take them in: single ones (`on`, `off`), all of a level, or what a page's ticks say."""
    batch = batch_of(request, ref)
    level = request.POST.get("level", "")
    if "all" in request.POST:
        drafting.choose(batch, None, request.POST["all"] == "in", level if level in LineLevel.values else "")
    else:
        shown = _positions(request, "shown")
        ticked = _positions(request, "chosen")
        drafting.choose(batch, ticked | _positions(request, "on"), True)
        drafting.choose(batch, (shown - ticked) | _positions(request, "off"), False)
    if request.htmx:
        return render(request, "generations/batches/_choice.html", {**_summary(batch), "oob": True})
    back = f"?level={level}&after={_number(request.POST.get('after', ''))}" if level or "after" in request.POST else ""
    return redirect(f"{batch.get_absolute_url()}{back}#lines")


@require_POST
def batch_confirm(request: SignedIn, ref) -> HttpResponse:
    """Start a draft. A second press finds it started and changes nothing."""
    batch = batch_of(request, ref)
    try:
        if confirming.confirm(batch, request.user):
            messages.success(request, "Started. You may close this page: the batch goes on by itself.")
    except confirming.CannotConfirm as error:
        batch.refresh_from_db()
        return draft_page(request, batch, problems=error.problems, status=422)
    return redirect(batch)


# Private helpers


def batch_of(request: SignedIn, ref) -> Batch:
    """The person's batch. Raises Http404."""
    return get_object_or_404(Batch.objects.visible_to(request.user).select_related("account", "owner"), ref=ref)


def _form_page(
    request: SignedIn,
    typed: Typed,
    *,
    batch: Batch | None = None,
    problems: tuple[str, ...] | list[str] = (),
    key: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "typed": typed,
        "batch": batch,
        "problems": problems,
        "key": key or uuid.uuid4().hex,
        "accounts": account_choices(request),
        "priorities": [each for each in Priority if each <= Priority.NORMAL or request.user.is_lead],
        "most_lines": drafting.MOST_LINES,
        "examples": {"lines": EXAMPLE_LINES, "template": EXAMPLE_TEMPLATE, "variables": EXAMPLE_VARIABLES},
    }
    return render(request, "generations/batches/form.html", context, status=status)


def _refused(
    request: SignedIn, form: BatchForm, problems: tuple[str, ...] | list[str], batch: Batch | None = None
) -> HttpResponse:
    """422 with everything that was typed still in its place."""
    key = str(form.cleaned_data.get("key") or "")
    return _form_page(request, Typed.of_form(form), batch=batch, problems=problems, key=key, status=422)


def _summary(batch: Batch) -> dict:
    run = review.dry_run(batch)
    short = [limit for limit in run.limits if limit.what != "at_once" and limit.left < run.chosen]
    return {"batch": batch, "run": run, "levels": batch_pages.levels(run.counts), "short": short}


def _source(request: SignedIn) -> str:
    wanted = request.GET.get("from", "")
    return wanted if wanted in {"lines", "file", "template", "gallery"} else "lines"


def _level(request: SignedIn) -> str:
    level = request.GET.get("level", "")
    return level if level in LineLevel.values else ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _positions(request: SignedIn, name: str) -> set[int]:
    return {_number(value) for value in request.POST.getlist(name)} - {0}
