"""One's own settings: name, theme, password, signing out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.access import SignedIn, posted
from accounts.forms import NameForm, ThemeForm


@require_http_methods(["GET", "POST"])
def preferences(request: SignedIn) -> HttpResponse:
    form = NameForm(posted(request), instance=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.save(update_fields=["name"])
        messages.success(request, "Saved.")
        return redirect("accounts:preferences")
    context = {"form": form, "theme_form": ThemeForm(instance=request.user)}
    return render(request, "accounts/preferences.html", context, status=422 if form.errors else 200)


@require_POST
def preferences_theme(request: SignedIn) -> HttpResponse:
    form = ThemeForm(request.POST, instance=request.user)
    if form.is_valid():
        request.user.save(update_fields=["theme"])
    if request.htmx:
        news = {"text": "Saved.", "tone": "good"}
        return trigger_client_event(HttpResponse(status=204), "toast", news)
    return redirect("accounts:preferences")
