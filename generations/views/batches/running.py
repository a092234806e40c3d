"""The list of batches, and a batch from its confirmation on: its live page and everything one can do with it."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.access import SignedIn
from generations import batch_pages, live
from generations.batch_pages import Cursor
from generations.batches import archive, controls, drafting
from generations.batches import progress as progressing
from generations.cards import make_cards
from generations.models import Batch, BatchStatus, Job, Priority
from generations.views.answers import LEVELS
from generations.views.batches.drafts import batch_of, draft_page

PLACES = {controls.FIRST, controls.LAST, controls.UP, controls.DOWN}


# Pages


@require_GET
def batch_list(request: SignedIn) -> HttpResponse:
    before = request.GET.get("before", "")
    listed, older = batch_pages.newest(request.user, _number(before) or None)
    template = "_list_page.html" if request.htmx else "list.html"
    response = render(request, f"generations/batches/{template}", {"listed": listed, "older": older, "before": before})
    response["Vary"] = "HX-Request"
    return response


@require_GET
def batch_detail(request: SignedIn, ref) -> HttpResponse:
    """A draft's dry run, or the live page of what was confirmed."""
    batch = batch_of(request, ref)
    if batch.status == BatchStatus.DRAFT:
        return draft_page(request, batch)
    value = live.look(request.user)
    running = batch_pages.running(batch, value, batch_pages.waiting_shown(request.GET.get("waiting", "")))
    context = _parts(request, running) | _pictures(batch, _number(request.GET.get("before", "")))
    return render(request, "generations/batches/detail.html", context)


@require_http_methods(["GET", "POST"])
def batch_stop(request: SignedIn, ref) -> HttpResponse:
    """Says before what stopping drops and what it may cost: a dialog, or a page without script."""
    batch = _confirmed(request, ref)
    if request.method != "POST":
        running = batch_pages.running(batch, 0)
        template = "_stop_dialog.html" if request.htmx else "stop.html"
        return render(request, f"generations/batches/{template}", {"batch": batch, "running": running})
    cancels = bool(request.POST.get("cancel_running"))
    dropped = controls.stop(batch, request.user, cancel_running=cancels)
    words = f"Stopped. {_lines(dropped)} dropped, which cost nothing."
    if cancels:
        words += " The service is being asked to stop what runs."
    return _answer(request, batch, words, "good")


# Fragments


@require_GET
def batch_live(request: SignedIn, ref) -> HttpResponse:
    """What changed of a batch since the cursor of its page: 204, or the changed parts."""
    return _changed(request, batch_of(request, ref))


@require_GET
def batch_pictures(request: SignedIn, ref) -> HttpResponse:
    """The next pictures of a batch."""
    batch = _confirmed(request, ref)
    context = {"batch": batch, **_pictures(batch, _number(request.GET.get("before", "")))}
    return render(request, "generations/batches/_pictures.html", context)


@require_GET
def batch_failed(request: SignedIn, ref) -> HttpResponse:
    """All lines that ended badly, in parts."""
    batch = _confirmed(request, ref)
    jobs = progressing.failed(batch, _number(request.GET.get("after", "")), batch_pages.PAGE + 1)
    page = jobs[: batch_pages.PAGE]
    more = page[-1].pk if len(jobs) > batch_pages.PAGE else None
    context = {"batch": batch, "cards": make_cards(page), "more": more}
    return render(request, "generations/batches/failed.html", context)


@require_safe
def batch_archive(request: SignedIn, ref) -> HttpResponseBase:
    """Everything saved of a batch as one ZIP, made while it is sent."""
    batch = _confirmed(request, ref)
    response = StreamingHttpResponse(archive.archive(batch), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, archive.archive_name(batch)) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


# Actions


@require_POST
def batch_pause(request: SignedIn, ref) -> HttpResponse:
    batch = _confirmed(request, ref)
    if controls.pause(batch, request.user):
        return _answer(request, batch, "Paused. What runs now ends; nothing more starts.", "good")
    return _answer(request, batch, "This batch is not running.")


@require_POST
def batch_resume(request: SignedIn, ref) -> HttpResponse:
    batch = _confirmed(request, ref)
    if controls.resume(batch, request.user):
        return _answer(request, batch, "It goes on.", "good")
    return _answer(request, batch, "This batch is not paused.")


