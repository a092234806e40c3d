"""What the upstream account is set to, per channel: read, changed and audited by admins."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedIn, admin_only, managed_account
from accounts.models import Channel
from generations import account_settings
from generations.account_settings import READS, SPEEDS, TOGGLES, VERBS
from generations.enqueue import CannotEnqueue
from generations.explanations import explain
from generations.models import Verb

_LABELS = {
    "version": "Model", "stylize": "Stylize", "raw": "Raw", "personalization": "Personalization", "public": "Public",
    "remix": "Remix", "variability": "Variability", "turbo": "Turbo", "fast": "Fast", "relax": "Relax",
    "suffix": "Suffix",
}  # fmt: skip
_WHAT = {
    Verb.REMIX: "With remix, variations, pans and rerolls may carry a changed prompt.",
    Verb.VARIABILITY: "High variability makes the four variations of a picture differ more.",
    Verb.FAST: "Jobs without a speed of their own use the account’s fast minutes.",
    Verb.RELAX: "Jobs without a speed of their own wait their turn and use no fast minutes.",
    Verb.TURBO: "Jobs without a speed of their own use twice the fast minutes.",
}


@require_GET
@admin_only
def page(request: SignedIn, pk: int, channel_pk: int) -> HttpResponse:
    return render(request, "generations/account_settings/page.html", _context(_channel(request, pk, channel_pk)))


@require_GET
@admin_only
def live(request: SignedIn, pk: int, channel_pk: int) -> HttpResponse:
    """The part that changes while something is under way."""
    return render(request, "generations/account_settings/_state.html", _context(_channel(request, pk, channel_pk)))


@require_http_methods(["GET", "POST"])
@admin_only
def ask(request: SignedIn, pk: int, channel_pk: int, verb: str) -> HttpResponse:
    """Read at once; change only once somebody has confirmed that it changes everybody's pictures."""
    if verb not in VERBS:
        raise Http404
    channel = _channel(request, pk, channel_pk)
    wanted = {"on": True, "off": False}.get(request.POST.get("wanted", request.GET.get("wanted", "")))
    if request.method == "GET" or (verb not in READS and not request.POST.get("confirmed")):
        context = _context(channel) | {"change": _change(channel, verb, wanted)}
        return render(request, "generations/account_settings/confirm.html", context)
    try:
        account_settings.ask(channel, verb, request.user, wanted=wanted)
    except CannotEnqueue as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Asked. It is a job like any other and takes a few seconds.")
    return redirect("generations:channel-settings", pk, channel_pk)


def _channel(request: SignedIn, pk: int, channel_pk: int) -> Channel:
    account = managed_account(request, pk)
    return get_object_or_404(account.channels.filter(removed_at=None).select_related("account"), pk=channel_pk)


def _context(channel: Channel) -> dict[str, Any]:
    history = account_settings.history(channel)
    return {
        "account": channel.account,
        "channel": channel,
        "rows": [(_label(name), _worded(value)) for name, value in channel.settings.items()],
        "plan": account_settings.plan(channel),
        "changes": [_change(channel, verb, None) for verb in (*TOGGLES, *SPEEDS)],
        "history": [(job, explain(job.error_code) if job.error_code else None) for job in history],
        "is_busy": any(not job.is_final for job in history),
    }  # fmt: skip


def _change(channel: Channel, verb: str, wanted: bool | None) -> dict[str, Any]:
    """A button: what it would do, and why it cannot be pressed now."""
    state = account_settings.state_of(channel, verb) if verb in TOGGLES else None
    goes_to = (not state) if wanted is None and state is not None else wanted
    is_set = verb in SPEEDS and _worded(channel.settings.get(verb)) == "on"
    return {
        "verb": verb,
        "label": account_settings.phrase(verb, goes_to)
        if verb not in TOGGLES or state is not None
        else Verb(verb).label,
        "what": _WHAT.get(Verb(verb), ""),
        "wanted": "" if goes_to is None else "on" if goes_to else "off",
        "is_known": verb not in TOGGLES or state is not None,
        "is_set": is_set,
    }


def _label(name: str) -> str:
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def _worded(value: Any) -> str:
    if value is True or str(value).lower() == "true":
        return "on"
    if value is False or str(value).lower() == "false":
        return "off"
    return "–" if value in (None, "") else str(value)
