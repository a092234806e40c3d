"""Resetting a blocked channel, once a person has done what Midjourney asked for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import connecting
from accounts.access import SignedIn, admin_only, managed_account, posted
from accounts.encryption import Unreadable
from accounts.forms import ChannelResetForm
from accounts.syncing import UNREADABLE
from midjourney.upstream import UpstreamError


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
