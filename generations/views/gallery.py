"""The gallery of a person's saved pictures and videos."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.gallery import page

# Pages


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    return render(request, "generations/gallery.html", {"page": page(request.user, before), "before": before})


# Fragments


@require_GET
def gallery_older(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    return render(request, "generations/_gallery_page.html", {"page": page(request.user, before)})
