"""Reference pictures: the library, taking pictures in, the picker of other pages, and the files themselves."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.access import SignedIn
from generations import serving
from generations.gallery import pages
from generations.models import Image, Reference
from generations.references import intake, links, shelf

MOST_FILES = 12  # of one upload
SHOWN = 320  # pixels of a thumbnail's longer side: what a library's column needs on most screens

# Pages


@require_GET
def reference_list(request: SignedIn) -> HttpResponse:
    before = request.GET.get("before", "")
    context = {"page": shelf.page(request.user, before), "before": before, "takes": intake.TAKES}
    return render(request, "generations/references/list.html", context)


@require_http_methods(["GET", "POST"])
def reference_remove(request: SignedIn, ref) -> HttpResponse:
    """Takes a picture out of the library, once somebody has confirmed it: a dialog, or a page without script."""
    reference = _reference(request, ref)
    if request.method == "GET":
        context = {"reference": reference, "uses": reference.uses.count()}
        if not request.htmx:
            return render(request, "generations/references/remove.html", context)
        response = render(request, "generations/references/_remove_dialog.html", context)
        return reswap(retarget(response, "#dialogs"), "innerHTML")
    shelf.take_out(reference)
    messages.success(request, "The picture is out of your library. Jobs that used it keep it.")
    return redirect("generations:reference-list")


# Fragments


@require_GET
def reference_list_older(request: SignedIn) -> HttpResponse:
    page = shelf.page(request.user, request.GET.get("before", ""))
    return render(request, "generations/references/_items.html", {"page": page})


@require_GET
def reference_pick(request: SignedIn) -> HttpResponse:
    """The inside of the picker: the library or the gallery."""
    source = "gallery" if request.GET.get("source") == "gallery" else "library"
    before = request.GET.get("before", "")
    context: dict[str, Any] = {"source": source, "before": before, "takes": intake.TAKES}
    if source == "gallery":
        found = pages.page(request.user, before)
        context |= {"images": [image for image in found.images if not image.is_video], "older": found.older}
    else:
        page = shelf.page(request.user, before, 36)
        context |= {"references": page.references, "older": page.older}
    name = "_picker_page.html" if before else "_picker_body.html"
    return render(request, f"generations/references/{name}", context)


# Actions


@require_POST
def reference_upload(request: SignedIn) -> HttpResponse:
    """Take files in; each that cannot be taken says why, and the others are kept."""
    taken: list[Reference] = []
    problems: list[str] = []
    for upload in request.FILES.getlist("files")[:MOST_FILES]:
        try:
            taken.append(intake.take(request.user, upload))
        except intake.NotTaken as error:
            problems.append(str(error))
    if not taken and not problems:
        problems.append(f"Choose a picture first: {intake.TAKES}.")
    if len(request.FILES.getlist("files")) > MOST_FILES:
        problems.append(f"Only the first {MOST_FILES} files were taken. Upload the others after them.")
    return _answered(request, taken, problems)


@require_POST
def reference_from_image(request: SignedIn, ref) -> HttpResponse:
    """Take a picture of the gallery into the library."""
    images = Image.objects.visible_to(request.user).saved().select_related("job")
    image = get_object_or_404(images, ref=ref)
    try:
        reference = intake.take_image(request.user, image)
    except intake.NotTaken as error:
        return _answered(request, [], [str(error)])
    return _answered(request, [reference], [])


@require_POST
def reference_rename(request: SignedIn, ref) -> HttpResponse:
    reference = _reference(request, ref)
    name = " ".join(request.POST.get("name", "").split())
    if not name or len(name) > 120:
        messages.error(request, "Write a name of at most 120 characters.")
    else:
        Reference.objects.filter(pk=reference.pk).update(name=name)
        messages.success(request, "Renamed.")
    return redirect("generations:reference-list")


# Files


@require_safe
def reference_original(request: SignedIn, ref) -> HttpResponseBase:
    reference = get_object_or_404(Reference.objects.visible_to(request.user), ref=ref)
    return _send(request, reference.path, reference.content_type, reference.sha256, sandbox=True)


@require_safe
def reference_thumbnail(request: SignedIn, ref) -> HttpResponseBase:
    reference = get_object_or_404(Reference.objects.visible_to(request.user), ref=ref)
    large_enough = [path for width, height, path in reference.thumbnails if max(width, height) >= SHOWN]
    path = next(iter([*large_enough, *(entry[2] for entry in reference.thumbnails[-1:])]), None)
    if path is None:
        raise Http404
    return _send(request, path, "image/webp", f"{reference.sha256}-s")


@login_not_required
@csrf_exempt
@require_safe
def reference_public(request, token: str, ending: str) -> HttpResponseBase:
    """The picture for the service: whoever has the link, while the job that it was made for goes on."""
    reference = links.opened(token)
    if reference is None or ending not in {"png", "jpg", "webp"}:
        raise Http404
    response = _send(request, reference.path, reference.content_type, reference.sha256, sandbox=True)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


# Private helpers


def _reference(request: SignedIn, ref) -> Reference:
    return get_object_or_404(Reference.objects.visible_to(request.user).in_library(), ref=ref)


def _send(request, path: str, content_type: str, etag: str, *, sandbox: bool = False) -> HttpResponseBase:
    try:
        return serving.send(request, path, content_type=content_type, etag=etag, sandbox=sandbox)
    except serving.Missing:
        raise Http404 from None


def _answered(request: SignedIn, taken: list[Reference], problems: Iterable[str]) -> HttpResponse:
    """For script what was taken, as an event for the page, and the new tiles; otherwise messages and the page."""
    problems = list(problems)
    if not request.htmx:
        for words in problems:
            messages.error(request, words)
        if taken:
            messages.success(
                request, "It is in your library." if len(taken) == 1 else f"{len(taken)} are in your library."
            )
        return redirect("generations:reference-list")
    response = render(
        request,
        "generations/references/_taken.html",
        {"references": taken, "problems": problems},
        status=200 if taken else 422,
    )
    chosen = [{"code": each.code, "thumbnail": each.thumbnail_url(), "name": each.name} for each in taken]
    return trigger_client_event(response, "reference:taken", {"references": chosen}) if taken else response
