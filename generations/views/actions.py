"""Pressing the buttons of a finished job's pictures, and looking up its seed."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from accounts.access import SignedIn
from generations import cards, details
from generations.action_forms import AnimateForm, PressForm
from generations.actions import asking, pressing
from generations.actions.asking import Ask
from generations.budget_notes import notes
from generations.cards import Card
from generations.enqueue import CannotEnqueue
from generations.gallery import stacks
from generations.models import Collection, Image, Job
from generations.views.answers import answer
from midjourney.prompt import Problem

MOST_IN_STRIP = 24  # pictures of the family below the large view
ON_PAGE, LIGHTBOX = "press", "lightbox"  # where the form stands that was sent

# Pages, which are dialogs where there is script


@require_GET
def job_press_ask(request: SignedIn, ref) -> HttpResponse:
    """What a press costs, and its prompt where it takes one, before it is pressed."""
    card = _card(request, ref)
    label, position = request.GET.get("button", ""), _position(card, request.GET.get("position", ""))
    ask = asking.press(card.offers, label, position)
    if ask is None:
        return answer(request, card.job, str(pressing.not_offered(label)), "warn")
    return _show(request, ask)


@require_GET
def job_remix(request: SignedIn, ref) -> HttpResponse:
    """The prompt, to be changed for one of the buttons that take one while remix is on."""
    card = _card(request, ref)
    ask = asking.remix(card.offers, _position(card, request.GET.get("position", "")))
    if ask is None:
        return answer(request, card.job, card.offers.problem or "Nothing here takes a changed prompt.", "warn")
    return _show(request, ask)


@require_http_methods(["GET", "POST"])
def job_animate(request: SignedIn, ref) -> HttpResponse:
    """One picture of a grid: both steps with their costs, then both jobs as a chain."""
    card = _card(request, ref)
    if request.method == "GET":
        position = _position(card, request.GET.get("position", ""))
        if not card.offers.can_animate(position):
            words = card.offers.problem or "This picture cannot be animated from here. Upscale it first."
            return answer(request, card.job, words, "warn")
        return _show_steps(request, card, position, AnimateForm(initial={"position": position}))
    form = AnimateForm(request.POST)
    if not form.is_valid():
        position = _position(card, str(form.data.get("position", ""))) or 1
        return _show_steps(request, card, position, form, status=422)
    position = form.cleaned_data["position"]
    try:
        first, second = pressing.animate_picked(request.user, card.job, position, form.label, form.idempotency_key)
    except CannotEnqueue as error:
        return _show_steps(request, card, position, form, error.problems, status=422)
    waits = second.waits_for_id and not first.is_final
    said = "Two steps queued: the second starts by itself." if waits else "Queued: the picture is animated."
    return _pressed(request, card, position, second, said)


# Fragments


@require_GET
def image_actions(request: SignedIn, ref) -> HttpResponse:
    """What can be done with one picture, for the lightbox."""
    image = get_object_or_404(Image.objects.visible_to(request.user).select_related("job"), ref=ref)
    card = _card(request, image.job.ref)
    context = _lightbox_context(card, card.offers.place_of(image))
    if image.is_saved:
        context |= {
            "about": image,
            "strip": list(stacks.of(request.user, image).select_related("job")[:MOST_IN_STRIP]),
            "facts": details.facts(card.job),
            "said": image.comments.count() + image.picks.exclude(note="", chosen=False).count(),
            "tags": image.tags.order_by("key"),
            "collections_of": Collection.objects.owned_by(request.user).filter(entries__image=image).order_by("name"),
        }
    return render(request, "generations/actions/_lightbox.html", context)


@require_POST
def job_press_check(request: SignedIn, ref) -> HttpResponse:
    """What is wrong with the prompt in the sheet, while it is typed; nothing is stored."""
    job = _card(request, ref).job
    form = PressForm(request.POST)
    form.is_valid()
    prompt = form.cleaned_data.get("prompt", "")
    problems = pressing.prompt_problems(job, prompt) if prompt else ()
    return render(request, "generations/actions/_problems.html", {"problems": problems, "prompt": prompt})


# Actions


@require_POST
def job_press(request: SignedIn, ref) -> HttpResponse:
    card = _card(request, ref)
    form = PressForm(request.POST)
    label = str(request.POST.get("button", ""))
    position = _position(card, request.POST.get("position", ""))
    ask = asking.press(card.offers, label, position)
    if ask is None:
        return answer(request, card.job, str(pressing.not_offered(label)), "warn")
    if ask.offer.button.needs_mask:
        return redirect(region_url(card.job, label, position) or card.job)
    is_asked = request.POST.get("confirmed") or "prompt" in request.POST
    if ask.offer.asks and not is_asked and not card.offers.problem:
        return _show(request, ask)
    if not form.is_valid():
        said = [str(error) for errors in form.errors.values() for error in errors]
        return _refused(request, card, form, ask, tuple(Problem("error", "bad_input", "", text) for text in said))
    try:
        child = pressing.press(
            request.user, card.job, label, position=position, prompt=form.cleaned_data["prompt"],
            key=form.idempotency_key,
        )  # fmt: skip
    except CannotEnqueue as error:
        return _refused(request, card, form, ask, error.problems)
    if ask.offer.made:
        return answer(request, child, "This was done before; here is the result.", shows=child)
    return _pressed(request, card, position, child, f"Queued: {ask.offer.name}.")


@require_POST
def job_seed(request: SignedIn, ref) -> HttpResponse:
    """Have the seed looked up, once for each job."""
    card = _card(request, ref)
    if card.job.seed is not None:
        return answer(request, card.job, f"The seed is {card.job.seed}.", "good")
    try:
        pressing.fetch_seed(request.user, card.job)
    except CannotEnqueue as error:
        return answer(request, card.job, str(error), "danger")
    return answer(request, card.job, "Looking up the seed.", more=_lightbox_again(request, card))


# Private helpers


def region_url(job: Job, label: str, position: int) -> str:
    """The mask editor; "" where there is none."""
    try:
        address = reverse("generations:job-region", args=[job.ref])
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode({'button': label, 'position': str(position)})}"


def _pressed(request: SignedIn, card: Card, position: int, child: Job, text: str) -> HttpResponse:
    """The changed parts of the page, with a new key for the form that was used: what follows is another press."""
    more = _lightbox_again(request, card)
    is_of_page = request.POST.get("place") == ON_PAGE and "button" in request.POST and "confirmed" not in request.POST
    if is_of_page:
        context = {"job": card.job, "position": position, "key": uuid.uuid4().hex}
        more += render_to_string("generations/actions/_pressed.html", context, request)
    is_elsewhere = not (request.POST.get("after") and "newest" in request.POST)  # a page without its card
    to = card.job if request.POST.get("page") == "job" else child
    return answer(request, to, text, "good", more=more, shows=child if is_elsewhere else None)


def _lightbox_again(request: SignedIn, card: Card) -> str:
    """The lightbox's actions as they are now, where they were used."""
    if request.POST.get("place") != LIGHTBOX:
        return ""
    [again] = cards.make_cards([card.job])
    context = {**_lightbox_context(again, _position(card, request.POST.get("position", ""))), "oob": True}
    return render_to_string("generations/actions/_lightbox.html", context, request)


