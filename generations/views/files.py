"""The files themselves: originals and thumbnails, only ever to those who may see the picture."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn
from generations import serving
from generations.engine import saving
from generations.explanations import explain
from generations.media import pictures, repair
from generations.models import Image
from generations.names import file_name


@require_safe
def image_original(request: SignedIn, ref) -> HttpResponseBase:
    image = get_object_or_404(Image.objects.visible_to(request.user).saved().select_related("job"), ref=ref)
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
    image = get_object_or_404(Image.objects.visible_to(request.user).saved(), ref=ref)
    path = next((path for _, _, path in image.thumbnails if pictures.nominal(path) == width), None)
    if path is None:
        raise Http404
    try:
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


def file_missing(request: SignedIn, image: Image) -> HttpResponse:
    """Says that a file is not on the disk, and offers to fetch it again."""
    context = {"image": image, "why": explain("file_missing"), "can_be_fetched": repair.can_be_fetched(image)}
    return render(request, "generations/file_missing.html", context, status=404)
