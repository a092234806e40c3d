"""Shared things for the tests of sharing."""

from django.urls import reverse

from accounts.models import User
from generations.models import Collection, Grant, Image, JobStatus
from generations.sharing import giving, links
from tests.factories import make_image, make_job
from tests.files import put_picture

SECRET_WORDS = "a secret heron"


def picture(owner: User, text: str = f"{SECRET_WORDS} --ar 16:9", *, file: bool = False, **fields) -> Image:
    """A picture of its own job."""
    image = make_image(job=make_job(owner=owner, status=JobStatus.DONE, text=text), **fields)
    if file:
        put_picture(image)
    return image


def collection(owner: User, *images: Image, name: str = "Herons", query: str = "") -> Collection:
    """A collection with these pictures in this order."""
    made = Collection.objects.create(owner=owner, name=name, query=query)
    for number, image in enumerate(images, start=1):
        made.entries.create(image=image, position=number * 1024, added_by=image.owner)
    return made


def give(thing: Image | Collection, to: User | None, role: str = "view", **fields) -> Grant:
    return giving.give(thing.owner, thing, to, role, **fields)


def link(thing: Image | Collection, **terms):
    return links.create(thing.owner, thing, links.Terms(**terms))


def url(name: str, *arguments) -> str:
    return reverse(f"generations:{name}", args=arguments)


def body(response) -> bytes:
    """All bytes of a response, a file as well."""
    return b"".join(response.streaming_content) if response.streaming else response.content
