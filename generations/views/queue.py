"""The queue of everybody: the page, what changed on it, and what people do to jobs, accounts and each other there."""

import re
from dataclasses import dataclass
from hashlib import blake2s

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.access import SignedIn, posted
from accounts.forms import PauseForm
from accounts.models import Account, AccountState, User
from generations import decisions
from generations.lines import reasons, steering
from generations.lines.loading import Snapshot
from generations.lines.mark import half_minute, is_current, mark_of, with_drift
from generations.lines.overview import QueuePage, queue_page
from generations.lines.steering import NotAllowed, Place
from generations.models import HOLDS_SLOT, Job, JobStatus, Priority
from generations.views.answers import LEVELS

FAST, SLOW = "4s", "10s"
TIMES = re.compile(r"<time\b.*?</time>", re.DOTALL)


@dataclass(frozen=True)
class Section:
    """A part of the page that is replaced as one where its `digest` is not the one that the page has."""

    id: str
    html: SafeString

    @property
    def digest(self) -> str:
        """Of all but its times, which move on by themselves; they are told anew every half minute."""
        lasting = TIMES.sub("", self.html)
        moment = half_minute() if lasting != self.html else ""
        return f"{self.id}:{blake2s(f'{moment} {lasting}'.encode(), digest_size=8).hexdigest()}"


# Pages


@require_GET
def queue(request: SignedIn) -> HttpResponse:
    account = _account_filter(request)
    mark = mark_of(request.user)
    page = queue_page(request.user, account)
    context = {"page": page, "sections": _sections(request, page, account), "account": account, **_live(page, mark)}
    return render(request, "generations/queue/queue.html", context)


@require_GET
def job(request: SignedIn, ref) -> HttpResponse:
    """What can be done with one job in the queue: a dialog, or a page without script."""
    return _job_dialog(request, _job(request, ref))


# Fragments


@require_GET
def changes(request: SignedIn) -> HttpResponse:
    """The parts of the page that changed since its mark: 204 where none did."""
    if is_current(request.GET.get("mark", ""), mark_of(request.user)):
        return HttpResponse(status=204)
    return _changes(request)


# Actions


