"""The web app manifest: a view, since the names of static files carry hashes."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ICONS = (("img/icon-192.png", "192x192"), ("img/icon-512.png", "512x512"))


@require_safe
@cache_control(public=True, max_age=3600)
@login_not_required
def app_manifest(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {
            "name": "Studio",
            "short_name": "Studio",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#111113",
            "theme_color": "#111113",
            "icons": [{"src": static(path), "sizes": sizes, "type": "image/png"} for path, sizes in ICONS],
        },
        content_type="application/manifest+json",
    )
