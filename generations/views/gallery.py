"""The gallery of a person's saved pictures and videos: looking, finding, changing many at once."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from accounts.access import SignedIn
from generations import refs
from generations.details import facts
from generations.gallery import changes, choosing, pages, stacks, suggesting, trash
from generations.gallery.changes import CannotChange, Done
from generations.gallery.query import Query, parse
from generations.models import Collection, GalleryChange, Image, ImageKind
from generations.models.image import ImageQuerySet

VIEWS = {"rows": ("justified", "grid"), "size": ("roomy", "dense"), "stacks": ("apart", "stacked")}
MARKS = (  # what the keys of accounts/shortcuts.py press
    ("mark-favourite", "favourite:1"),
    ("mark-rejected", "rejected:1"),
    ("mark-trash", "trash"),
    *((f"mark-rating-{number}", f"rating:{number}") for number in range(6)),
)
MOST_COMPARED = 4
LONGEST_NOTE = 2000
MOST_SHOWN = 200  # tiles that one answer brings up to date; beyond that the page is loaded anew

# Pages


@require_GET
def gallery(request: SignedIn) -> HttpResponse:
    query = asked(request)
    context = _page(request, query) | {
        "before": any(request.GET.get(name) for name in ("before", "from", "at")),
        "chips": [(term, _address(q=query.without(term))) for term in query.terms],
        "years": pages.rail(Image.objects.visible_to(request.user).in_gallery()),
        "collections": Collection.objects.owned_by(request.user).plain().order_by("name"),
        "change": _recent(request),
        "marks": MARKS,
    }
    return render(request, "generations/gallery.html", context)


@require_GET
def gallery_trash(request: SignedIn) -> HttpResponse:
    """What was thrown away and is kept for a while."""
    images = Image.objects.visible_to(request.user).in_trash()
    context = {"page": pages.of(images, request.GET.get("before", "")), "before": request.GET.get("before", "")}
    context["days"] = settings.TRASH_DAYS
    return render(request, "generations/gallery/trash.html", context | view_of(request))


@require_GET
def gallery_compare(request: SignedIn) -> HttpResponse:
    """Two to four pictures side by side; two also one over the other."""
    wanted = refs.known(request.GET.getlist("image"))[:MOST_COMPARED]
    found = Image.objects.visible_to(request.user).saved().exclude(kind=ImageKind.VIDEO).select_related("job")
    by_ref = {image.ref: image for image in found.filter(ref__in=wanted)}
    images = [by_ref[ref] for ref in wanted if ref in by_ref]
    if len(images) < 2:
        messages.info(request, "Choose two to four pictures to compare them. Videos cannot be compared.")
        return redirect(f"{reverse('generations:gallery')}?select=1")
    rows = [(image, facts(image.job)) for image in images]
    return render(request, "generations/gallery/compare.html", {"rows": rows, "images": images})


# Actions


@require_POST
def gallery_view(request: SignedIn) -> HttpResponse:
    """Keep how the gallery is shown: rows or grid, roomy or dense, families as stacks or apart."""
    for name, known in VIEWS.items():
        if request.POST.get(name) in known:
            request.session[f"gallery-{name}"] = request.POST[name]
    return redirect(back(request))


@require_POST
def gallery_change(request: SignedIn) -> HttpResponse:
    """Do something with the pictures that were chosen, or with all that match."""
    what, _, value = request.POST.get("do", "").partition(":")
    value = value or request.POST.get(f"{what}-value", "")
    try:
        images = _chosen(request)
        done = changes.apply(request.user, images, what, value)
    except CannotChange as error:
        return _refused(request, str(error))
    if request.htmx:
        return _changed(request, done)
    (messages.success if done.changed else messages.info)(request, done.words)
    return redirect(_with(back(request), change=str(done.row.ref) if done.row else ""))


@require_POST
def image_note(request: SignedIn, ref) -> HttpResponse:
    """Keep what somebody wrote about a picture of theirs."""
    image = get_object_or_404(Image.objects.visible_to(request.user).select_related("job"), ref=ref)
    Image.objects.filter(pk=image.pk).update(note=request.POST.get("note", "").strip()[:LONGEST_NOTE])
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "toast", {"text": "The note is kept.", "tone": "good"})
    messages.success(request, "The note is kept.")
    return redirect(image.job)


@require_POST
def gallery_undo(request: SignedIn, ref) -> HttpResponse:
    change = get_object_or_404(GalleryChange, ref=ref, owner=request.user)
    try:
        count = changes.undo(request.user, change)
    except CannotChange as error:
        return _refused(request, str(error))
    messages.success(request, f"Undone for {count:,} picture{'' if count == 1 else 's'}.")
    return HttpResponseClientRefresh() if request.htmx else redirect(_with(back(request), change=""))


@require_http_methods(["GET", "POST"])
def gallery_empty_trash(request: SignedIn) -> HttpResponse:
    """Delete for good what is in the trash, once somebody has confirmed it."""
    mine = Image.objects.visible_to(request.user).in_trash()
    if request.method != "POST":
        count, is_more = pages.count(mine)
        return render(request, "generations/gallery/empty_trash.html", {"count": count, "is_more": is_more})
    count = trash.empty(mine)
    rest = " There are more: empty it again." if mine.exists() else ""
    messages.success(request, f"{count:,} picture{'' if count == 1 else 's'} deleted for good.{rest}")
    return redirect("generations:gallery-trash")


# Fragments


@require_GET
def gallery_more(request: SignedIn) -> HttpResponse:
    """The part of the gallery beside one that is shown, above it or below it."""
    side = "newer" if request.GET.get("after") else "older"
    return render(request, "generations/_gallery_page.html", _page(request, asked(request)) | {"side": side})


@require_GET
def gallery_stack(request: SignedIn, ref) -> HttpResponse:
    """The stack of a picture, open or with `closed` as one picture again; a page of its own without script."""
    image = get_object_or_404(Image.objects.visible_to(request.user).in_gallery(), ref=ref)
    family = stacks.of(request.user, image).prefetch_related("job")
    is_closed = bool(request.GET.get("closed"))
    found = list(family[: 1 if is_closed else stacks.MOST])
    sizes = stacks.sizes(request.user, found)
    context = {"images": found, "front": found[0], "stack_sizes": sizes, "is_closed": is_closed}
    name = "_stack.html" if request.htmx else "stack.html"
    return render(request, f"generations/gallery/{name}", context | view_of(request))


@require_GET
def gallery_count(request: SignedIn) -> HttpResponse:
    """How many a search finds, read after the page itself."""
    count, is_more = pages.count(pages.seen(request.user, asked(request)))
    return render(request, "generations/gallery/_count.html", {"count": count, "is_more": is_more})


@require_GET
def gallery_suggest(request: SignedIn) -> HttpResponse:
    found = suggesting.suggest(request.user, request.GET.get("q", ""))
    return render(request, "generations/gallery/_suggestions.html", {"suggestions": found})


# Shared with other pages of pictures


def asked(request: SignedIn) -> Query:
    """The query in the address."""
    return parse(request.GET.get("q", ""), today=timezone.localdate())


def view_of(request: SignedIn) -> dict[str, str]:
    """How this person has chosen to see pictures."""
    return {
        name: chosen if (chosen := request.session.get(f"gallery-{name}")) in known else known[0]
        for name, known in VIEWS.items()
    }


def back(request: SignedIn) -> str:
    """Where a form said that it stands; the gallery for what is no address of ours."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, None) and target.startswith("/")
    return target if is_ours else reverse("generations:gallery")


