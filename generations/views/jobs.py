"""The page of one job, and everything one can do with a job."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from generations import cards, decisions, details, live
from generations.enqueue import CannotEnqueue
from generations.live import Cursor
from generations.models import Job, JobStatus
from generations.views.answers import answer, changed_parts

# Pages


@require_GET
def job_detail(request: HttpRequest, ref) -> HttpResponse:
    value = live.look(request.user)
    [card] = cards.make_cards([_job(request, ref)])
    context = details.context(card) | {
        "card": card,
        "cursor": Cursor(after=value, job=str(card.job.ref)),
        "pace": live.pace(request.user),
    }
    return render(request, "generations/job_detail.html", context)


@require_GET
def job_cancel_confirm(request: HttpRequest, ref) -> HttpResponse:
    """Says what stopping may cost before it is asked for: a dialog, or a page without script."""
    job = _job(request, ref)
    if not job.can_cancel:
        return answer(request, job, "This job has ended already, or was asked to stop.")
    template = "_cancel_dialog.html" if request.htmx else "job_cancel.html"  # type: ignore[attr-defined]
    return render(request, f"generations/{template}", {"job": job, "page": request.GET.get("page", "")})


# Fragments


@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """What changed since the cursor of a page: 204, or the changed parts."""
    return changed_parts(request)


# Actions


@require_POST
def job_cancel(request: HttpRequest, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.cancel(job, request.user):
        return answer(request, job, "Too late: this job has ended already.", "warn")
    if job.status == JobStatus.CANCELLED:
        return answer(request, job, "Cancelled. It was not sent, so it cost nothing.", "good")
    return answer(request, job, "The service is being asked to stop it.")


@require_POST
def job_retry(request: HttpRequest, ref) -> HttpResponse:
    job = _job(request, ref)
    try:
        prompt = decisions.retry(job, request.user)
    except CannotEnqueue as error:
        return answer(request, job, str(error), "danger")
    if prompt is None:
        return answer(request, job, "This may have been charged. Reuse its prompt to run it again.", "warn")
    if request.htmx or request.POST.get("page") != "job":  # type: ignore[attr-defined]
        return answer(request, job, "Queued again.", "good")
    return redirect(prompt.jobs.order_by("pk").first() or job)


@require_POST
def job_ran(request: HttpRequest, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.did_run(job, request.user):
        return answer(request, job, "This has been settled already.")
    return answer(request, job, "Closed. Its slot is free again.", "good")


@require_POST
def job_did_not_run(request: HttpRequest, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.did_not_run(job, request.user):
        return answer(request, job, "This has been settled already.")
    return answer(request, job, "Back in the queue.", "good")


@require_POST
def job_look_up(request: HttpRequest, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.look_up(job):
        return answer(request, job, "There is nothing to look up any more.")
    return answer(request, job, "Looking it up at the service.")


@require_POST
def job_save_again(request: HttpRequest, ref) -> HttpResponse:
    job = _job(request, ref)
    if not decisions.save_again(job):
        return answer(request, job, "There is nothing left to save.")
    return answer(request, job, "Fetching the files again.")


# Private helpers


def _job(request: HttpRequest, ref) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).for_cards(), ref=ref)
