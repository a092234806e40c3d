"""API accounts: the list, one account, adding, changing and removing them."""

from django.conf import settings
from django.contrib import messages
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import connecting, overview, syncing
from accounts.access import SignedIn, admin_only, managed_account, posted
from accounts.explanations import FOR_MEMBERS
from accounts.forms import AccessForm, AccountForm, PauseForm, TokenForm
from accounts.models import Account
from accounts.models.account import new_hook_key
from midjourney.upstream import UpstreamError

# Pages


@require_safe
def account_list(request: SignedIn) -> HttpResponse:
    accounts = Account.objects.visible_to(request.user).prefetch_related("channels")
    return render(request, "accounts/account_list.html", {"overviews": overview.of_accounts(accounts)})


@require_safe
def account_detail(request: SignedIn, pk: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    if request.user.is_admin:
        context = {"pause_form": PauseForm(), **_detail_context(account)}
        return render(request, "accounts/account_detail.html", context)
    (summary,) = overview.of_accounts([account])
    context = {"overview": summary, "explanation": FOR_MEMBERS[account.state]}
    return render(request, "accounts/account_summary.html", context)


@sensitive_post_parameters("token")
@require_http_methods(["GET", "POST"])
@admin_only
def account_add(request: SignedIn) -> HttpResponse:
    form = AccountForm(posted(request))
    if request.method == "POST" and form.is_valid():
        account = form.save(commit=False)
        account.owner = request.user
        try:
            count = connecting.add_account(account, form.cleaned_data["token"], members=form.cleaned_data["members"])
        except UpstreamError as error:
            _blame(form, error)
        else:
            messages.success(request, f"{account.name} is ready: the service accepted the token, {_channels(count)}.")
            return redirect("accounts:account-detail", account.pk)
    context = {"form": form, "default_base_url": settings.USEAPI_BASE_URL}
    return render(request, "accounts/account_add.html", context, status=_status(form))


@sensitive_post_parameters("token")
@require_http_methods(["GET", "POST"])
@admin_only
def account_token(request: SignedIn, pk: int) -> HttpResponse:
    account = managed_account(request, pk)
    form = TokenForm(posted(request), service=account.service)
    if request.method == "POST" and form.is_valid():
        try:
            count = connecting.replace_token(account, form.cleaned_data["token"])
        except UpstreamError as error:
            account.refresh_from_db()
            _blame(form, error)
        else:
            messages.success(request, f"The new token is stored: {_channels(count)}.")
            return redirect("accounts:account-detail", account.pk)
    return render(request, "accounts/account_token.html", {"account": account, "form": form}, status=_status(form))


@require_http_methods(["GET", "POST"])
@admin_only
def account_access(request: SignedIn, pk: int) -> HttpResponse:
    account = managed_account(request, pk)
    form = AccessForm(posted(request), instance=account)
    if request.method == "POST" and form.is_valid():
        form.instance.save(update_fields=["for_everyone"])
        form.instance.members.set(form.cleaned_data["members"])
        messages.success(request, "Saved who may use this account.")
        return redirect("accounts:account-detail", account.pk)
    return render(request, "accounts/account_access.html", {"account": account, "form": form}, status=_status(form))


@require_http_methods(["GET", "POST"])
@admin_only
def account_pause(request: SignedIn, pk: int) -> HttpResponse:
    account = managed_account(request, pk)
    form = PauseForm(posted(request))
    if request.method == "POST" and form.is_valid():
        connecting.pause(account, form.cleaned_data["reason"])
        messages.success(request, f"{account.name} is paused. Nothing new is sent.")
        return redirect("accounts:account-detail", account.pk)
    context = {"account": account, "pause_form": form}
    return render(request, "accounts/account_pause.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
@admin_only
def account_delete(request: SignedIn, pk: int) -> HttpResponse:
    account = managed_account(request, pk)
    is_refused = False
    if request.method == "POST":
        try:
            account.delete()
        except ProtectedError:
            is_refused = True
        else:
            messages.success(request, f"{account.name} and its token are deleted.")
            return redirect("accounts:account-list")
    context = {"account": account, "is_refused": is_refused}
    return render(request, "accounts/account_delete.html", context, status=409 if is_refused else 200)


# Actions


@require_POST
@admin_only
def account_test(request: SignedIn, pk: int) -> HttpResponse:
    return _ask_service(request, pk, "The service answers and accepts the token")


@require_POST
@admin_only
def account_sync(request: SignedIn, pk: int) -> HttpResponse:
    return _ask_service(request, pk, "Channels and limits are up to date")


@require_POST
@admin_only
def account_new_hook(request: SignedIn, pk: int) -> HttpResponse:
    """Give the account another address for webhooks; jobs under way are followed by asking."""
    account = managed_account(request, pk)
    account.hook_key, account.hooked_at = new_hook_key(), None
    account.save(update_fields=["hook_key", "hooked_at"])
    messages.success(request, "New jobs carry a new webhook address. The old one leads nowhere.")
    return redirect("accounts:account-detail", account.pk)


@require_POST
@admin_only
def account_resume(request: SignedIn, pk: int) -> HttpResponse:
    account = managed_account(request, pk)
    if connecting.resume(account):
        messages.success(request, f"{account.name} goes on.")
    else:
        messages.info(request, f"{account.name} was not paused.")
    return redirect("accounts:account-detail", account.pk)


def _ask_service(request: SignedIn, pk: int, said: str) -> HttpResponse:
    """Fetch the account's channels; what comes of it is recorded and said."""
    account = managed_account(request, pk)
    try:
        channels = syncing.sync_account(account)
    except UpstreamError as error:
        messages.error(request, connecting.in_words(error))
    else:
        account.wake()
        messages.success(request, f"{said}: {_channels(len(channels))}.")
    return redirect("accounts:account-detail", account.pk)


def _detail_context(account: Account) -> dict:
    (summary,) = overview.of_accounts([account])
    return {
        "account": account,
        "overview": summary,
        "members": account.members.all(),
        "has_public_url": settings.PUBLIC_URL_IS_SET,
    }


def _blame(form, error: UpstreamError) -> None:
    """Say at the form what went wrong: at the token where it is the token's fault."""
    form.add_error("token" if error.code == "bad_token" else None, connecting.in_words(error))


def _status(form) -> int:
    return 422 if form.is_bound and form.errors else 200


def _channels(count: int) -> str:
    return {0: "no channel yet", 1: "one channel"}.get(count, f"{count} channels")
