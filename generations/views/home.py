"""Taking pictures home: one as a file, many as a ZIP."""

import logging
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn
from generations import serving
from generations.home import archive, converting, naming, orders, packing
from generations.home.forms import OptionsForm
from generations.media.errors import NotSaved, Unreachable
from generations.media.storages import media
from generations.models import Image
from generations.views.files import file_missing

logger = logging.getLogger(__name__)


# Pages


@require_http_methods(["GET", "HEAD", "POST"])
def download_choose(request: SignedIn) -> HttpResponse:
    """How the chosen pictures are to come; sent, it leads to the archive.

    They are named by `image` as often as needed or `images` with blanks between, by `collection`, or by `q`.
    """
    sent = request.POST if request.method == "POST" else request.GET
    try:
        chosen = orders.choose(request.user, sent.dict(), _refs(sent))
    except orders.NotYours:
        raise Http404 from None
    except orders.TooMany:
        return _page(request, OptionsForm(), None, 422)
    form = OptionsForm(sent) if "pattern" in sent else OptionsForm()
    if request.method != "POST" or not chosen or not form.is_bound:
        return _page(request, form, chosen)
    if not form.is_valid():
        return _page(request, form, chosen, 422)
    return redirect("generations:download-file", orders.keep(request.user, form.order(chosen)))


# Files


@require_safe
def download_file(request: SignedIn, key: str) -> HttpResponseBase:
    """An archive that was asked for, made while it is sent; where it is the same each time, in parts if wanted."""
    try:
        order = orders.kept(request.user, key)
    except orders.NotYours:
        return render(request, "generations/home/gone.html", status=404)
    if order.is_announced:
        response = _announced(request, order)
    else:
        response = StreamingHttpResponse(_watched(archive.content(request.user, order)), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, archive.file_name(order)) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


@require_safe
def image_download(request: SignedIn, ref) -> HttpResponseBase:
    """One picture as it is, or `as` JPEG, PNG or WebP; videos only as they are. `name` is a pattern."""
    image = get_object_or_404(Image.objects.visible_to(request.user).saved().select_related("job"), ref=ref)
    form, pattern = request.GET.get("as", ""), request.GET.get("name", "{prompt} {position}")
    if form and form not in converting.ENDINGS:
        return _refused("A picture can be had as jpeg, png or webp.")
    try:
        naming.check(pattern)
    except naming.BadPattern as bad:
        return _refused(str(bad))
    stem = naming.stem(image, pattern, str(image.position or 1))
    try:
        return _converted(image, form, stem) if archive.is_converted(image, form) else _original(request, image, stem)
    except serving.Missing:
        return file_missing(request, image)
    except NotSaved:
        return _refused("This picture’s file is damaged, so it cannot be converted. Download it as it is.")


# Private helpers


def _refs(sent: QueryDict) -> list[str]:
    """Separate fields, or one with blanks between, since a form has at most a thousand fields."""
    return [*sent.getlist("image"), *sent.get("images", "").replace(",", " ").split()]


def _page(request: SignedIn, form: OptionsForm, chosen: orders.Chosen | None, status: int = 200) -> HttpResponse:
    context = {"form": form, "chosen": chosen, "count": len(chosen or ()), "most": orders.MOST_REFS}
    return render(request, "generations/home/choose.html", context, status=status)


def _announced(request: SignedIn, order: orders.Order) -> HttpResponseBase:
    """The archive with its size announced, or the part of it that is asked for."""
    plan = archive.plan(request.user, order)
    etag = f'"{plan.etag}"'
    part = serving.wanted(request, plan.size, etag)
    first, last = part or (0, plan.size - 1)
    if part and (first >= plan.size or first > last):
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{plan.size}"})
    content = _watched(archive.content(request.user, order, plan, first, last + 1))
    response = StreamingHttpResponse(content, content_type="application/zip", status=206 if part else 200)
    response["Content-Length"] = last + 1 - first
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    if part:
        response["Content-Range"] = f"bytes {first}-{last}/{plan.size}"
    return response


def _watched(content: Iterator[bytes]) -> Iterator[bytes]:
    """Breaks off where a file changes meanwhile, so that the browser sees that its copy is not whole."""
    try:
        yield from content
    except (packing.Changed, OSError) as error:
        logger.error("archive broke off error=%s", type(error).__name__)
        raise


def _original(request: HttpRequest, image: Image, stem: str) -> HttpResponseBase:
    return serving.send(
        request, image.path, content_type=image.content_type, etag=image.sha256,
        download_name=f"{stem}.{image.extension}", sandbox=True,
    )  # fmt: skip


def _converted(image: Image, form: str, stem: str) -> HttpResponse:
    """Raises serving.Missing, NotSaved."""
    try:
        with media().open(image.path) as file:
            made = converting.convert(file, form)
    except Unreachable:
        raise
    except OSError:
        raise serving.Missing from None
    name = f"{stem}.{converting.ENDINGS[form]}"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(made, content_type=converting.CONTENT_TYPES[form], headers=headers)


def _refused(message: str) -> HttpResponse:
    return HttpResponse(f"{message}\n", content_type="text/plain; charset=utf-8", status=422)
