"""Django's admin site, for support: read-mostly, and without secrets. The studio's own pages do the work."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts import people
from accounts.forms import PersonChangeForm
from accounts.models import Account, Channel, User

# One way in, with its rate limits and its rules.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "Studio"
admin.site.site_title = "Studio"
admin.site.index_title = "Admin site"
admin.site.site_url = "/"

# A schedule names any function of Python to run, a task may be run again, and an address row is a second way to sign
# in: none of them is for a browser. Roles take the place of groups.
for _model in (Schedule, Success, Failure, OrmQ, EmailAddress, Group):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

# Columns that the site never shows must not be told letter by letter through a filter in the address either.
UNSEEN = {"password", "token_encrypted", "source_url"}


class NoPeeking(admin.ModelAdmin):
    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return not UNSEEN & set(lookup.split("__")) and super().lookup_allowed(lookup, value, request)


class ReadMostly(NoPeeking):
    """Rows are made and removed on the studio's own pages, which know what else has to happen."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


class PersonAdminForm(PersonChangeForm):
    """The form of the studio's own page, told by the admin site who changes."""

    by: User

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, by=self.by, **kwargs)


@admin.register(User)
class UserAdmin(ReadMostly):
    list_display = ("email", "name", "role", "is_active", "last_login", "date_joined")
    list_filter = ("role", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = ("email", "name", "role", "is_active", "theme", "last_login", "date_joined")
    readonly_fields = ("email", "is_active", "theme", "last_login", "date_joined")
    form = PersonAdminForm

    def get_form(self, request: HttpRequest, obj=None, change: bool = False, **kwargs):
        return type("PersonAdminForm", (super().get_form(request, obj, change, **kwargs),), {"by": request.user})

    def save_model(self, request: HttpRequest, obj: User, form, change: bool) -> None:
        try:
            people.change(obj, by=form.by)
        except ValidationError as error:  # somebody else was quicker
            self.message_user(request, error.message, messages.ERROR)


@admin.register(Account)
class AccountAdmin(ReadMostly):
    list_display = ("name", "service", "token_ends_with", "state", "state_since", "for_everyone", "synced_at")
    list_filter = ("state", "service")
    search_fields = ("name",)
    fields = (
        "name", "service", "base_url", "token_ends_with", "owner", "for_everyone", "members",
        "state", "state_reason", "state_since", "failures", "synced_at", "listed_at", "created_at",
    )  # fmt: skip
    list_select_related = ("owner",)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    @admin.display(description="token")
    def token_ends_with(self, account: Account) -> str:
        return f"…{account.token_hint}" if account.token_hint else "stored"


@admin.register(Channel)
class ChannelAdmin(ReadMostly):
    list_display = ("__str__", "account", "max_jobs", "max_image_jobs", "max_video_jobs", "blocked_at", "removed_at")
    list_select_related = ("account",)
    list_filter = ("account",)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False
