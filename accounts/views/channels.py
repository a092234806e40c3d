"""The channels of an account at the service: adding, changing and removing them, and resetting one that is blocked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import connecting, usage
from accounts.access import SignedIn, admin_only, managed_account, posted
from accounts.encryption import Unreadable
from accounts.forms import ChannelForm, ChannelRemoveForm, ChannelResetForm
from accounts.syncing import UNREADABLE
from midjourney.upstream import UpstreamError


@sensitive_post_parameters("discord")
@sensitive_variables("form")
@require_http_methods(["GET", "POST"])
@admin_only
def channel_add(request: SignedIn, pk: int) -> HttpResponse:
    """Add a Discord account, or give one other limits: the service knows it again by its token (useapi-v3.md §3)."""
    account = managed_account(request, pk)
    form = ChannelForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            info = connecting.add_channel(account, form.cleaned_data["discord"], form.limits)
        except Unreadable:
            form.add_error(None, UNREADABLE)
        except UpstreamError as error:
            form.add_error("discord" if error.status == 400 else None, connecting.in_words(error))
        else:
            messages.success(request, f"Channel …{info.channel[-4:]} runs up to {info.max_jobs} jobs at once.")
            return redirect("accounts:account-detail", account.pk)
    context = {"account": account, "form": form}
    return render(request, "accounts/channel_add.html", context, status=422 if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "POST"])
@admin_only
def channel_remove(request: SignedIn, pk: int, channel_pk: int) -> HttpResponse:
    account = managed_account(request, pk)
    channel = get_object_or_404(account.channels.filter(removed_at=None), pk=channel_pk)
    form = ChannelRemoveForm(posted(request), remote_id=channel.remote_id)
    if request.method == "POST" and form.is_valid():
        try:
            connecting.remove_channel(account, channel.remote_id)
        except Unreadable:
            form.add_error(None, UNREADABLE)
        except UpstreamError as error:
            form.add_error(None, connecting.in_words(error))
        else:
            messages.success(request, "The channel is removed. Jobs that wait go on with the other channels.")
            return redirect("accounts:account-detail", account.pk)
    held = sum(usage.used_slots([channel]).get(channel.pk, {}).values())
    context = {"account": account, "channel": channel, "form": form, "held": held}
    return render(
        request, "accounts/channel_remove.html", context, status=422 if form.is_bound and form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@admin_only
def channel_reset(request: SignedIn, pk: int, channel_pk: int) -> HttpResponse:
    """The steps first (596, useapi-v3.md §10); the reset only clears a flag and risks a ban without them."""
    account = managed_account(request, pk)
    channel = get_object_or_404(account.channels.filter(removed_at=None), pk=channel_pk)
    form = ChannelResetForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            connecting.reset_channel(account, channel.remote_id)
        except Unreadable:
            form.add_error(None, UNREADABLE)
        except UpstreamError as error:
            form.add_error(None, connecting.in_words(error))
        else:
            messages.success(request, "The channel is reset and takes jobs again.")
            return redirect("accounts:account-detail", account.pk)
    context = {"account": account, "channel": channel, "form": form}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/channel_reset.html", context, status=status)
