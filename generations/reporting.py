"""Jobs and the studio's condition as plain data, for commands and, later, an API."""

from collections import Counter
from typing import Any

from django.db.models import Count

from accounts.models import Account
from generations import budget_pages
from generations.engine import heartbeat
from generations.engine.capacity import account_use
from generations.explanations import explain
from generations.media.storages import media
from generations.models import Image, Job, JobStatus


def job_report(job: Job) -> dict[str, Any]:
    """A job with its saved files. Holds no link and no name of the upstream's."""
    report: dict[str, Any] = {
        "id": job.pk,
        "ref": str(job.ref),
        "status": job.status,
        "prompt": job.text,
        "account": job.account.name,
        "channel": job.channel.remote_id if job.channel else None,
        "remote_id": job.remote_id or None,
        "progress": job.progress,
        "seed": job.seed,
        "created_at": job.created_at.isoformat(),
        "images": [image_report(image) for image in job.images.all() if image.is_saved],
        "unsaved": sum(not image.is_saved for image in job.images.all()),
    }
    if job.error_code:
        explanation = explain(job.error_code)
        report["error"] = {
            "code": job.error_code,
            "what": explanation.what,
            "do": explanation.do,
            "cost": explanation.cost,
            "upstream": job.error_text,
        }
    return report


def image_report(image: Image) -> dict[str, Any]:
    return {
        "ref": str(image.ref),
        "kind": image.kind,
        "position": image.position,
        "path": media().where(image.path),
        "content_type": image.content_type,
        "bytes": image.bytes,
        "width": image.width,
        "height": image.height,
        "seconds": image.seconds,
        "sha256": image.sha256,
    }


def studio_report() -> dict[str, Any]:
    """Jobs by state, slots per channel, the worker's heartbeat, results that are not safe yet."""
    states = Counter(dict(Job.objects.order_by().values_list("status").annotate(count=Count("pk"))))
    age = heartbeat.seconds_since_beat()
    return {
        "jobs": {status: states[status] for status in JobStatus.values},
        "needs_person": Job.objects.filter(status=JobStatus.UNCERTAIN, needs_person=True).count(),
        "unsaved": Image.objects.not_yet_safe().count(),
        "worker": {"running": heartbeat.some_pump_runs(), "seconds_since_beat": None if age is None else round(age, 1)},
        "budgets": _budget_report(),
        "accounts": [_account_report(account) for account in Account.objects.order_by("name")],
    }


def _budget_report() -> dict[str, Any]:
    """Use of the team, and of each member who has a limit; `limit` is None where there is none."""
    return {
        "team": _use_report(budget_pages.team()),
        "members": [
            {"id": row.person.pk, "name": str(row.person), **_use_report(row)}
            for row in budget_pages.people()
            if row.person and row.has_limits
        ],
    }


def _use_report(row: budget_pages.Row) -> dict[str, dict[str, int | None]]:
    names = ("day", "month", "at_once")
    return {name: {"used": figure.used, "limit": figure.most} for name, figure in zip(names, row.figures, strict=True)}


def _account_report(account: Account) -> dict[str, Any]:
    return {
        "id": account.pk,
        "name": account.name,
        "state": account.state,
        "reason": account.state_reason,
        "channels": [
            {
                "channel": use.channel.remote_id,
                "blocked": use.channel.block_message or None,
                "slots": {
                    "total": {"used": use.total, "limit": use.channel.max_jobs, "free": use.free("")},
                    **{
                        lane: {"used": use.used(lane), "limit": use.channel.limit(lane), "free": use.free(lane)}
                        for lane in ("image", "video")
                    },
                },
                "other_programs": use.foreign.total(),
            }
            for use in account_use(account).channels
        ],
    }
