"""Blend, describe and video: pages that begin with pictures. Without script each button is the same request."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import SignedIn
from generations.enqueue import CannotEnqueue, enqueue
from generations.making import film, queueing
from generations.making.forms import BlendForm, MakingForm, VideoForm, chosen, rearranged
from generations.models import Image, InputRole, Job, Reference, Verb
from generations.references import intake, using
from generations.views.answers import answer
from generations.views.create import account_choices
from midjourney import prompt as language

# Pages


@require_http_methods(["GET", "POST"])
def blend_new(request: SignedIn) -> HttpResponse:
    form = BlendForm(request.POST or None, user=request.user)
    codes, problems = _pictures(request, "reference", InputRole.BLEND, queueing.MOST_BLENDED)
    if _is_sent(request) and not problems and form.is_valid():
        try:
            job = queueing.blend(
                request.user,
                chosen(request.user, codes),
                form.cleaned_data["dimensions"],
                account=form.cleaned_data["account"],
                key=form.idempotency_key,
            )
        except CannotEnqueue as error:
            problems = _words(error)
        else:
            return _done(request, job)
    return _page(request, "blend", form, {"references": chosen(request.user, codes)}, problems)


@require_http_methods(["GET", "POST"])
def describe_new(request: SignedIn) -> HttpResponse:
    form = MakingForm(request.POST or None, user=request.user)
    codes, problems = _pictures(request, "reference", InputRole.DESCRIBE, 1)
    references = chosen(request.user, codes)
    if _is_sent(request) and not problems and form.is_valid():
        if not references:
            problems = ["Choose the picture that is to be described."]
        else:
            try:
                job = queueing.describe(
                    request.user, references[0], account=form.cleaned_data["account"], key=form.idempotency_key
                )
            except CannotEnqueue as error:
                problems = _words(error)
            else:
                return _done(request, job)
    return _page(request, "describe", form, {"references": references}, problems)


@require_http_methods(["GET", "POST"])
def video_new(request: SignedIn) -> HttpResponse:
    first = {name: request.GET[name] for name in ("words", "motion", "bs") if request.GET.get(name)}
    form = VideoForm(request.POST or None, user=request.user, initial=first)
    starts, problems = _pictures(request, "reference", InputRole.START, 1)
    ends, more = _pictures(request, "end", InputRole.END, 1)
    problems += more
    references, end = chosen(request.user, starts), chosen(request.user, ends)
    composed = _film(form, references, end)
    if _is_sent(request) and not problems and form.is_valid():
        if not references:
            problems = ["Choose the picture that the video begins with."]
        else:
            try:
                prompt = enqueue(
                    request.user, composed.text, account=form.cleaned_data["account"], key=form.idempotency_key
                )
            except CannotEnqueue as error:
                problems = _words(error)
            else:
                return _done(request, prompt.jobs.order_by("pk").get())
    if references and not problems:
        problems = _unreachable(request, composed.text, form)
    context = {"references": references, "end": end, "film": composed, "minutes": _minutes(composed, references)}
    return _page(request, "video", form, context, problems)


# Actions


@require_POST
def suggestion_run(request: SignedIn, ref, number: int) -> HttpResponse:
    """Queue one of the prompts that a describe job brought."""
    job = _described(request, ref)
    try:
        queueing.run_suggestion(request.user, job, number)
    except CannotEnqueue as error:
        return answer(request, job, str(error), "danger")
    job.touch()
    return answer(request, job, "Queued.", "good")


@require_POST
def suggestions_run(request: SignedIn, ref) -> HttpResponse:
    """Queue all of them; those that were queued before are not queued again."""
    job = _described(request, ref)
    try:
        for number in range(1, len(job.suggestions) + 1):
            queueing.run_suggestion(request.user, job, number)
    except CannotEnqueue as error:
        return answer(request, job, str(error), "danger")
    job.touch()
    return answer(request, job, f"All {len(job.suggestions)} are queued.", "good")


# Private helpers


def _described(request: SignedIn, ref) -> Job:
    jobs = Job.objects.visible_to(request.user).filter(verb=Verb.DESCRIBE)
    return get_object_or_404(jobs.select_related("account", "root"), ref=ref)


def _is_sent(request: SignedIn) -> bool:
    return request.method == "POST" and request.POST.get("do") == "send"


def _pictures(request: SignedIn, field: str, role: InputRole, most: int) -> tuple[list[str], list[str]]:
    """The codes of the chosen pictures after what was just done with them, and what could not be done."""
    if request.method != "POST":
        return _first(request, field, role), []
    data: QueryDict = request.POST
    codes = data.getlist(field)
    if field == "reference":
        codes = rearranged(codes, data.get("do", ""))
    if data.get("clear") == field:
        codes = []
    problems: list[str] = []
    if data.get("do") == "add" and data.get("slot") == field:
        codes = [*codes, *data.get("add", "").split()]
    for upload in request.FILES.getlist(f"{field}-file"):
        try:
            codes.append(intake.take(request.user, upload).code)
        except intake.NotTaken as error:
            problems.append(str(error))
    codes = list(dict.fromkeys(codes))
    return (codes[-most:] if most == 1 else codes[:most]), problems


def _first(request: SignedIn, field: str, role: InputRole) -> list[str]:
    """The pictures that the page opens with: by code, a picture of the gallery, or those of a job to make again."""
    if field != "reference":
        return []
    codes = request.GET.getlist("reference")
    if ref := _ref(request.GET.get("image", "")):
        image = Image.objects.visible_to(request.user).saved().select_related("job").filter(ref=ref).first()
        try:
            codes += [intake.take_image(request.user, image).code] if image is not None else []
        except intake.NotTaken as error:
            messages.error(request, str(error))
    if ref := _ref(request.GET.get("job", "")):
        used = Reference.objects.visible_to(request.user).filter(uses__job__ref=ref, uses__role=role)
        codes += list(used.order_by("uses__position").values_list("code", flat=True))
    return list(dict.fromkeys(codes))


def _ref(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _film(form: VideoForm, references: list[Reference], end: list[Reference]) -> film.Film:
    """What would be sent, also while the form is only being filled in."""
    if form.is_bound:
        form.is_valid()
        data = form.cleaned_data
    else:
        data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return film.compose(
        references[0].token if references else "",
        data.get("words") or "",
        motion=data.get("motion") or "low",
        loop=bool(data.get("loop")),
        end=end[0].token if end else "",
        raw=bool(data.get("raw")),
        bs=data.get("bs") or "4",
    )


def _minutes(composed: film.Film, references: list[Reference]) -> Any:
    return language.gpu_minutes(language.parse(composed.text)) if references else None


def _unreachable(request: SignedIn, text: str, form: VideoForm) -> list[str]:
    """What keeps the service from fetching the pictures, said before anything is sent."""
    account = form.cleaned_data.get("account") if form.is_bound and form.is_valid() else None
    found = using.problems(request.user, text, using.account_for(request.user, account))
    return [problem.message for problem in found]


def _page(request: SignedIn, kind: str, form: MakingForm, context: dict[str, Any], problems: list[str]) -> HttpResponse:
    """The page, or its form alone for script; 422 where what was asked for could not be done."""
    account = form.data.get("account", "") if form.is_bound else ""
    context |= {
        "kind": kind,
        "form": form,
        "problems": problems,
        "accounts": account_choices(request),
        "chosen_account": account,
        "key": (form.data.get("key") if form.is_bound else "") or uuid.uuid4().hex,
        "takes": intake.TAKES,
    }
    is_refused = (_is_sent(request) or bool(request.FILES)) and (bool(problems) or bool(form.errors))
    name = f"generations/making/_{kind}_form.html" if request.htmx else f"generations/making/{kind}.html"
    return render(request, name, context, status=422 if is_refused else 200)


def _done(request: SignedIn, job: Job) -> HttpResponse:
    """Back to the list of jobs, where it stands on top."""
    messages.success(request, "Queued.")
    return HttpResponseClientRedirect("/") if request.htmx else redirect("generations:create")


def _words(error: CannotEnqueue) -> list[str]:
    return [problem.message for problem in error.problems]
