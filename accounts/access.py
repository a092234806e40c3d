"""Who may open a page: strangers and members find nothing where only an admin may act."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404

from accounts.models import Account


def admin_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_admin:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the data of a POST, however empty, and nothing otherwise."""
    return request.POST if request.method == "POST" else None


def managed_account(request: HttpRequest, pk: int) -> Account:
    """The account, for a view that is `admin_only`. Raises Http404."""
    return get_object_or_404(Account.objects.manageable_by(request.user), pk=pk)
