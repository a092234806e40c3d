"""Vary (Region): the page on which somebody paints what is to change, and the mask afterwards."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import SignedIn
from generations import serving
from generations.action_forms import mended
from generations.actions import catalogue, costs, masks, pressing, reach
from generations.cards import pieces
from generations.enqueue import CannotEnqueue
from generations.media.library import disk_error_code
from generations.models import Image, Job, Lane

RECTANGLE = ("left", "top", "width", "height")


@require_http_methods(["GET", "POST"])
def job_region(request: SignedIn, ref) -> HttpResponse:
    """Paint, and send. What is refused leaves the painting as it is."""
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("account", "channel"), ref=ref)
    label = request.POST.get("button") or request.GET.get("button") or catalogue.REGION
    image = _picture(job, request.POST.get("position") or request.GET.get("position", ""))
    context = _context(request, job, label, image)
    if request.method == "GET":
        return render(request, "generations/actions/region.html", context)
    mask = ""
    try:
        pressing.offered(job, label)
        mask = _mask(request, (image.width or 1, image.height or 1))
        child = pressing.press(
            request.user,
            job,
            label,
            position=image.position or 1,
            prompt=context["prompt"] if context["takes_prompt"] else "",
            mask=mask,
            key=request.POST.get("key", "")[:32],
        )
    except masks.NotAMask as error:
        problems = [str(error)]
    except CannotEnqueue as error:
        problems = [problem.message for problem in error.problems]
    except OSError as error:
        problems = [_disk(error)]
    else:
        if child.mask != mask:  # the same form once more
            masks.discard(mask)
        address = child.get_absolute_url()
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    if mask:
        masks.discard(mask)
    context["problems"] = problems
    name = "generations/actions/_region_problems.html" if request.htmx else "generations/actions/region.html"
    return render(request, name, context, status=422)


@require_safe
def job_mask(request: SignedIn, ref) -> HttpResponseBase:
    """The mask of a job, to its owner."""
    job = get_object_or_404(Job.objects.visible_to(request.user).exclude(mask=""), ref=ref)
    try:
        return serving.send(request, job.mask, content_type="image/webp", etag=f"mask-{job.ref}", sandbox=True)
    except serving.Missing:
        raise Http404 from None


def _picture(job: Job, position: str) -> Image:
    """The picture that is painted on. Raises Http404 where the job has none on our disk."""
    found = [image for image in pieces(job.images.all()) if image.is_saved and not image.is_video]
    wanted = int(position) if position.isdecimal() and len(position) < 3 else 0
    image = next((image for image in found if image.position == wanted), found[0] if found else None)
    if image is None:
        raise Http404
    return image


def _context(request: SignedIn, job: Job, label: str, image: Image) -> dict[str, Any]:
    remix = job.channel.remix if job.channel else None
    typed = request.POST.get("prompt")
    return {
        "job": job,
        "label": label,
        "image": image,
        "takes_prompt": bool(remix),
        "remix": remix,
        "prompt": job.text if typed is None else mended(typed),
        "key": request.POST.get("key") or uuid.uuid4().hex,
        "cost": costs.words(costs.minutes(job, label, Lane.IMAGE)),
        "out_of_reach": reach.problem(request.user, job),
        "problems": [],
        "rectangle": {name: request.POST.get(name, "") for name in RECTANGLE},
    }


def _mask(request: SignedIn, size: tuple[int, int]) -> str:
    """The mask that came along: painted, uploaded, or a rectangle by numbers. Raises masks.NotAMask, OSError."""
    upload = request.FILES.get("mask")
    if upload is not None and upload.size:
        if upload.size > masks.MOST_BYTES:
            raise masks.NotAMask("The mask has more than 4 MB. Save it as a black and white PNG.")
        return masks.from_upload(upload.read(), size)
    given = [request.POST.get(name, "").strip() for name in RECTANGLE]
    if not any(given):
        raise masks.NotAMask("Nothing is painted yet. Paint over what is to change, then send it.")
    try:
        left, top, width, height = (float(text.replace(",", ".")) for text in given)
    except ValueError:
        raise masks.NotAMask("Write all four numbers of the rectangle, in percent of the picture.") from None
    return masks.from_rectangle((left, top, width, height), size)


def _disk(error: OSError) -> str:
    full = disk_error_code(error) == "disk_full"
    return (
        "The studio’s disk is full, so nothing was sent. An admin must make room."
        if full
        else ("The studio’s disk has a fault, so nothing was sent. Tell an admin.")
    )
