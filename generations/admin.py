"""The admin site for support: jobs and pictures are read there, and decided by the same code as on the pages."""

import json

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.access import SignedIn
from accounts.admin import NoPeeking
from generations import decisions
from generations.models import Batch, Image, Job, JobEvent, JobStatus, Prompt

# Not where it is at the service: that can be traced to an account.
SHOWN_OF_IMAGES = ("ref", "kind", "position", "saved_at", "error_code", "given_up_at", "bytes", "sha256")


class ReadOnly:
    """Nothing is added, changed or deleted by hand: status moves by `Job.move`, rows are kept."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class EventInline(ReadOnly, admin.TabularInline):
    model = JobEvent
    fields = ["at", "previous", "status", "code", "note", "actor"]
    extra = 0
    ordering = ["at", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobEvent]:
        return super().get_queryset(request).select_related("actor")


class ImageInline(ReadOnly, admin.TabularInline):
    model = Image
    fields = SHOWN_OF_IMAGES
    readonly_fields = SHOWN_OF_IMAGES
    extra = 0
    show_change_link = True


class WithoutFullCount(ReadOnly, NoPeeking):
    """A list that stays quick with a million rows."""

    show_full_result_count = False
    view_on_site = False  # the pages show everybody only their own
    list_per_page = 50


@admin.register(Job)
class JobAdmin(WithoutFullCount):
    list_display = ["ref", "status", "verb", "owner", "account", "error_code", "created_at", "changed_at"]
    list_select_related = ["owner", "account"]
    list_filter = [
        "status",
        "verb",
        "needs_person",
        "account",
        ("owner", admin.RelatedOnlyFieldListFilter),
        "created_at",
    ]
    search_fields = ["ref", "remote_id"]
    search_help_text = "Our reference or the service’s job id, whole."
    ordering = ["-id"]
    inlines = [EventInline, ImageInline]
    actions = ["look_up", "cancel", "requeue_unsent", "save_again"]
    fieldsets = [
        (None, {"fields": ["ref", "status", "owner", "account", "channel", "verb", "lane"]}),
        ("Sent", {"fields": ["text", "parameters_shown"]}),
        (
            "At the service",
            {"fields": ["remote_id", "progress", "error_code", "error_text", "seed", "buttons", "answer"]},
        ),
        (
            "Times",
            {
                "fields": [
                    "created_at", "reserved_at", "sent_at", "accepted_at", "looked_at", "ended_at", "lost_at",
                    "changed_at", "cancel_requested_at", "cancel_sent_at", "save_due_at",
                ]
            },
        ),
        ("Bookkeeping", {"fields": ["attempt", "save_attempts", "needs_person", "priority", "retry_of", "change"]}),
    ]  # fmt: skip
    readonly_fields = ["parameters_shown", "answer"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Whole references only: a part of one could not use an index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        is_ref = len(term.replace("-", "")) == 32 and all(letter in "0123456789abcdefABCDEF-" for letter in term)
        return queryset.filter(**({"ref": term} if is_ref else {"remote_id": term})), False

    @admin.display(description="Parameters")
    def parameters_shown(self, job: Job) -> str:
        return _pretty(job.parameters)

    @admin.display(description="Last answer, without people, links and tokens")
    def answer(self, job: Job) -> str:
        return _pretty(job.upstream)

    @admin.action(description="Look up at the service now", permissions=["view"])
    def look_up(self, request: SignedIn, queryset: QuerySet[Job]) -> None:
        self._report(request, "Looking up", [decisions.look_up(job) for job in queryset.select_related("account")])

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: SignedIn, queryset: QuerySet[Job]) -> None:
        jobs = list(queryset.select_related("account"))
        asked = [job.can_cancel and decisions.cancel(job, request.user) for job in jobs]
        self._report(request, "Cancelled or asked to stop", asked)

    @admin.action(description="Put back in the queue, where certainly not sent", permissions=["view"])
    def requeue_unsent(self, request: SignedIn, queryset: QuerySet[Job]) -> None:
        self._report(request, "Put back", [decisions.requeue_unsent(job, request.user) for job in queryset])

    @admin.action(description="Save files again now", permissions=["view"])
    def save_again(self, request: SignedIn, queryset: QuerySet[Job]) -> None:
        waiting = [job.status == JobStatus.SAVING and decisions.save_again(job) for job in queryset]
        self._report(request, "Fetching the files of", waiting)

    def _report(self, request: HttpRequest, done: str, results: list[bool]) -> None:
        changed = sum(map(bool, results))
        left = len(results) - changed
        rest = f" {left} could not be, and stay as they are." if left else ""
        self.message_user(request, f"{done} {changed} job{'' if changed == 1 else 's'}.{rest}")


@admin.register(Image)
class ImageAdmin(WithoutFullCount):
    list_display = ["ref", "kind", "position", "owner", "saved_at", "error_code", "given_up_at"]
    list_select_related = ["owner"]
    list_filter = ["kind", "error_code", "saved_at"]
    search_fields = ["ref__exact", "job__ref__exact", "sha256__exact"]
    ordering = ["-id"]
    # The address at the service can be traced to an account, so it is not shown here either.
    exclude = ["source_url"]


@admin.register(Batch)
class BatchAdmin(WithoutFullCount):
    list_display = ["ref", "name", "status", "source", "owner", "account", "created_at", "confirmed_at"]
    list_select_related = ["owner", "account"]
    list_filter = ["status", "source", "account", ("owner", admin.RelatedOnlyFieldListFilter), "created_at"]
    search_fields = ["ref__exact"]
    ordering = ["-id"]
    exclude = ["written", "idempotency_key"]  # up to megabytes of text


@admin.register(Prompt)
class PromptAdmin(WithoutFullCount):
    list_display = ["id", "owner", "account", "created_at"]
    list_select_related = ["owner", "account"]
    list_filter = ["account", "created_at"]
    ordering = ["-id"]


@admin.register(JobEvent)
class JobEventAdmin(WithoutFullCount):
    list_display = ["at", "job_link", "previous", "status", "code", "actor"]
    list_select_related = ["job", "actor"]
    list_filter = ["status", "code", "at"]
    search_fields = ["job__ref__exact", "job__remote_id__exact"]
    ordering = ["-id"]

    @admin.display(description="Job")
    def job_link(self, event: JobEvent) -> str:
        return str(event.job.ref)


def _pretty(value: dict) -> str:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))
