"""The library: what is kept for the next prompt."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from accounts.access import SignedIn


@require_GET
def library(request: SignedIn) -> HttpResponse:
    """Leads to the first of its pages."""
    for name in ("generations:prompt-history", "generations:reference-list"):
        try:
            return redirect(reverse(name))
        except NoReverseMatch:
            continue
    return redirect("generations:create")
