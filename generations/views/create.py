"""The Create page: the prompt bar and the jobs below it."""

import json
import uuid
from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedIn
from accounts.models import Account, Channel
from accounts.models.account import WAITS_FOR_PERSON
from generations import cards, live, refs
from generations.budget_notes import notes
from generations.engine.capacity import channels_use
from generations.enqueue import CannotEnqueue, enqueue
from generations.forms import LONGEST_TEXT, PromptForm
from generations.models import Batch, Collection, Job, Style
from generations.preview import Preview, preview
from generations.prompts import already, styling
from generations.references import chips, intake, using
from generations.views.answers import changed_parts
from midjourney import prompt as language
from midjourney.parameters import ROLES
from midjourney.prompt import Problem

MOST_BATCHES = 3  # named above the list
EXAMPLES = (
    ("A place", "a lighthouse at dusk on a rocky coast, warm light in the lamp room, long exposure sea --ar 16:9"),
    ("A portrait", "portrait of an old clockmaker in her workshop, window light, 85mm, shallow focus --ar 4:5"),
    ("A pattern", "botanical pattern of wild strawberries and bees, block print, two colours --ar 1:1 --tile"),
)


# Pages


@require_GET
def create(request: SignedIn) -> HttpResponse:
    return _page(request, preview(_first_text(request)))


# Fragments


@require_GET
def job_list_older(request: SignedIn) -> HttpResponse:
    """The next page of the list; without script it is a page of its own."""
    before = _number(request.GET.get("before", ""))
    jobs, older = cards.newest_jobs(request.user, before)
    after = request.GET.get("day", "")
    context = {"days": cards.days(cards.make_cards(jobs), after=after), "older": older, "oldest": _oldest(jobs)}
    return render(request, "generations/_older_jobs.html", context)


@require_POST
def prompt_check(request: SignedIn) -> HttpResponse:
    """What would be sent; nothing is stored. Without script the whole page, with the text still in its box."""
    form = PromptForm(request.POST, user=request.user)
    form.is_valid()
    account = form.cleaned_data.get("account")
    checked = preview(form.typed_text, form.problems, _free_slots(request, account))
    if request.htmx:
        checked = _for_person(request, checked, account)
        return render(request, "generations/_preview.html", {"preview": checked})
    return _page(request, checked, key=form.cleaned_data.get("key") or "", account=account)


# Actions


@require_http_methods(["GET", "POST"])
def prompt_create(request: SignedIn) -> HttpResponse:
    """Queue a prompt. GET only happens after signing in again on the way, and leads back to the bar."""
    if request.method == "GET":
        return redirect("generations:create")
    form = PromptForm(request.POST, user=request.user)
    if not form.is_valid() or form.problems:
        return _refused(request, form, form.problems)
    try:
        given = form.cleaned_data
        prompt = enqueue(
            request.user, form.typed_text, account=given["account"], key=form.idempotency_key, into=given["into"]
        )
    except CannotEnqueue as error:
        return _refused(request, form, error.problems)
    if not request.htmx:
        count = prompt.jobs.count()
        messages.success(request, "Queued." if count == 1 else f"{count} jobs queued.")
        return redirect("generations:create")
    response = render(
        request, "generations/_prompt_form.html", _bar(request, preview(""), account=form.cleaned_data["account"])
    )
    response.write(changed_parts(request).content.decode())
    return response


# Private helpers


def _refused(request: SignedIn, form: PromptForm, problems: tuple[Problem, ...]) -> HttpResponse:
    """422 with the text still in the box."""
    account = form.cleaned_data.get("account")
    checked = preview(form.typed_text, problems)
    key = str(form.cleaned_data.get("key") or "")
    if request.htmx:
        context = _bar(request, checked, key=key, account=account)
        return render(request, "generations/_prompt_form.html", context, status=422)
    return _page(request, checked, key=key, account=account, status=422)