@require_POST
def job_move(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    try:
        place = Place(request.POST.get("to", ""))
    except ValueError:
        return _answer(request, "Choose where to move it.", "warn")
    try:
        moved = steering.move(job, place, request.user)
    except NotAllowed as error:
        return _answer(request, str(error), "warn")
    if not moved:
        return _answer(request, "It stands there already, or no longer waits.")
    return _answer(request, "It goes before everybody’s." if place == Place.FRONT else "Moved.", "good")


@require_POST
def job_priority(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    try:
        priority = Priority(int(request.POST.get("priority", "")))
    except ValueError:
        return _answer(request, "Choose a priority.", "warn")
    try:
        changed = steering.change_priority(job, priority, request.user)
    except NotAllowed as error:
        return _answer(request, str(error), "warn")
    if not changed:
        return _answer(request, "It no longer waits.")
    return _answer(request, f"Its priority is {priority.label.lower()} now.", "good")


@require_POST
def job_cancel(request: SignedIn, ref) -> HttpResponse:
    job = _job(request, ref)
    if job.can_cancel and job.status != JobStatus.QUEUED and not request.POST.get("confirmed"):
        return _job_dialog(request, job)  # it was sent meanwhile: stopping it may cost something now
    if not decisions.cancel(job, request.user):
        return _answer(request, "Too late: this job has ended already.", "warn")
    if job.status == JobStatus.CANCELLED:
        return _answer(request, "Cancelled. It was not sent, so it cost nothing.", "good")
    return _answer(request, "The service is being asked to stop it.")


@require_http_methods(["GET", "POST"])
def account_pause(request: SignedIn, pk: int) -> HttpResponse:
    account = _account(request, pk)
    form = PauseForm(posted(request))
    form.fields[
        "reason"
    ].help_text = "Everybody who waits reads it. What runs is followed to its end; what waits keeps its place."
    if request.method == "POST" and form.is_valid():
        steering.pause_account(account, request.user, form.cleaned_data["reason"])
        return _answer(request, f"{account} is paused. Nothing new is sent.", "good")
    is_paused = account.state == AccountState.PAUSED
    return _pause_dialog(request, form, "account", account, is_paused=is_paused, why=account.state_reason)


@require_POST
def account_resume(request: SignedIn, pk: int) -> HttpResponse:
    account = _account(request, pk)
    if not steering.resume_account(account, request.user):
        return _answer(request, f"{account} was not paused.")
    return _answer(request, f"{account} goes on.", "good")


@require_http_methods(["GET", "POST"])
def person_pause(request: SignedIn, pk: int) -> HttpResponse:
    person = _person(request, pk)
    form = PauseForm(posted(request))
    form.fields["reason"].help_text = "They read it at their jobs. What runs is followed to its end."
    if request.method == "POST" and form.is_valid():
        if not steering.pause_person(person, request.user, form.cleaned_data["reason"]):
            return _answer(request, f"{person}’s jobs are paused already.")
        return _answer(request, f"{person}’s jobs wait until somebody resumes them.", "good")
    why = person.queue_paused_why
    return _pause_dialog(request, form, "person", person, is_paused=person.queue_paused_at is not None, why=why)


@require_POST
def person_resume(request: SignedIn, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if not steering.resume_person(person, request.user):
        return _answer(request, f"{person}’s jobs were not paused.")
    return _answer(request, f"{person}’s jobs go on.", "good")


# Private helpers


def _job(request: SignedIn, ref) -> Job:
    jobs = Job.objects.steerable_by(request.user).select_related("account", "owner")
    return get_object_or_404(jobs, ref=ref)


def _account(request: SignedIn, pk: int) -> Account:
    _leads_only(request)
    return get_object_or_404(Account.objects.visible_to(request.user), pk=pk)


def _person(request: SignedIn, pk: int) -> User:
    _leads_only(request)
    return get_object_or_404(User.objects.filter(is_active=True), pk=pk)


def _leads_only(request: SignedIn) -> None:
    if not request.user.is_lead:
        raise Http404


def _account_filter(request: SignedIn) -> int | None:
    """The one account that the page is about, where it is about one; it must be theirs."""
    sent = (request.POST if request.method == "POST" else request.GET).get("account", "")
    if not sent.isdecimal() or len(sent) > 18:
        return None
    return get_object_or_404(Account.objects.visible_to(request.user), pk=int(sent)).pk


def _live(page: QueuePage, mark: str) -> dict:
    is_moving = bool(page.busy)
    return {"mark": with_drift(mark, is_moving=is_moving), "pace": FAST if is_moving else SLOW}


def _sections(request: SignedIn, page: QueuePage, account: int | None) -> list[Section]:
    context = {"page": page, "user": request.user, "account": account}
    parts: list[tuple[str, str, dict]] = [("queue-summary", "_summary", {})]
    parts += [(f"queue-account-{queue.account.pk}", "_account", {"queue": queue}) for queue in page.busy]
    parts += [("queue-idle", "_idle", {})] if page.idle else []
    parts += [("queue-people", "_people", {})] if page.people else []
    return [
        Section(name, render_to_string(f"generations/queue/{template}.html", {**context, **more}))
        for name, template, more in parts
    ]


def _changes(request: SignedIn) -> HttpResponse:
    account = _account_filter(request)
    mark = mark_of(request.user)
    page = queue_page(request.user, account)
    sections = _sections(request, page, account)
    sent = (request.POST if request.method == "POST" else request.GET).getlist("part")
    is_same_list = [part.partition(":")[0] for part in sent] == [section.id for section in sections]
    changed = [section for section in sections if section.digest not in sent] if is_same_list else sections
    context = {"changed": changed, "is_same_list": is_same_list, "account": account, **_live(page, mark)}
    return render(request, "generations/queue/_changes.html", context)


def _answer(request: SignedIn, text: str, tone: str = "plain") -> HttpResponse:
    """Show what became of an action, and say `text`."""
    if request.htmx:
        return trigger_client_event(_changes(request), "toast", {"text": text, "tone": tone})
    messages.add_message(request, LEVELS[tone], text)
    account = _account_filter(request)
    return redirect(reverse("generations:queue") + (f"?account={account}" if account else ""))


def _job_dialog(request: SignedIn, job: Job) -> HttpResponse:
    if not job.can_cancel:
        return _answer(request, "This job has ended already, or is being stopped.")
    context = {
        "job": job,
        "is_mine": job.owner_id == request.user.pk,
        "is_waiting": job.status == JobStatus.QUEUED,
        "may_have_slot": job.status in HOLDS_SLOT,
        "is_in_front": steering.is_in_front(job),
        "priorities": [each for each in Priority if each != Priority.HIGH or request.user.is_lead],
        "reason": _reason(request, job),
    }
    return _dialog(request, "job", context)


def _reason(request: SignedIn, job: Job) -> str:
    if job.status != JobStatus.QUEUED:
        return ""
    found = Snapshot([job.account]).queues[job.account_id]
    return reasons.reason(found, job, request.user.pk) if job.owner_id in found.snapshot.people else ""


def _pause_dialog(
    request: SignedIn, form: PauseForm, kind: str, what: Account | User, *, is_paused: bool, why: str
) -> HttpResponse:
    context = {
        "form": form,
        "what": what,
        "name": str(what),
        "is_person": kind == "person",
        "is_paused": is_paused,
        "why": why,
        "pause_url": reverse(f"generations:queue-{kind}-pause", args=[what.pk]),
        "resume_url": reverse(f"generations:queue-{kind}-resume", args=[what.pk]),
    }
    return _dialog(request, "pause", context, status=422 if form.errors else 200)


def _dialog(request: SignedIn, name: str, context: dict, status: int = 200) -> HttpResponse:
    """A dialog that is put into #dialogs, or a page without script."""
    if not request.htmx:
        return render(request, f"generations/queue/{name}.html", context, status=status)
    response = render(request, f"generations/queue/_{name}_dialog.html", context, status=status)
    return reswap(retarget(response, "#dialogs"), "innerHTML")
