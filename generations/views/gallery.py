"""The gallery of a person's saved pictures and videos."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import SignedIn
from generations.gallery.pages import page

# Pages


@require_GET
def gallery(request: SignedIn) -> HttpResponse:
    before = request.GET.get("before", "")
    return render(request, "generations/gallery.html", {**_context(request, before), "before": before})


# Fragments


@require_GET
def gallery_older(request: SignedIn) -> HttpResponse:
    before = request.GET.get("before", "")
    return render(request, "generations/_gallery_page.html", _context(request, before))


# Private helpers


def _context(request: SignedIn, before: str) -> dict:
    """A page of pictures, to be ticked where the address says `select`."""
    return {"page": page(request.user, before), "selects": "select" in request.GET}