# Private helpers


def _page(request: SignedIn, query: Query) -> dict[str, Any]:
    """A page of pictures, to be ticked where the address says `select`."""
    get = request.GET.get
    before = get("before", "") or pages.jump(get("at", ""))
    selects = "select" in request.GET and not query.person
    view = view_of(request)
    is_stacked = view["stacks"] == "stacked" and not selects and not query
    where = {"after": get("after", ""), "at": get("from", ""), "day": get("day", "")}
    found = pages.page(request.user, before, query=query, is_stacked=is_stacked, **where)
    kept = {"q": query.text, "select": "1" if selects else ""}
    return {
        "page": found,
        "query": query,
        "selects": selects,
        "older": urlencode({k: v for k, v in {**kept, "before": found.older, "day": found.last_day}.items() if v}),
        "newer": urlencode({k: v for k, v in {**kept, "after": found.newer}.items() if v}),
        "here": request.get_full_path() if not request.htmx else "",
        "stack_sizes": stacks.sizes(request.user, found.images) if is_stacked and found.images else {},
        **view,
    }


def _address(**parts: str) -> str:
    kept = urlencode({name: value for name, value in parts.items() if value})
    return f"{reverse('generations:gallery')}{f'?{kept}' if kept else ''}"


def _with(url: str, **parts: str) -> str:
    """The address with these parts in place of what it said of them."""
    path, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part and part.split("=")[0] not in parts]
    kept += [urlencode({name: value}) for name, value in parts.items() if value]
    return f"{path}?{'&'.join(kept)}" if kept else path


def _chosen(request: SignedIn) -> ImageQuerySet:
    """The pictures that a form names. Raises CannotChange where it names none."""
    mine = Image.objects.visible_to(request.user).saved()
    if request.POST.get("all"):
        return choosing.all_matching(request.user, request.POST).order_by()
    wanted = refs.known(request.POST.getlist("image"))
    if not wanted:
        raise CannotChange("Choose some pictures first.")
    if len(wanted) > changes.MOST:
        raise CannotChange(f"At most {changes.MOST:,} pictures can be changed at once.")
    return mine.filter(ref__in=wanted)


def _recent(request: SignedIn) -> GalleryChange | None:
    """What was just done, to be undone on the page that says so."""
    ref = refs.read(request.GET.get("change", ""))
    return GalleryChange.objects.filter(ref=ref, owner=request.user, undone_at=None).first() if ref else None


def _refused(request: SignedIn, words: str) -> HttpResponse:
    if request.htmx:
        response = HttpResponse(status=204)
        return trigger_client_event(response, "toast", {"text": words, "tone": "warn"})
    messages.warning(request, words)
    return redirect(back(request))


def _changed(request: SignedIn, done: Done) -> HttpResponse:
    """The tiles as they are now, and a word on it with a way back."""
    wanted = refs.known(request.POST.getlist("image"))
    if request.POST.get("all") or len(wanted) > MOST_SHOWN:
        messages.success(request, done.words)
        return HttpResponseClientRefresh()
    images = Image.objects.visible_to(request.user).filter(ref__in=wanted).select_related("job")
    context = {"images": images, "selects": bool(request.POST.get("selects"))}
    response = render(request, "generations/gallery/_changed.html", context)
    toast = {"text": done.words, "tone": "good" if done.changed else "plain"}
    if done.row:
        toast["undo"] = reverse("generations:gallery-undo", args=[done.row.ref])
    return trigger_client_event(response, "toast", toast)
