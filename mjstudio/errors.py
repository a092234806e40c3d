"""The pages for 400, 403, 404, 429 and 500: what happened and what to do, without needing a database."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def _page(status: int) -> HttpResponse:
    # Without a request no context processor runs, so the page comes even where the database does not answer.
    return HttpResponse(render_to_string(f"{status}.html"), status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(404)


@login_not_required
def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(429)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    return _page(500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was older than the session; what was typed is still in the browser, one step back."""
    return HttpResponse(render_to_string("403_csrf.html"), status=403)
