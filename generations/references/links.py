"""Addresses under which the service can fetch a reference picture, for as long as the job that uses it goes on.

In order of preference: our own signed link where PUBLIC_URL says that the studio can be reached; the upstream's own
link of a picture that was made there, while that is alive; our own link on this machine for a service on this machine.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from generations.models import FINAL, Image, Job, JobInput, Reference
from midjourney import prompt as language

SALT = "generations.reference-link"
LONGEST = timedelta(days=2)  # a link is dead after this, whatever its job does
SOON = timedelta(minutes=10)  # an upstream link that dies before this is not worth sending
KEPT_FOR = timedelta(days=62)  # useapi-v3.md §5.2: the service forgets a job, and what it made, after that


class NoAddress(Exception):
    """The service cannot reach this picture: the studio has no public address, and no link of the upstream lives."""

    def __init__(self, reference: Reference | None = None) -> None:
        super().__init__("The service cannot reach this picture.")
        self.reference = reference


def can_be_reached(reference: Reference, account: Account) -> bool:
    """Whether a job on this account could use the picture now. Load the reference with `source__job`."""
    return settings.PUBLIC_URL_IS_SET or account.is_local or bool(_upstream_link(reference.source))


def address(reference: Reference, job: Job) -> str:
    """The address to send for a picture in one job. Raises NoAddress."""
    if settings.PUBLIC_URL_IS_SET:
        return signed_link(reference, job)
    if link := _upstream_link(reference.source):
        return link
    if job.account.is_local:
        return signed_link(reference, job)
    raise NoAddress(reference)


def prompt_with_addresses(job: Job, text: str) -> str:
    """The text to send, with an address in place of each reference. Raises NoAddress, also for an unknown code."""
    wanted = set(language.codes(text))
    if not wanted:
        return text
    rows = Reference.objects.filter(owner_id=job.owner_id, code__in=wanted).select_related("source__job")
    known = {row.code: row for row in rows}

    def address_of(code: str) -> str:
        if code not in known:
            raise NoAddress
        return address(known[code], job)

    return language.with_addresses(text, address_of)


def signed_link(reference: Reference, job: Job) -> str:
    """Our own address of a picture, good for that job only, until it has ended."""
    token = signing.dumps([reference.pk, job.pk], salt=SALT)
    ending = "png" if reference.content_type == "image/png" else "webp" if "webp" in reference.content_type else "jpg"
    return settings.PUBLIC_URL + reverse("generations:reference-public", args=[token, ending])


def opened(token: str) -> Reference | None:
    """The picture behind a signed link; None where the link is not ours, is old, or its job has ended."""
    try:
        reference, job = signing.loads(token, salt=SALT, max_age=LONGEST)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    uses = JobInput.objects.filter(reference=reference, job=job).exclude(job__status__in=FINAL)
    found = uses.select_related("reference").first()
    return found.reference if found else None


def _upstream_link(image: Image | None) -> str:
    """The link under which the upstream keeps a picture, while it can be expected to live; "" otherwise."""
    if image is None or not image.source_url:
        return ""
    now = timezone.now()
    expires = parse_qs(urlsplit(image.source_url).query).get("ex", [""])[0]  # hex seconds (useapi-v3.md §11)
    if expires:
        try:
            alive = datetime.fromtimestamp(int(expires, 16), UTC) > now + SOON
        except (ValueError, OverflowError, OSError):
            alive = False
    else:
        alive = now - image.created_at < KEPT_FOR
    return image.source_url if alive else ""
