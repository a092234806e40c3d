"""What is like a picture, for its owner: near-duplicates, and pictures with prompts like its own."""

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import SignedIn
from generations.gallery import similar
from generations.media import looks
from generations.models import Image
from generations.views.gallery import view_of


@require_GET
def image_similar(request: SignedIn, ref) -> HttpResponse:
    """Pictures of this member that look like one of theirs, and those whose prompts share its words."""
    images = Image.objects.visible_to(request.user).saved().select_related("job", "look")
    image = get_object_or_404(images, ref=ref)
    # One that was saved before looks were kept is read now; the daily run stores it.
    phash = image.look.phash if hasattr(image, "look") else looks.read(image)
    near = similar.near(request.user, image, phash) if phash is not None else []
    alike = similar.alike(request.user, image, without=[each.image.pk for each in near])
    prefetch_related_objects([*(each.image for each in near), *alike.images], "job")
    context = {"image": image, "is_readable": phash is not None, "near": near, "alike": alike, "most": similar.MOST}
    return render(request, "generations/similar.html", context | view_of(request))
