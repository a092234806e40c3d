"""What visitors with a link see and leave. No account, nothing but own copies of files, and no trace in search engines.

A link that does not open is answered with the same page, whatever the reason.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from generations.models import Image, PublicLink
from generations.names import file_name, plain_name
from generations.sharing import links, picks, prompts, visitors
from generations.sharing.forms import PickForm
from generations.sharing.visitors import LONGEST_NAME, Visitor
from generations.views.files import send_copy, send_thumbnail


def for_visitors(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view for anybody: without traces, and with one answer where there is nothing.

    Browsers that send no referrer say "null" for the origin of a form, which Django's own check takes for another site.
    Forms are checked by `visitors.is_from_elsewhere` and a cookie that other sites cannot send along.
    """

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = HttpResponse(render_to_string("404.html"), status=404)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        response.setdefault("Cache-Control", "private, no-store")
        return response

    return wrapper


# Pages


@for_visitors
@require_safe
def public(request: HttpRequest, key: str) -> HttpResponse:
    """The pictures of a link, or its one picture."""
    link = _opened(key)
    if not visitors.is_unlocked(request, link):
        return _locked(request, link)
    if link.collection is None:
        return _picture(request, link, get_object_or_404(links.pictures(link).select_related("job")))
    before = request.GET.get("before", "")
    page = links.page(link.collection, before)
    shown = [(image, links.shows_prompt(link, image)) for image in page.images]
    return _shown(request, link, "public.html", page.images, {"page": page, "shown": shown, "before": before})


@for_visitors
@require_safe
def public_picture(request: HttpRequest, key: str, ref) -> HttpResponse:
    """One picture of a link, large."""
    link = _opened(key)
    if not visitors.is_unlocked(request, link):
        return _locked(request, link)
    return _picture(request, link, _image(link, ref))


# Actions


@for_visitors
@require_POST
def public_unlock(request: HttpRequest, key: str) -> HttpResponse:
    link = _opened(key)
    if visitors.is_from_elsewhere(request):
        return _refused(request)
    if not visitors.may_try(request, link):
        return _locked(request, link, "Too many tries in a short time. Wait a few minutes and try again.", 429)
    if not links.is_password(link, request.POST.get("password", "")[:200]):
        return _locked(request, link, "That is not the password. Ask whoever sent you the link.", 422)
    response = redirect(link)
    visitors.remember_visit(response, link, counted=False)
    return response


@for_visitors
@require_POST
def public_name(request: HttpRequest, key: str) -> HttpResponse:
    """What a visitor calls themselves, beside their marks and notes."""
    link = _opened(key, request)
    who = _visitor(request, link)
    if who is None:
        return _refused(request)
    who = Visitor(who.key, " ".join(request.POST.get("name", "").split())[:LONGEST_NAME])
    picks.rename(link, who)
    response = redirect(link)
    visitors.remember_visitor(response, link, who)
    return response


@for_visitors
@require_POST
def public_pick(request: HttpRequest, key: str, ref) -> HttpResponse:
    """Mark a picture, or leave a note on it."""
    link = _opened(key, request)
    image = _image(link, ref)
    who = _visitor(request, link)
    form = PickForm(request.POST)
    if who is None or not form.is_valid():
        return _refused(request)
    chosen = {"0": False, "1": True}.get(form.cleaned_data["chosen"])
    note = form.cleaned_data["note"] if "note" in request.POST else None
    try:
        pick = picks.leave(link, image, who, chosen=chosen, note=note)
    except picks.TooMany:
        return _refused(request)
    if request.htmx:  # type: ignore[attr-defined]
        place = "_note.html" if "note" in request.POST else "_heart.html"
        context = {"link": link, "image": image, "pick": pick, "is_kept": True}
        return render(request, f"generations/sharing/{place}", context)
    if request.POST.get("from") == "picture" and link.collection:
        return redirect("generations:public-picture", link.key, image.ref)
    return redirect(f"{link.get_absolute_url()}#shot-{image.ref}")


# Files


@for_visitors
@require_safe
def public_thumbnail(request: HttpRequest, key: str, ref, width: int) -> HttpResponseBase:
    return send_thumbnail(request, _image(_opened(key, request), ref), width)


@for_visitors
@require_safe
def public_original(request: HttpRequest, key: str, ref) -> HttpResponseBase:
    """The file in full size, where the link allows it: a copy that tells nothing of how it was made."""
    link = _opened(key, request)
    if not link.allows_download:
        raise Http404
    image = _image(link, ref)
    named = file_name(image) if links.shows_prompt(link, image) else plain_name(image)
    return send_copy(request, image, named if request.GET.get("download") else "")


# Private helpers


def _opened(key: str, request: HttpRequest | None = None) -> PublicLink:
    """The link; with a request only for a browser that may see what it shows. Raises Http404."""
    link = links.opened(key)
    if link is None or (request and not visitors.is_unlocked(request, link)):
        raise Http404
    return link


def _image(link: PublicLink, ref) -> Image:
    return get_object_or_404(links.pictures(link).select_related("job"), ref=ref)


def _visitor(request: HttpRequest, link: PublicLink) -> Visitor | None:
    """Who sends a form; None where the link takes none, or another site sent it."""
    if not link.takes_picks or visitors.is_from_elsewhere(request):
        return None
    return visitors.visitor(request, link)


def _picture(request: HttpRequest, link: PublicLink, image: Image) -> HttpResponse:
    before, after = links.neighbours(link.collection, image) if link.collection else (None, None)
    prompt = prompts.shown(image) if links.shows_prompt(link, image) else ""
    context = {"image": image, "earlier": before, "later": after, "prompt": prompt}
    return _shown(request, link, "public_picture.html", [image], context)


def _shown(request: HttpRequest, link: PublicLink, template: str, images: list[Image], context: dict) -> HttpResponse:
    """The page, with what this visitor left on its pictures; counts the visit the first time."""
    who = visitors.visitor(request, link) if link.takes_picks else None
    context |= {"link": link, "visitor": who, "picked": picks.of_visitor(link, who, images), "title": link.title}
    context["root"] = reverse("generations:public", args=[link.key])
    response = render(request, f"generations/sharing/{template}", context)
    if link.takes_picks and who is None:
        visitors.remember_visitor(response, link, visitors.new_visitor())
    if request.method == "GET" and not visitors.was_counted(request, link):
        if getattr(request.user, "pk", None) != link.created_by_id:
            links.count_view(link)
        visitors.remember_visit(response, link, counted=True)
    return response


def _locked(request: HttpRequest, link: PublicLink, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"link": link, "problem": problem}
    return render(request, "generations/sharing/public_locked.html", context, status=status)


def _refused(request: HttpRequest) -> HttpResponse:
    return render(request, "generations/sharing/public_refused.html", status=403)
