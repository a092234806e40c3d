"""People: who may sign in, in which role, and the links with which they choose a password."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import people
from accounts.access import SignedIn, admin_only, posted
from accounts.forms import PersonChangeForm, PersonForm
from accounts.models import User

SHOW_LINK = "show_link_of"  # the session says whose link to show once; the link itself is never stored

# Pages


@require_safe
@admin_only
def person_list(request: SignedIn) -> HttpResponse:
    persons = User.objects.order_by("-is_active", F("name").asc(), "email")
    return render(request, "accounts/people.html", {"people": persons})


@require_http_methods(["GET", "POST"])
@admin_only
def person_add(request: SignedIn) -> HttpResponse:
    form = PersonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        person = User.objects.create_user(**form.cleaned_data)
        request.session[SHOW_LINK] = person.pk
        return redirect("accounts:person-detail", person.pk)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/person_add.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@admin_only
def person_detail(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = PersonChangeForm(posted(request), instance=person, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            people.change(form.instance, by=request.user)
        except ValidationError as error:
            form.add_error("role", error)
        else:
            messages.success(request, "Saved.")
            return redirect("accounts:people")
    context = {"person": get_object_or_404(User, pk=pk), "form": form, **_link_to_show(request, person)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/person_detail.html", context, status=status)


# Actions


@require_POST
@admin_only
def person_link(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk, is_active=True)
    request.session[SHOW_LINK] = person.pk
    return redirect("accounts:person-detail", person.pk)


@require_POST
@admin_only
def person_deactivate(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    try:
        people.deactivate(person, by=request.user)
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{person} is signed out and can no longer sign in. Their pictures stay.")
    return redirect("accounts:person-detail", person.pk)


@require_POST
@admin_only
def person_reactivate(request: SignedIn, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    people.reactivate(person)
    messages.success(request, f"{person} may sign in again.")
    return redirect("accounts:person-detail", person.pk)


def _link_to_show(request: SignedIn, person: User) -> dict:
    """The one-time link, on the first look after it was asked for."""
    if request.method != "GET" or request.session.get(SHOW_LINK) != person.pk:
        return {}
    del request.session[SHOW_LINK]
    link = people.password_link(person)
    is_mailed = people.has_mail() and people.mail_link(person, link, by=request.user)
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    return {"link": link, "is_mailed": is_mailed, "link_days": days}
