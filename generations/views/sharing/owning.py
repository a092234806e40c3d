"""Deciding who sees a picture or a collection: its share page and what is pressed there."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import SignedIn
from generations.models import Collection, Grant, Image, PublicLink, ShareRole
from generations.sharing import giving, links, picks, roles
from generations.sharing.forms import GiveForm, LinkForm, RoleForm, role_choices
from generations.sharing.giving import Thing

# Pages


@require_GET
def share_image(request: SignedIn, ref) -> HttpResponse:
    return _page(request, _thing(request, "image", ref))


@require_GET
def share_collection(request: SignedIn, ref) -> HttpResponse:
    return _page(request, _thing(request, "collection", ref))


# Actions


@require_POST
def share_give(request: SignedIn, kind: str, ref) -> HttpResponse:
    """Share with a member."""
    thing = _thing(request, kind, ref)
    form = GiveForm(request.POST, thing=thing, user=request.user)
    if not form.is_valid():
        return _page(request, thing, give=form)
    person, data = form.cleaned_data["person"], form.cleaned_data
    giving.give(request.user, thing, person, data["role"], shows_prompts=data.get("shows_prompts", False))
    messages.success(request, f"{person} finds it under Shared now.")
    return redirect(_address(thing))


@require_POST
def share_team(request: SignedIn, kind: str, ref) -> HttpResponse:
    """Share with everybody on the team."""
    thing = _thing(request, kind, ref)
    form = RoleForm(request.POST, thing=thing, user=request.user, prefix="team")
    if not form.is_valid():
        return _page(request, thing, team=form)
    data = form.cleaned_data
    giving.give(request.user, thing, None, data["role"], shows_prompts=data.get("shows_prompts", False))
    messages.success(request, "Everybody on the team finds it under Shared now.")
    return redirect(_address(thing))


@require_POST
def share_link(request: SignedIn, kind: str, ref) -> HttpResponse:
    """Make a public link."""
    thing = _thing(request, kind, ref)
    form = LinkForm(request.POST, thing=thing, user=request.user, prefix="link")
    if not form.is_valid():
        return _page(request, thing, link=form)
    link = links.create(request.user, thing, form.terms())
    messages.success(request, "The link is made. Copy its address and send it.")
    return redirect(f"{_address(thing)}#link-{link.pk}")


@require_POST
def grant_change(request: SignedIn, pk: int) -> HttpResponse:
    """Change a role, and whether prompts are seen."""
    grant = _grant(request, pk)
    shows = request.POST.get("shows_prompts") == "on"
    if giving.change(request.user, grant, request.POST.get("role", ""), shows_prompts=shows):
        messages.success(request, "Changed.")
    else:
        messages.error(request, "Choose one of the roles. Nothing has changed.")
    return redirect(_address(grant.thing))


@require_POST
def grant_remove(request: SignedIn, pk: int) -> HttpResponse:
    grant = _grant(request, pk)
    thing, who = grant.thing, str(grant.user or "The team")
    giving.take_back(grant)
    messages.success(request, f"{who} no longer sees it this way.")
    return redirect(_address(thing))


@require_POST
def link_revoke(request: SignedIn, pk: int) -> HttpResponse:
    """Close a link for good. Whoever made it may, and whoever decides about what it shows."""
    link = get_object_or_404(PublicLink.objects.select_related("image", "collection"), pk=pk)
    may_share = _may_share(request, link.thing)
    if not may_share and link.created_by_id != request.user.pk:
        raise Http404
    if links.revoke(link):
        messages.success(request, "The link is closed. Its address answers as if there had never been anything.")
    else:
        messages.info(request, "It was closed already.")
    return redirect(_address(link.thing) if may_share else reverse("generations:shared"))


# Private helpers


def _thing(request: SignedIn, kind: str, ref) -> Thing:
    """A picture of this member, or a collection that they manage. Raises Http404."""
    if kind == "image":
        return get_object_or_404(Image.objects.visible_to(request.user).saved().select_related("job"), ref=ref)
    if kind != "collection":
        raise Http404
    rows = Collection.objects.visible_to(request.user).select_related("owner")
    collection = get_object_or_404(rows, ref=ref)
    if not _may_share(request, collection):
        raise Http404
    return collection


def _may_share(request: SignedIn, thing: Thing) -> bool:
    return roles.may(request.user, thing, ShareRole.MANAGE) if isinstance(thing, Collection) else _owns(request, thing)


def _owns(request: SignedIn, image: Image) -> bool:
    return request.user.is_active and image.owner_id == request.user.pk


def _grant(request: SignedIn, pk: int) -> Grant:
    grant = get_object_or_404(Grant.objects.select_related("image", "collection", "user"), pk=pk)
    if not _may_share(request, grant.thing):
        raise Http404
    return grant


def _address(thing: Model) -> str:
    kind = "image" if isinstance(thing, Image) else "collection"
    return reverse(f"generations:share-{kind}", args=[thing.ref])  # type: ignore[attr-defined]


def _page(request: SignedIn, thing: Thing, **bound: Any) -> HttpResponse:
    """The share page; with a form that cannot be accepted, as it was sent."""
    found, made = list(giving.grants(thing)), list(links.of_thing(thing))
    asked: dict[str, Any] = {"thing": thing, "user": request.user}
    is_image = isinstance(thing, Image)
    context = {
        "thing": thing,
        "kind": "image" if is_image else "collection",
        "image": thing if is_image else None,
        "collection": None if is_image else thing,
        "is_owner": thing.owner_id == request.user.pk,
        "grants": found,
        "links": made,
        "summary": giving.summary(found, made),
        "roles": role_choices(thing),
        "has_team": any(grant.user_id is None for grant in found),
        "give": bound.get("give") or GiveForm(**asked),
        "team": bound.get("team") or RoleForm(**asked, prefix="team"),
        "link_form": bound.get("link") or LinkForm(**asked, prefix="link"),
        "said": picks.of_thing(thing),
        "places": giving.places(thing) if isinstance(thing, Image) else [],
        "origin": settings.PUBLIC_URL,
    }
    return render(request, "generations/sharing/share.html", context, status=422 if bound else 200)