@require_POST
def batch_retry(request: SignedIn, ref) -> HttpResponse:
    batch = _confirmed(request, ref)
    retried = controls.retry_failed(batch, request.user)
    left = " ".join(f"{count}: {sentence}" for sentence, count in retried.not_free.items())
    words = f"{_lines(retried.queued)} queued again." if retried.queued else "Nothing was queued again."
    return _answer(request, batch, f"{words} {left}".strip(), "warn" if left else "good")


@require_POST
def batch_priority(request: SignedIn, ref) -> HttpResponse:
    batch = _confirmed(request, ref)
    wanted = {str(each.value): each for each in Priority}.get(request.POST.get("priority", ""))
    if wanted is None:
        return _answer(request, batch, "There is no such priority.", "warn")
    try:
        controls.set_priority(batch, wanted, request.user)
    except PermissionError:
        return _answer(request, batch, "Only leads can give a batch a high priority.", "warn")
    return _answer(request, batch, f"{wanted.label} priority for what waits.", "good")


@require_POST
def batch_move(request: SignedIn, ref) -> HttpResponse:
    """Another place for a waiting line among those of its batch."""
    batch = _confirmed(request, ref)
    where = request.POST.get("where", "")
    job = get_object_or_404(Job.objects.visible_to(request.user), ref=_ref(request.POST.get("job", "")), batch=batch)
    if where not in PLACES or not controls.move(job, where, request.user):
        return _answer(request, batch, "It stays where it is.")
    return _answer(request, batch, "", fragment="waiting")


@require_POST
def batch_rename(request: SignedIn, ref) -> HttpResponse:
    batch = batch_of(request, ref)
    controls.rename(batch, request.POST.get("name", "").strip()[:120])
    return redirect(batch)


@require_POST
def batch_again(request: SignedIn, ref) -> HttpResponse:
    batch = batch_of(request, ref)
    try:
        draft = controls.run_again(batch, request.user)
    except drafting.CannotDraft as error:
        return _answer(request, batch, str(error), "danger")
    messages.info(request, "This is a new dry run of the same text. Nothing is sent before you start it.")
    return redirect(draft)


# Private helpers


def _confirmed(request: SignedIn, ref) -> Batch:
    """The person's batch; one that was never started has none of this. Raises Http404."""
    batch = get_object_or_404(Batch.objects.visible_to(request.user).exclude(status=BatchStatus.DRAFT), ref=ref)
    batch.owner = request.user
    return batch


def _answer(request: SignedIn, batch: Batch, text: str, tone: str = "plain", fragment: str = "") -> HttpResponse:
    """Show what became of an action, and say `text`."""
    if request.htmx:
        batch.refresh_from_db()
        response = _changed(request, batch, always=True)
        return trigger_client_event(response, "toast", {"text": text, "tone": tone}) if text else response
    if text:
        messages.add_message(request, LEVELS[tone], text)
    return redirect(f"{batch.get_absolute_url()}{'#' if fragment else ''}{fragment}")


def _changed(request: SignedIn, batch: Batch, *, always: bool = False) -> HttpResponse:
    value = live.look(request.user)
    cursor = Cursor.read(request)
    if cursor is None or (not always and value <= cursor.after and cursor.state == batch_pages.state_key(batch)):
        return HttpResponse(status=204)
    if not always and not batch_pages.has_news(batch, cursor):
        return render(request, "generations/batches/_seen.html", {"after": value, "oob": True})
    context = _parts(request, batch_pages.running(batch, value, cursor.waiting)) | {"oob": True}
    context["images"] = batch_pages.new_pictures(batch, cursor.after)
    return render(request, "generations/batches/_changes.html", context)


def _parts(request: SignedIn, running: batch_pages.Running) -> dict:
    choices = [each for each in Priority if each <= Priority.NORMAL or request.user.is_lead]
    return {"batch": running.batch, "running": running, "progress": running.progress, "priorities": choices}


def _pictures(batch: Batch, before: int) -> dict:
    images = progressing.pictures(batch, before, batch_pages.PICTURES + 1)
    page = images[: batch_pages.PICTURES]
    more = page[-1].pk if len(images) > batch_pages.PICTURES else None
    return {"images": page, "more_pictures": more, "before": before}


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _ref(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
