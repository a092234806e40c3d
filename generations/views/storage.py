"""The storage, for admins: whether all files are whole, and how much of the disk is whose."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn, admin_only
from generations import storage_pages
from generations.engine import saving
from generations.media import checking, repair
from generations.models import Image


@require_safe
@admin_only
def storage(request: SignedIn) -> HttpResponse:
    uses = storage_pages.use_by_member()
    check = storage_pages.last_check()
    context = {
        "uses": uses,
        "total": storage_pages.total(uses),
        "free": storage_pages.free_bytes(),
        "check": check,
        "left": checking.left(check) if check else 0,
        "problems": storage_pages.problems(check) if check else [],
        "running": checking.running(),
    }
    return render(request, "generations/storage/page.html", context)


@require_POST
@admin_only
def storage_check(request: SignedIn) -> HttpResponse:
    """Begin a check; with `repairs` it also fetches what is missing or damaged."""
    if checking.running():
        messages.info(request, "A check is under way. Its result will be here once it has ended.")
    else:
        check = checking.start(repairs=bool(request.POST.get("repairs")))
        saving.enqueue("verify_media", check.pk)
        messages.success(request, "The check has begun. Its result will be here once it has ended.")
    return redirect("generations:storage")


@require_POST
@admin_only
def storage_repair(request: SignedIn, ref) -> HttpResponse:
    """Fetch one file anew, whoever owns it."""
    image = get_object_or_404(Image.objects.saved().select_related("job"), ref=ref)
    if repair.can_be_fetched(image):
        saving.enqueue("repair_image", image.pk)
        messages.success(request, "It is being fetched again. Reload this page in a moment.")
    else:
        messages.error(request, "The service keeps files for 62 days. A backup has to bring this one back.")
    return redirect("generations:storage")
