"""How an action answers: with what it changed on the page, or without script with a message and the page itself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from accounts.access import SignedIn
from generations import details, family, live
from generations.live import Cursor
from generations.models import Job

LEVELS = {"good": messages.SUCCESS, "warn": messages.WARNING, "danger": messages.ERROR, "plain": messages.INFO}


def answer(
    request: SignedIn, job: Job, text: str = "", tone: str = "plain", *, more: str = "", shows: Job | None = None
) -> HttpResponse:
    """Show what became of an action on a job, and say `text`.

    `more` is further out-of-band HTML for the sender's page, `shows` a job that the message links to.
    """
    if request.htmx:
        response = changed_parts(request)
        if more and "HX-Refresh" not in response:
            response = HttpResponse(response.content.decode() + more)
        said = {"text": text, "tone": tone} | ({"href": shows.get_absolute_url()} if shows else {})
        return trigger_client_event(response, "toast", said) if text else response
    if text:
        messages.add_message(request, LEVELS[tone], text)
    on_job_page = request.POST.get("page") == "job"
    return redirect(job) if on_job_page else redirect(f"/#job-{job.ref}")


def changed_parts(request: SignedIn) -> HttpResponse:
    """The parts of the sender's page that changed since its cursor; 204 where none did."""
    cursor = Cursor.read(request)
    changes = live.changes(request.user, cursor) if cursor else None
    if changes is None or cursor is None:
        return HttpResponse(status=204)
    if changes.is_too_much:
        return HttpResponseClientRefresh()
    if cursor.job:
        return _job_parts(request, cursor, changes)
    return render(request, "generations/_changes.html", {"changes": changes, "cursor": changes.cursor})


def _job_parts(request: SignedIn, cursor: Cursor, changes: live.Changes) -> HttpResponse:
    shown = (*changes.known, *(card for day in changes.days for card in day.cards))
    card = next((card for card in shown if str(card.job.ref) == cursor.job), None)
    context = {
        "changes": changes,
        "cursor": Cursor(after=changes.cursor.after, job=cursor.job, told=changes.cursor.told),
        "card": card,
    }
    if card is not None:
        context |= details.context(card, request.user)
    elif changes.family_of:
        context |= {"job": changes.family_of, "family": family.of(request.user, changes.family_of)}
    return render(request, "generations/_job_changes.html", context)
