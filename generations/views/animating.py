"""Videos from the pictures that were ticked in the gallery."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn
from generations.budget_notes import notes
from generations.enqueue import CannotEnqueue
from generations.gallery import choosing
from generations.making import animating
from generations.making.animating import Motion
from generations.making.forms import AnimateManyForm
from generations.references.intake import NotTaken
from generations.views.create import account_choices


@require_http_methods(["GET", "POST"])
def gallery_animate(request: SignedIn) -> HttpResponse:
    """What it costs to animate all that was ticked, then one job each; a GET leads to where one ticks."""
    ticked = choosing.ticked(request.user, request.POST, animating.MOST)
    images = [image for image in ticked if not image.is_video]
    if not images:
        if request.method == "POST":
            messages.info(request, "Tick some pictures first; a video cannot be animated again.")
        return redirect(f"{reverse('generations:gallery')}?select=1")
    is_sent = request.POST.get("send") == "1"
    form = AnimateManyForm(request.POST if "motion" in request.POST else None, user=request.user)
    problems: list[str] = []
    if is_sent and form.is_valid():
        try:
            jobs = animating.animate(
                request.user, images, form.what, account=form.cleaned_data["account"], key=form.idempotency_key
            )
        except CannotEnqueue as error:
            problems = [problem.message for problem in error.problems]
        except NotTaken as error:
            problems = [str(error)]
        else:
            messages.success(request, f"{len(jobs)} video{'' if len(jobs) == 1 else 's'} queued.")
            return redirect("generations:create")
    is_refused = is_sent and bool(problems or form.errors)
    what = form.what if form.is_bound and form.is_valid() else Motion()
    context = {
        "form": form,
        "images": images,
        "left_out": len(ticked) - len(images),
        "minutes": what.minutes(len(images)),
        "budget": notes(request.user, len(images)),
        "problems": problems,
        "accounts": account_choices(request),
        "chosen_account": form.data.get("account", "") if form.is_bound else "",
        "key": (form.data.get("key") if form.is_bound else "") or uuid.uuid4().hex,
    }
    return render(request, "generations/making/animate.html", context, status=422 if is_refused else 200)
