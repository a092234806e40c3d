"""What the question whether there is news costs where there is none, beside a view that does nothing."""

import statistics
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import path, reverse

from accounts.models import User
from benchmarks.figures import Figure, growth
from benchmarks.site import session_of
from generations import live
from generations.batch_pages import state_key
from generations.lines.mark import mark_of
from mjstudio.urls import urlpatterns as studio
from tests import factories

Ask = Callable[[], tuple[str, bytes]]


def nothing(request: HttpRequest) -> HttpResponse:
    """A view behind sign-in that does nothing."""
    return HttpResponse(status=204)


urlpatterns = [*studio, path("benchmark/nothing/", nothing)]


def figures(owner: User, polls: int) -> Iterator[Figure]:
    """Ask both in turns, so many times, in this process and through all of the middleware."""
    addresses = _addresses(owner)
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["localhost"]):
        handler, cookie = WSGIHandler(), session_of(owner)
        empty = _asking(handler, cookie, "/benchmark/nothing/")
        for page, address in addresses.items():
            ask = _asking(handler, cookie, address)
            status, body = ask()
            yield Figure("poll_status", float(status), least=204, most=204, about=page)
            yield Figure("poll_bytes", len(body), most=0, about=f"{page}: the answer’s body")
            pairs = [(_seconds(empty), _seconds(ask)) for _ in range(polls)]
            ratio = statistics.median(growth(*pair) for pair in pairs)
            # The queue's asks for everybody's accounts, channels and pauses, a batch's for the batch.
            yield Figure("poll_cost_ratio", ratio, most=1.3 if page == "jobs" else None, about=page)
            yield Figure("poll_statements", _statements(ask) - _statements(empty), about=f"{page}: beyond sign-in")


def _addresses(owner: User) -> dict[str, str]:
    """What each kind of page asks while nothing happens."""
    batch = factories.make_batch(owner=owner)
    after = live.look(owner)
    cursor = live.first_cursor(owner, list(batch.jobs.order_by("-pk")), after)
    return {
        "jobs": f"{reverse('generations:live')}?after={after}&newest={cursor.newest}&oldest={cursor.oldest}",
        "a batch": f"{reverse('generations:batch-live', args=[batch.ref])}?after={after}&state={state_key(batch)}",
        "the queue": f"{reverse('generations:queue-changes')}?mark={mark_of(owner)}",
    }


def _asking(handler: WSGIHandler, cookie: str, address: str) -> Ask:
    environ = RequestFactory(SERVER_NAME="localhost").get(address, headers={"HX-Request": "true"}).environ
    environ["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={cookie}"

    def ask() -> tuple[str, bytes]:
        said: list[str] = []

        def start(status: str, *_: Any) -> Any:
            said.append(status)

        response = handler({**environ, "wsgi.input": BytesIO()}, start)
        body = b"".join(response)
        response.close()
        return said[0].partition(" ")[0], body

    return ask


def _seconds(ask: Ask) -> float:
    """CPU seconds and waiting for the database of one request."""
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def _statements(ask: Ask) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)
