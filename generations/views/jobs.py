"""The page of one job, and everything one can do with a job."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget

from accounts.access import SignedIn
from generations import cards, decisions, details, live
from generations.enqueue import CannotEnqueue
from generations.live import Cursor
from generations.models import Job, JobStatus
from generations.views.answers import answer, changed_parts

# Pages


@require_GET
def job_detail(request: SignedIn, ref) -> HttpResponse:
    value = live.look(request.user)
    [card] = cards.make_cards([_job(request, ref)])
    context = details.context(card, request.user) | {
        "card": card,
        "cursor": Cursor(after=value, job=str(card.job.ref), told=live.told_now([card.job.status])),
        "pace": live.pace(request.user),
    }
    return render(request, "generations/job_detail.html", context)


@require_GET
def job_cancel_confirm(request: SignedIn, ref) -> HttpResponse:
    """Says what stopping may cost before it is asked for: a dialog, or a page without script."""
    job = _job(request, ref)
    if not job.can_cancel:
        return answer(request, job, "This job has ended already, or was asked to stop.")
    return _ask_to_confirm(request, job, request.GET.get("page", ""))


# Fragments


@require_GET
def changes(request: SignedIn) -> HttpResponse:
    """What changed since the cursor of a page: 204, or the changed parts."""
    return changed_parts(request)


# Actions


@require_POST
def job_cancel(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    if job.can_cancel and job.status != JobStatus.QUEUED and not request.POST.get("confirmed"):
        # It was sent while the page still showed it waiting: stopping it may cost something now.
        return _ask_to_confirm(request, job, request.POST.get("page", ""))
    if not decisions.cancel(job, request.user):
        return answer(request, job, "Too late: this job has ended already.", "warn")
    if job.status == JobStatus.CANCELLED:
        return answer(request, job, "Cancelled. It was not sent, so it cost nothing.", "good")
    return answer(request, job, "The service is being asked to stop it.")


@require_POST
def job_retry(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    try:
        prompt = decisions.retry(job, request.user)
    except CannotEnqueue as error:
        return answer(request, job, str(error), "danger")
    if prompt is None:
        return answer(request, job, "This may have been charged. Reuse its prompt to run it again.", "warn")
    if request.htmx or request.POST.get("page") != "job":
        return answer(request, job, "Queued again.", "good")
    return redirect(prompt.jobs.order_by("pk").first() or job)


@require_POST
def job_ran(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.did_run(job, request.user):
        return answer(request, job, "This has been settled already.")
    return answer(request, job, "Closed. Its slot is free again.", "good")


@require_POST
def job_did_not_run(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.did_not_run(job, request.user):
        return answer(request, job, "This has been settled already.")
    return answer(request, job, "Back in the queue.", "good")


@require_POST
def job_look_up(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.look_up(job):
        return answer(request, job, "There is nothing to look up any more.")
    return answer(request, job, "Looking it up at the service.")


@require_POST
def job_save_again(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.save_again(job):
        return answer(request, job, "There is nothing left to save.")
    return answer(request, job, "Fetching the files again.")


@require_POST
def job_look_for_more(request: SignedIn, ref) -> HttpResponse:
    """Ask the service for results of this job that another program has made."""
    job = _job(request, ref)
    if not decisions.look_for_more(job):
        return answer(request, job, "Only a job that the service has finished can have results made elsewhere.", "warn")
    return answer(request, job, "Looking for results that were made elsewhere. They appear here by themselves.")


# Private helpers


def _ask_to_confirm(request: SignedIn, job: Job, page: str) -> HttpResponse:
    context = {"job": job, "page": page}
    if not request.htmx:
        return render(request, "generations/job_cancel.html", context)
    response = render(request, "generations/_cancel_dialog.html", context)
    return reswap(retarget(response, "#dialogs"), "innerHTML")


def _job(request: SignedIn, ref) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).for_cards(), ref=ref)
