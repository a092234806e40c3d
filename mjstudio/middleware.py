"""Sign-in everywhere, and pages that no cache keeps."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRefresh


class LoginRequired(LoginRequiredMiddleware):
    """Every view asks for a signed-in user unless it says `@login_not_required`."""

    def handle_no_permission(self, request, view_func):
        if request.htmx:
            # The full reload then redirects to the sign-in page, instead of pasting that page into a card.
            return HttpResponseClientRefresh()
        return super().handle_no_permission(request, view_func)


def private_pages(get_response: Callable) -> Callable:
    """Pages of signed-in people are stored by no cache unless the view said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response

    return middleware
