"""Sign-in everywhere, pages that no cache keeps, and an answer while the storage of the pictures gives none."""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh

from generations.media.errors import Unreachable

logger = logging.getLogger(__name__)


class LoginRequired(LoginRequiredMiddleware):
    """Every view asks for a signed-in user unless it says `@login_not_required`."""

    def handle_no_permission(self, request, view_func):
        if request.htmx:
            # The full reload then redirects to the sign-in page, instead of pasting that page into a card.
            return HttpResponseClientRefresh()
        if request.method != "GET":
            # An action cannot be repeated by following a link to it: sign in, then back to the page it was on.
            return redirect_to_login(_page_before(request), settings.LOGIN_URL)
        return super().handle_no_permission(request, view_func)


def _page_before(request: HttpRequest) -> str:
    """Path of the page of ours that a form was sent from; the start page where that is not known."""
    referer = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(referer, hosts, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def private_pages(get_response: Callable) -> Callable:
    """Pages of signed-in people are stored by no cache unless the view said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response

    return middleware


class StorageAway:
    """Says 503 where the storage of the pictures does not answer, so that nobody takes a picture for lost."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Unreachable):
            return None
        logger.error("storage unreachable error=%s", error.strerror)
        text = "The storage of the pictures does not answer. Nothing is lost. Try again in a minute.\n"
        headers = {"Retry-After": "60", "Cache-Control": "no-store"}
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8", headers=headers)
