"""Collections of pictures: put together by hand, or a search under a name."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedIn, posted
from generations import refs
from generations.gallery import collecting, pages
from generations.gallery.forms import CollectionForm
from generations.models import Collection, Image
from generations.views.gallery import view_of


@require_GET
def collection_list(request: SignedIn) -> HttpResponse:
    context = {"shelves": collecting.shelves(request.user)}
    return render(request, "generations/gallery/collections.html", context)


@require_GET
def collection_detail(request: SignedIn, ref) -> HttpResponse:
    collection = _mine(request, ref)
    context: dict[str, Any] = {"collection": collection, "selects": "select" in request.GET, **view_of(request)}
    if collection.is_smart:
        context["page"] = pages.of(collecting.pictures(collection), request.GET.get("before", ""))
    else:
        context["page"] = collecting.entries(collection, request.GET.get("before", ""))
    return render(request, "generations/gallery/collection.html", context)


@require_http_methods(["GET", "POST"])
def collection_new(request: SignedIn) -> HttpResponse:
    form = CollectionForm(posted(request), user=request.user, initial={"query": request.GET.get("q", "")[:500]})
    return _saved(request, form)


@require_http_methods(["GET", "POST"])
def collection_edit(request: SignedIn, ref) -> HttpResponse:
    return _saved(request, CollectionForm(posted(request), user=request.user, instance=_mine(request, ref)))


@require_http_methods(["GET", "POST"])
def collection_delete(request: SignedIn, ref) -> HttpResponse:
    """Delete the collection; its pictures stay."""
    collection = _mine(request, ref)
    if request.method != "POST":
        return render(request, "generations/gallery/collection_delete.html", {"collection": collection})
    collection.delete()
    messages.success(request, f"“{collection.name}” is deleted. Its pictures are still in your gallery.")
    return redirect("generations:collection-list")


@require_POST
def collection_move(request: SignedIn, ref) -> HttpResponse:
    """Move pictures within the collection, or make one its cover."""
    collection = _mine(request, ref)
    found = Image.objects.visible_to(request.user).filter(entries__collection=collection)
    chosen = list(found.in_bulk(refs.known(request.POST.getlist("image")[:50]), field_name="ref").values())
    to = request.POST.get("to", "")
    if len(chosen) != 1:
        messages.info(request, "Choose one picture for that.")
    elif to == "cover":
        Collection.objects.filter(pk=collection.pk).update(cover=chosen[0])
        messages.success(request, "It is the cover now.")
    elif not collecting.move(collection, chosen[0], to):
        messages.info(request, "It is there already.")
    return redirect(f"{collection.get_absolute_url()}?select=1")


def _mine(request: SignedIn, ref) -> Collection:
    return get_object_or_404(Collection.objects.owned_by(request.user), ref=ref)


def _saved(request: SignedIn, form: CollectionForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        return redirect(form.save())
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "is_new": form.instance.pk is None}
    return render(request, "generations/gallery/collection_edit.html", context, status=status)
