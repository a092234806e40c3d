"""An account at a Midjourney service: address, encrypted token, who may use it, and how it is doing."""

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import encryption
from midjourney import services
from midjourney.upstream import Upstream

if TYPE_CHECKING:
    from accounts.models.user import User

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class AccountState(models.TextChoices):
    READY = "ready", "Ready"
    PAUSED = "paused", "Paused"
    BAD_TOKEN = "bad_token", "Token refused"
    NO_SUBSCRIPTION = "no_subscription", "No subscription"
    UNREACHABLE = "unreachable", "Unreachable"


# Nothing is sent in these states until a person has acted.
WAITS_FOR_PERSON = {AccountState.PAUSED, AccountState.BAD_TOKEN, AccountState.NO_SUBSCRIPTION}


def new_hook_key() -> str:
    """192 bits, in a form that a path can hold."""
    return secrets.token_urlsafe(24)


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: "User") -> "AccountQuerySet":
        """Accounts this person may know of and use: everyone's, those they were chosen for; an admin sees all."""
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        chosen = self.model.members.through.objects.filter(user_id=user.pk, account_id=models.OuterRef("pk"))
        return self.filter(Q(for_everyone=True) | models.Exists(chosen))

    def manageable_by(self, user: "User") -> "AccountQuerySet":
        """Accounts this person may change. Raises PermissionDenied for anyone but an admin."""
        if not user.is_admin:
            raise PermissionDenied
        return self


class Account(models.Model):
    name = models.CharField(max_length=80, unique=True)
    service = models.CharField(max_length=20, default="useapi", choices=[("useapi", "UseAPI v3")])
    base_url = models.URLField("base URL", max_length=300)
    token_encrypted = models.TextField(editable=False)
    token_hint = models.CharField(max_length=4, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="owned_accounts"
    )
    for_everyone = models.BooleanField(default=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="chosen_accounts")

    state = models.CharField(max_length=16, choices=AccountState, default=AccountState.READY)
    state_reason = models.CharField(max_length=500, blank=True)
    state_since = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0)  # in a row; sets how long to wait before the next try
    created_at = models.DateTimeField(auto_now_add=True)

    # The engine's own columns: asked to look at once, not before, and which pump is at it until when.
    woken_at = models.DateTimeField(default=timezone.now)
    retry_at = models.DateTimeField(null=True, blank=True)  # an unreachable service is left alone until then
    leased_by = models.CharField(max_length=40, blank=True)
    leased_until = models.DateTimeField(default=timezone.now)
    listed_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)

    # Where the service tells of jobs by itself, and when it last did (useapi-v3.md §7.2). Whoever knows the key can
    # only make the engine look sooner.
    hook_key = models.CharField(max_length=43, default=new_hook_key, unique=True, editable=False)
    hooked_at = models.DateTimeField(null=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="account_state_known", condition=Q(state__in=AccountState.values))]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Account {self.pk}: {self.name}>"

    @property
    def token(self) -> str:
        """The API token in the clear, for the client only. Raises encryption.Unreadable."""
        return encryption.decrypt(self.token_encrypted)

    def set_token(self, token: str) -> None:
        self.token_encrypted = encryption.encrypt(token)
        self.token_hint = token[-4:] if len(token) > 12 else ""

    def connect(self, *, tries: int = 3) -> Upstream:
        """A client for this account, whose reads are tried so often. Raises encryption.Unreadable."""
        hosts = tuple(settings.MEDIA_HOSTS)
        return services.connect(self.service, base_url=self.base_url, token=self.token, media_hosts=hosts, tries=tries)

    @property
    def is_local(self) -> bool:
        """Whether the service runs on this machine, where politeness towards a stranger is not called for."""
        return urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def is_simulated(self) -> bool:
        return self.base_url == settings.SIMULATOR_URL

    @property
    def may_send(self) -> bool:
        return self.state not in WAITS_FOR_PERSON

    def set_state(self, state: AccountState, reason: str = "", *, only_from: set[AccountState] | None = None) -> bool:
        """Record how the account is doing, unless it is so already or is in a state outside `only_from`.

        Returns whether anything changed. What a person paused stays paused until a person resumes it.
        """
        rows = Account.objects.filter(pk=self.pk).exclude(state=state, state_reason=reason[:500])
        if only_from is not None:
            rows = rows.filter(state__in=only_from)
        now = timezone.now()
        changed = rows.update(state=state, state_reason=reason[:500], state_since=now, woken_at=now)
        if changed:
            self.state, self.state_reason, self.state_since = state, reason[:500], now
        return bool(changed)

    def wake(self) -> None:
        """Have the engine look at this account at once instead of at its next tick."""
        wake_accounts([self.pk])


def wake_accounts(pks: list[int]) -> None:
    Account.objects.filter(pk__in=pks).update(woken_at=timezone.now())
