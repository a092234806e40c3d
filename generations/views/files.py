"""The files themselves: originals and thumbnails, only ever to those who may see the picture."""

import logging

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn
from generations import serving
from generations.engine import saving
from generations.explanations import explain
from generations.media import pictures, repair
from generations.models import Image
from generations.names import file_name, plain_name
from generations.sharing import copies, roles

logger = logging.getLogger(__name__)


@require_safe
def image_original(request: SignedIn, ref) -> HttpResponseBase:
    """The file as it is for its owner; a copy that tells nothing of how it was made for others who may see it."""
    image = _viewable(request, ref)
    if image.owner_id != request.user.pk:
        return send_copy(request, image, _name_for_others(request, image))
    try:
        return serving.send(
            request,
            image.path,
            content_type=image.content_type,
            etag=image.sha256,
            download_name=file_name(image) if request.GET.get("download") else "",
            sandbox=True,
        )
    except serving.Missing:
        return file_missing(request, image)


@require_safe
def image_thumbnail(request: SignedIn, ref, width: int) -> HttpResponseBase:
    image = _viewable(request, ref)
    if image.owner_id != request.user.pk:
        return send_thumbnail(request, image, width)
    try:
        path = thumbnail_path(image, width)
        return serving.send(request, path, content_type="image/webp", etag=f"{image.sha256}-{width}")
    except serving.Missing:
        return file_missing(request, image)


@require_POST
def image_repair(request: SignedIn, ref) -> HttpResponse:
    """Fetch a file once more from the service, where its copy here is missing or damaged."""
    image = get_object_or_404(Image.objects.visible_to(request.user).saved().select_related("job"), ref=ref)
    if not repair.can_be_fetched(image):
        messages.error(request, "The service keeps files for 62 days, so this one is no longer there.")
    else:
        saving.enqueue("repair_image", image.pk)
        messages.success(request, "The file is being checked, and fetched anew where it is damaged.")
    return redirect(image.job)


# Used by other views


def thumbnail_path(image: Image, width: int) -> str:
    """Where a thumbnail is, below MEDIA_ROOT. Raises Http404 for one that there is not."""
    path = next((path for _, _, path in image.thumbnails if pictures.nominal(path) == width), None)
    if path is None:
        raise Http404
    return path


def send_thumbnail(request: HttpRequest, image: Image, width: int) -> HttpResponseBase:
    """A thumbnail for somebody with whom a picture was shared. Raises Http404."""
    return _asked_again(request, thumbnail_path(image, width), "image/webp", f"{image.sha256}-{width}")


def send_copy(request: HttpRequest, image: Image, download_name: str = "") -> HttpResponseBase:
    """The original without what was written into it, for somebody with whom it was shared. Raises Http404."""
    try:
        path = copies.path_of(image)
    except (OSError, copies.NotCopied):
        logger.exception("no copy image=%s", image.pk)
        raise Http404 from None
    return _asked_again(request, path, image.content_type, f"{image.sha256}-copy", download_name, sandbox=True)


def file_missing(request: SignedIn, image: Image) -> HttpResponse:
    """Says that a file is not on the disk, and offers to fetch it again."""
    context = {"image": image, "why": explain("file_missing"), "can_be_fetched": repair.can_be_fetched(image)}
    return render(request, "generations/file_missing.html", context, status=404)


# Private helpers


def _viewable(request: SignedIn, ref) -> Image:
    """One's own picture, which is one small query and almost always the answer, or one that others have shared."""
    own = Image.objects.visible_to(request.user).saved().select_related("job").filter(ref=ref).first()
    return own or get_object_or_404(Image.objects.viewable_by(request.user).saved().select_related("job"), ref=ref)


def _name_for_others(request: SignedIn, image: Image) -> str:
    if not request.GET.get("download"):
        return ""
    access = roles.of_image(request.user, image)
    return file_name(image) if access and access.shows_prompts else plain_name(image)


def _asked_again(
    request: HttpRequest, path: str, content_type: str, etag: str, download_name: str = "", *, sandbox: bool = False
) -> HttpResponseBase:
    """A file that browsers ask for each time, since sharing can end. Raises Http404."""
    try:
        response = serving.send(
            request, path, content_type=content_type, etag=etag, download_name=download_name, sandbox=sandbox
        )
    except serving.Missing:
        raise Http404 from None
    response["Cache-Control"] = "private, no-cache"
    return response