def _page(
    request: SignedIn, checked: Preview, *, key: str = "", account: Account | None = None, status: int = 200
) -> HttpResponse:
    value = live.look(request.user)
    before = _number(request.GET.get("before", ""))
    jobs, older = cards.newest_jobs(request.user, before)
    context = _bar(request, checked, key=key, account=account) | {
        "days": cards.days(cards.make_cards(jobs)),
        "older": older,
        "oldest": _oldest(jobs),
        "is_first_page": before is None,
        "is_first_run": not jobs and before is None and not Job.objects.visible_to(request.user).exists(),
        "batches": Batch.objects.visible_to(request.user).going()[:MOST_BATCHES],
        "cursor": live.first_cursor(request.user, jobs, value),
        "pace": live.pace(request.user),
        "unsafe": live.unsafe_count(request.user),
        "examples": EXAMPLES,
        "takes": intake.TAKES,
    }
    return render(request, "generations/create.html", context, status=status)


def _bar(request: SignedIn, checked: Preview, *, key: str = "", account: Account | None = None) -> dict:
    return {
        "preview": _for_person(request, checked, account),
        "key": key or uuid.uuid4().hex,
        "accounts": account_choices(request),
        "chosen_account": account,
        "all_roles": ROLES,
        "collections": Collection.objects.owned_by(request.user).plain().order_by("name"),
        "chosen_into": request.POST.get("into", request.GET.get("into", "")),
        "styles": [
            (style, json.dumps(styling.values(style)))
            for style in Style.objects.visible_to(request.user).order_by("name")
        ],
    }


def _for_person(request: SignedIn, checked: Preview, account: Account | None) -> Preview:
    """The preview with this person's pictures in it, and with what their budget says to it."""
    unusable = using.problems(request.user, checked.text, using.account_for(request.user, account))
    problems = tuple(dict.fromkeys((*unusable, *checked.problems)))
    checked = replace(checked, problems=problems, chips=chips.of_text(request.user, checked.text))
    can_be_sent = checked.review.prompts and not checked.errors and not checked.is_blank
    if can_be_sent:
        checked = replace(checked, already=already.found(request.user, checked.review.prompts))
    return replace(checked, budget=notes(request.user, checked.review.count if can_be_sent else 0))


def account_choices(request: SignedIn) -> list[dict]:
    """The accounts that the person may use, with how many slots are free."""
    accounts = list(Account.objects.visible_to(request.user))
    uses = channels_use(Channel.objects.filter(account__in=accounts, removed_at=None)).values() if accounts else []
    free: dict[int, int] = {}
    for use in uses:
        free[use.channel.account_id] = free.get(use.channel.account_id, 0) + (
            use.free("") if use.channel.is_open else 0
        )
    return [
        {"account": account, "free": free.get(account.pk, 0), "waits": account.state in WAITS_FOR_PERSON}
        for account in accounts
    ]


def _free_slots(request: SignedIn, account: Account | None) -> int | None:
    """Free slots of the account that would be used, of all of theirs where none is chosen."""
    choices = [choice for choice in account_choices(request) if account is None or choice["account"] == account]
    usable = [choice["free"] for choice in choices if not choice["waits"]]
    return sum(usable) if usable else None


def _first_text(request: SignedIn) -> str:
    """The text to begin with: that of a job to reuse, or one of the examples."""
    if request.GET.get("from"):
        try:
            ref = uuid.UUID(request.GET["from"])
        except ValueError:
            return ""
        job = get_object_or_404(Job.objects.visible_to(request.user), ref=ref)
        number, seed = _number(request.GET.get("suggestion", "")), _number(request.GET.get("seed", ""))
        text = job.suggestions[number - 1] if number and number <= len(job.suggestions) else job.text
        return text if seed is None else language.update(text, seed=str(seed))
    if request.GET.get("text"):  # from a template, or from history without script
        return request.GET["text"][:LONGEST_TEXT]
    if request.GET.get("apply"):
        styles = Style.objects.visible_to(request.user).filter(ref=refs.read(request.GET["apply"]))
        return "".join(styles.values_list("parameters", flat=True)[:1])
    if request.GET.get("use"):
        return using.first_text(request.user, request.GET["use"], request.GET.get("role", ""))
    number = _number(request.GET.get("example", ""))
    return EXAMPLES[number][1] if number is not None and number < len(EXAMPLES) else ""


def _oldest(jobs: list[Job]) -> int:
    return jobs[-1].pk if jobs else 0


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
