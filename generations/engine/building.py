"""What is sent to the upstream for a job, whatever its verb."""

from typing import Any

from generations import hooks
from generations.actions import masks
from generations.actions.catalogue import CUSTOM_ZOOM
from generations.media import library
from generations.media.errors import Unreachable
from generations.models import InputRole, Job, Verb
from generations.references import links
from midjourney.upstream import Submission, Upload


class CannotBuild(Exception):
    """The request cannot be made, so nothing is sent. `code` is one of generations.explanations."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def submission(job: Job) -> Submission:
    """The request of a claimed job. Raises CannotBuild."""
    assert job.channel is not None  # noqa: S101  # claimed jobs have one; the database says so too
    common: dict[str, Any] = {"reply_ref": str(job.ref), "reply_url": hooks.reply_url(job.account)}
    placed = {**common, "channel": job.channel.remote_id}
    match job.verb:
        # Button and seed run on their parent's channel, which the request cannot name (useapi-v3.md §4.1).
        case Verb.BUTTON:
            parent = _parent(job)
            return Submission(
                verb=job.verb,
                parent=parent.remote_id,
                button=job.button,
                prompt=_button_prompt(job, parent),
                mask=_mask(job),
                **common,
            )
        case Verb.SEED:
            return Submission(verb=job.verb, parent=_parent(job).remote_id, **common)
        case Verb.IMAGINE:
            return Submission(verb=job.verb, prompt=_with_addresses(job, job.text), **placed)
        case Verb.DESCRIBE:
            return Submission(verb=job.verb, images=_uploads(job, InputRole.DESCRIBE), **placed)
        case Verb.BLEND:
            dimensions = str(job.parameters.get("dimensions", ""))
            return Submission(verb=job.verb, images=_uploads(job, InputRole.BLEND), dimensions=dimensions, **placed)
        case _:
            return Submission(verb=job.verb, **placed)


def _parent(job: Job) -> Job:
    if job.parent is None or not job.parent.remote_id:
        raise CannotBuild("parent_gone")
    return job.parent


def _button_prompt(job: Job, parent: Job) -> str:
    """A prompt of the job's own; the service takes the parent's where none is sent (useapi-v3.md §4.3)."""
    if job.button != CUSTOM_ZOOM and job.text == parent.text:
        return ""
    return _with_addresses(job, job.text)


def _with_addresses(job: Job, text: str) -> str:
    try:
        return links.prompt_with_addresses(job, text)
    except links.NoAddress:
        raise CannotBuild("reference_unreachable") from None


def _mask(job: Job) -> str:
    """The mask as the service wants it (useapi-v3.md §8.3)."""
    if not job.mask:
        return ""
    try:
        return masks.for_service(job.mask)
    except OSError as error:
        raise CannotBuild(_why(error)) from None


def _uploads(job: Job, role: InputRole) -> tuple[Upload, ...]:
    """The files themselves, in order: multipart needs no address (useapi-v3.md §4.4, §4.5)."""
    inputs = job.inputs.filter(role=role).select_related("reference").order_by("position")
    try:
        found = tuple(
            Upload(
                library.read(each.reference.path),
                each.reference.content_type,
                f"picture-{each.position}.{each.reference.content_type.rpartition('/')[2]}",
            )
            for each in inputs
        )
    except OSError as error:
        raise CannotBuild(_why(error)) from None
    if not found:
        raise CannotBuild("reference_missing")
    return found


def _why(error: OSError) -> str:
    return "storage_away" if isinstance(error, Unreachable) else "reference_missing"
