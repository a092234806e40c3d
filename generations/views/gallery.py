"""The gallery of a person's saved pictures and videos."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import SignedIn
from generations.gallery import page

# Pages


@require_GET
def gallery(request: SignedIn) -> HttpResponse:
    before = request.GET.get("before", "")
    return render(request, "generations/gallery.html", {"page": page(request.user, before), "before": before})


# Fragments


@require_GET
def gallery_older(request: SignedIn) -> HttpResponse:
    before = request.GET.get("before", "")
    return render(request, "generations/_gallery_page.html", {"page": page(request.user, before)})
