"""Who may open a page: strangers and members find nothing where only an admin may act."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from accounts.models import Account, User


class SignedIn(HttpRequest):
    """A request as views see it that do not say `@login_not_required`."""

    user: User
    htmx: HtmxDetails


def admin_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapper(request: SignedIn, *args, **kwargs) -> HttpResponse:
        if not request.user.is_admin:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def posted(request: SignedIn) -> QueryDict | None:
    """What a form is bound to: the data of a POST, however empty, and nothing otherwise."""
    return request.POST if request.method == "POST" else None


def managed_account(request: SignedIn, pk: int) -> Account:
    """The account, for a view that is `admin_only`. Raises Http404."""
    return get_object_or_404(Account.objects.manageable_by(request.user), pk=pk)
