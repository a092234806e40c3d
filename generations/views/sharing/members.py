"""What colleagues have shared: the lists, one picture, one collection, adding to it, and comments."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedIn
from generations.gallery import collecting, pages
from generations.models import Collection, CollectionEntry, Comment, Image, ShareRole
from generations.sharing import feeds, links, picks, prompts, roles, talking
from generations.sharing.forms import CommentForm
from generations.sharing.roles import Access

MOST_ADDED = 200  # pictures that one press adds or takes out

# Pages


@require_GET
def shared(request: SignedIn) -> HttpResponse:
    """What was shared with this member, with the team, where they are mentioned, and what they share themselves."""
    show, before = request.GET.get("show", ""), request.GET.get("before", "")
    context: dict[str, Any] = {"show": show, "before": before}
    match show:
        case "mentions":
            context["page"] = feeds.mentions(request.user, before)
        case "mine":
            context["collections"], context["pictures"] = feeds.by_me(request.user)
        case "team":
            context["page"] = feeds.with_team(request.user, before)
        case _:
            context |= {"show": "me", "page": feeds.with_me(request.user, before)}
    return render(request, "generations/sharing/shared.html", context)


@require_GET
def shared_image(request: SignedIn, ref) -> HttpResponse:
    """A picture that somebody shared, with what is said about it."""
    image, access = _image(request, ref)
    context = {"prompt": prompts.shown(image) if access.shows_prompts else ""}
    return render(request, "generations/sharing/shared_image.html", context | _talk(request, image, access))


@require_GET
def shared_collection(request: SignedIn, ref) -> HttpResponse:
    collection, access = _collection(request, ref)
    before = request.GET.get("before", "")
    context = {
        "collection": collection,
        "access": access,
        "before": before,
        "page": links.page(collection, before),
        "adds": access.allows(ShareRole.CONTRIBUTE) and not collection.is_smart,
    }
    return render(request, "generations/sharing/shared_collection.html", context)


@require_http_methods(["GET", "POST"])
def collection_contribute(request: SignedIn, ref) -> HttpResponse:
    """Add own pictures to a collection that takes them."""
    collection, access = _collection(request, ref)
    if not access.allows(ShareRole.CONTRIBUTE) or collection.is_smart:
        raise Http404
    if request.method == "POST":
        return _added(request, collection)
    before = request.GET.get("before", "")
    context = {"collection": collection, "page": pages.page(request.user, before), "before": before}
    return render(request, "generations/sharing/contribute.html", context)


# Fragments


@require_GET
def image_talk(request: SignedIn, ref) -> HttpResponse:
    """What colleagues say about a picture, and for its owner what visitors left on it."""
    return render(request, "generations/sharing/_talk.html", _talk(request, *_image(request, ref)))


# Actions


@require_POST
def collection_take_out(request: SignedIn, ref) -> HttpResponse:
    """Take pictures out of a collection: one's own whoever owns it, and any for those who manage it."""
    collection = get_object_or_404(Collection.objects.plain(), ref=ref)
    entries = CollectionEntry.objects.filter(collection=collection, image__ref__in=_refs(request))
    access = roles.of_collection(request.user, collection)
    if not (access and access.allows(ShareRole.MANAGE)):
        entries = entries.filter(image__owner=request.user)
        if access is None and not entries.exists():
            raise Http404
    count, _ = entries.delete()
    messages.success(request, "It is out of the collection." if count else "It was not in the collection.")
    if access is None:
        return redirect("generations:shared")
    return redirect("generations:shared-collection", collection.ref)


@require_POST
def image_comment(request: SignedIn, ref) -> HttpResponse:
    image, access = _image(request, ref)
    if not access.allows(ShareRole.COMMENT):
        raise Http404
    form = CommentForm(request.POST)
    if form.is_valid():
        talking.say(request.user, image, form.cleaned_data["text"])
        form = CommentForm()
    if request.htmx or form.is_bound:
        context = _talk(request, image, access, form)
        name = "_talk.html" if request.htmx else "talk.html"
        return render(request, f"generations/sharing/{name}", context, status=422 if form.is_bound else 200)
    return redirect("generations:shared-image", image.ref)


@require_POST
def comment_delete(request: SignedIn, ref) -> HttpResponse:
    comment = get_object_or_404(Comment.objects.select_related("image"), ref=ref)
    if not talking.may_delete(request.user, comment):
        raise Http404
    image = comment.image
    comment.delete()
    access = roles.of_image(request.user, image)
    if access is None:
        return redirect("generations:shared")
    if request.htmx:
        return render(request, "generations/sharing/_talk.html", _talk(request, image, access))
    messages.success(request, "The comment is deleted.")
    return redirect("generations:shared-image", image.ref)


# Private helpers


def _image(request: SignedIn, ref) -> tuple[Image, Access]:
    """A picture that this member may look at, and how far that goes. Raises Http404."""
    image = get_object_or_404(Image.objects.saved().select_related("job", "owner"), ref=ref)
    access = roles.of_image(request.user, image)
    if access is None:
        raise Http404
    return image, access


def _collection(request: SignedIn, ref) -> tuple[Collection, Access]:
    rows = Collection.objects.visible_to(request.user).select_related("owner")
    collection = get_object_or_404(rows, ref=ref)
    access = roles.of_collection(request.user, collection)
    if access is None:
        raise Http404
    return collection, access


def _talk(request: SignedIn, image: Image, access: Access, form: CommentForm | None = None) -> dict[str, Any]:
    comments = talking.of_image(image)
    says = access.allows(ShareRole.COMMENT)
    return {
        "image": image,
        "access": access,
        "comments": [(comment, talking.may_delete(request.user, comment)) for comment in comments],
        "picks": picks.of_image(image) if access.is_owner else [],
        "form": (form or CommentForm()) if says else None,
        "names": talking.mentionable(image, request.user) if says else [],
    }


def _added(request: SignedIn, collection: Collection) -> HttpResponse:
    mine = Image.objects.visible_to(request.user).in_gallery().filter(ref__in=_refs(request))
    chosen = list(mine.order_by("created_at", "pk").values_list("pk", flat=True))
    count = len(collecting.add(request.user, collection, chosen)) if chosen else 0
    if not chosen:
        messages.info(request, "No picture was chosen.")
        return redirect("generations:collection-contribute", collection.ref)
    there = "They were in it already." if len(chosen) > 1 else "It was in it already."
    messages.success(request, f"{count} picture{'' if count == 1 else 's'} added." if count else there)
    return redirect("generations:shared-collection", collection.ref)


def _refs(request: SignedIn) -> list[str]:
    sent = request.POST.getlist("image")[:MOST_ADDED]
    return [ref for ref in sent if len(ref) == 36 and all(letter in "0123456789abcdef-" for letter in ref)]