def _lightbox_context(card: Card, position: int) -> dict:
    return {"card": card, "job": card.job, "offers": card.offers, "position": position, "place": LIGHTBOX}


def _refused(request: SignedIn, card: Card, form: PressForm, ask: Ask, problems: tuple[Problem, ...]) -> HttpResponse:
    """422 with the text still in the box, where there was one; else a message."""
    if "prompt" not in request.POST and not request.POST.get("confirmed"):
        return answer(request, card.job, " ".join(problem.message for problem in problems), "danger")
    if request.POST.get("remix"):
        ask = asking.remix(card.offers, ask.position) or ask
        ask.chosen = str(request.POST.get("button", ""))
    ask.prompt, ask.problems = form.typed, problems
    ask.key = str(request.POST.get("key", ""))[:32] or ask.key
    return _show(request, ask, status=422)


def _show(request: SignedIn, ask: Ask, status: int = 200) -> HttpResponse:
    context = {"ask": ask, "job": ask.job, "title": ask.title, "position": ask.position}
    return _sheet(request, "generations/actions/_ask_form.html", context, status)


def _show_steps(
    request: SignedIn,
    card: Card,
    position: int,
    form: AnimateForm,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> HttpResponse:
    steps = asking.steps(card.job, position)
    context = {
        "card": card,
        "job": card.job,
        "position": position,
        "form": form,
        "steps": steps,
        "problems": problems,
        "key": form.data.get("key") or uuid.uuid4().hex,
        "title": f"Animate picture {position}",
        "budget": notes(request.user, sum(step.made is None for step in steps)),
    }
    return _sheet(request, "generations/actions/_animate_form.html", context, status)


def _sheet(request: SignedIn, form_template: str, context: dict, status: int) -> HttpResponse:
    """The form in a dialog, or as a page without script."""
    sent = request.POST if request.method == "POST" else request.GET
    context |= {"form_template": form_template, "page": sent.get("page", ""), "place": sent.get("place", "")}
    if not request.htmx:
        return render(request, "generations/actions/sheet.html", context, status=status)
    if status == 422:  # the dialog is open: only its form is put anew
        return reswap(retarget(render(request, form_template, context, status=status), "#action-form"), "outerHTML")
    return reswap(retarget(render(request, "generations/actions/_sheet.html", context), "#dialogs"), "innerHTML")


def _position(card: Card, sent: str) -> int:
    """The picture that is meant: one of those that are shown, 0 where none is."""
    shown = {image.position or 1 for image in card.pictures}
    return int(sent) if sent.isdecimal() and len(sent) < 3 and int(sent) in shown else 0


def _card(request: SignedIn, ref) -> Card:
    [card] = cards.make_cards([get_object_or_404(Job.objects.visible_to(request.user).for_cards(), ref=ref)])
    return card
