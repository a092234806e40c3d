"""Nothing that reads pictures shows, counts, packs or changes those of somebody else.

Two members have the same: the same words, tag, collection, look, family and places in the trash. Whatever one of them
asks for, nothing of the other's may come; a query that forgets whose pictures it reads fails here.
"""

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generations.models import (
    Collection,
    CollectionEntry,
    Comment,
    GalleryChange,
    Image,
    ImageLook,
    ImageTag,
    Job,
    JobStatus,
    Pick,
    PublicLink,
    Tag,
)
from tests import factories
from tests.files import put_picture

PHASH = 0x1234_5678_9ABC_DEF0


class Half:
    """What one of the two has; `secret` stands in every name of theirs."""

    def __init__(self, secret: str, parent: Job | None = None, year: int = 2026) -> None:
        self.user: User = factories.make_user(secret)
        self.secret = secret
        self.job = factories.make_job(owner=self.user, status=JobStatus.DONE, text=f"a heron {secret}")
        if parent is not None:
            Job.objects.filter(pk=self.job.pk).update(parent=parent, root=parent)
            self.job.refresh_from_db()
        at = datetime(year, 3, 5, 12, tzinfo=UTC)
        self.images = [self._picture(number, at) for number in (1, 2, 3)]
        self.trashed = self._picture(4, at, trashed_at=timezone.now())
        self.tag = Tag.objects.create(owner=self.user, name=f"Birds {secret}", key="birds")
        self.collection = Collection.objects.create(owner=self.user, name="Same", description=secret)
        for number, image in enumerate(self.images, start=1):
            ImageTag.objects.create(image=image, tag=self.tag)
            entry = {"image": image, "position": number, "added_by": self.user}
            CollectionEntry.objects.create(collection=self.collection, **entry)
        Collection.objects.create(owner=self.user, name=f"Only {secret}")
        self.link = PublicLink.objects.create(collection=self.collection, created_by=self.user, allows_download=True)
        self.change = GalleryChange.objects.create(owner=self.user, what="trash")
        Comment.objects.create(image=self.images[0], author=self.user, text=secret)
        Pick.objects.create(link=self.link, image=self.images[0], visitor="v", note=secret)

    def _picture(self, number: int, at: datetime, **fields) -> Image:
        image = factories.make_image(job=self.job, position=number, created_at=at, **fields)
        put_picture(image)
        ImageLook.of(image, PHASH).save()
        return image

    @property
    def refs(self) -> list[str]:
        return [str(image.ref) for image in [*self.images, self.trashed]]


@pytest.fixture
def otto(db) -> Half:
    return Half("zzotto", year=2019)


@pytest.fixture
def mia(otto) -> Half:
    return Half("zzmia", parent=otto.job)


@pytest.fixture
def asks(mia):
    client = Client()
    client.force_login(mia.user)
    return client


def url(name: str, *arguments) -> str:
    return reverse(f"generations:{name}", args=arguments)


PAGES = {
    "the gallery": ("gallery", {}),
    "where one ticks": ("gallery", {"select": "1"}),
    "a month": ("gallery", {"at": "2026-03"}),
    "the next part": ("gallery-more", {"before": "2030-01-01T00:00:00.000000Z_999999"}),
    "the part before": ("gallery-more", {"after": "2001-01-01T00:00:00.000000Z_1"}),
    "a search by words": ("gallery", {"q": "heron"}),
    "a search for everything but a word": ("gallery", {"q": "-nothing"}),
    "a search by tag": ("gallery", {"q": "tag:birds"}),
    "a search by collection": ("gallery", {"q": "in:Same"}),
    "a search by kind": ("gallery", {"q": "kind:imagine"}),
    "a search for what is shared": ("gallery", {"q": "is:shared"}),
    "a search by person": ("gallery", {"q": "person:zzotto"}),
    "suggested tags": ("gallery-suggest", {"q": "tag:b"}),
    "suggested collections": ("gallery-suggest", {"q": "in:O"}),
    "the trash": ("gallery-trash", {}),
    "collections": ("collection-list", {}),
    "what is shared with me": ("shared", {}),
    "what the team shares": ("shared", {"show": "team"}),
    "mentions": ("shared", {"show": "mentions"}),
    "what I share": ("shared", {"show": "mine"}),
    "what a search would download": ("download-choose", {"q": "heron"}),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_ones_own_only(asks, mia, otto, name):
    page, sent = PAGES[name]
    text = asks.get(url(page), sent).text.replace("person:zzotto", "").replace("called “zzotto”", "")
    assert otto.secret not in text
    assert not [ref for ref in otto.refs if ref in text]
    assert "2019" not in text  # the years of the rail


@pytest.mark.parametrize("query", ["heron", "tag:birds", "in:Same", "-nothing", "kind:imagine"])
def test_a_count_counts_ones_own_only(asks, query):
    assert re.findall(r"\d+", asks.get(url("gallery-count"), {"q": query}).text)[0] == "3"


@pytest.mark.parametrize("stacked", ["apart", "stacked"])
def test_a_family_that_goes_on_with_somebody_else_shows_ones_own_part(asks, mia, otto, stacked):
    asks.post(url("gallery-view"), {"stacks": stacked})
    for text in (
        asks.get(url("gallery")).text,
        asks.get(url("gallery-stack", mia.images[0].ref)).text,
        asks.get(url("image-actions", mia.images[0].ref)).text,
    ):
        assert [ref for ref in mia.refs[:3] if ref in text]
        assert not [ref for ref in otto.refs if ref in text]
    if stacked == "stacked":
        assert "Open the stack of 3" in asks.get(url("gallery")).text


def test_what_looks_or_reads_alike_is_ones_own(asks, mia, otto):
    text = asks.get(url("image-similar", mia.images[0].ref)).text
    assert str(mia.images[1].ref) in text
    assert not [ref for ref in [*otto.refs, str(mia.trashed.ref)] if ref in text]


OF_A_PICTURE = (
    "image-original", "image-actions", "image-similar", "image-talk", "gallery-stack", "share-image", "shared-image",
    "image-download",
)  # fmt: skip


@pytest.mark.parametrize("name", OF_A_PICTURE)
def test_an_address_of_somebody_elses_picture_leads_nowhere(asks, otto, name):
    for image in (otto.images[0], otto.trashed):
        assert asks.get(url(name, image.ref)).status_code == 404


def test_nor_do_its_thumbnails_note_comments_collection_and_changes(asks, mia, otto):
    image = otto.images[0]
    assert asks.get(url("image-thumbnail", image.ref, 320)).status_code == 404
    assert asks.post(url("image-note", image.ref), {"note": "x"}).status_code == 404
    assert asks.post(url("image-comment", image.ref), {"text": "x"}).status_code == 404
    assert asks.post(url("reference-from-image", image.ref)).status_code == 404
    assert asks.post(url("gallery-undo", otto.change.ref)).status_code == 404
    for name in ("collection-detail", "collection-edit", "shared-collection", "share-collection"):
        assert asks.get(url(name, otto.collection.ref)).status_code == 404
    assert asks.post(url("link-revoke", otto.link.pk)).status_code == 404


def test_an_archive_holds_ones_own_only(asks, mia, otto):
    refs = [*mia.refs[:3], *otto.refs]
    for chosen in ({"image": refs}, {"q": "heron"}, {"collection": str(mia.collection.ref)}):
        sent = {"pattern": "{number} {prompt}", "form": "", "told": "json", **chosen}
        response = asks.post(url("download-choose"), sent)
        packed = asks.get(response["Location"])
        archive = zipfile.ZipFile(io.BytesIO(b"".join(packed.streaming_content)))
        names = [name for name in archive.namelist() if name.endswith(".png")]
        assert len(names) == 3
        assert not any("zzotto" in name for name in names)
        assert not any(b"zzotto" in archive.read(name) for name in archive.namelist())
    assert asks.get(url("download-choose"), {"collection": str(otto.collection.ref)}).status_code == 404


@pytest.mark.parametrize(
    "what", ["favourite:1", "rating:5", "rejected:1", "trash", "restore", "tag", "untag", "collect"]
)
def test_nothing_of_somebody_else_is_changed(asks, mia, otto, what):
    before = list(Image.objects.filter(owner=otto.user).order_by("pk").values())
    tagged = ImageTag.objects.filter(image__owner=otto.user).count()
    sent = {"do": what, "tag-value": "birds", "collect-value": str(otto.collection.ref)}
    asks.post(url("gallery-change"), sent | {"image": otto.refs})
    asks.post(url("gallery-change"), sent | {"all": "1", "q": "heron"})
    assert list(Image.objects.filter(owner=otto.user).order_by("pk").values()) == before
    assert ImageTag.objects.filter(image__owner=otto.user).count() == tagged
    assert CollectionEntry.objects.filter(collection=otto.collection).count() == 3
    assert not CollectionEntry.objects.filter(collection=mia.collection, image__owner=otto.user).exists()


def test_emptying_the_trash_leaves_that_of_others(asks, mia, otto):
    asks.post(url("gallery-empty-trash"))
    assert Image.objects.filter(pk=otto.trashed.pk).exists()
    assert not Image.objects.filter(pk=mia.trashed.pk).exists()


def test_what_is_begun_with_pictures_begins_with_ones_own(asks, mia, otto):
    for name in ("gallery-animate", "batch-from-pictures"):
        text = asks.post(url(name), {"image": [*mia.refs[:1], *otto.refs]}).text
        assert mia.refs[0] in text
        assert not [ref for ref in otto.refs if ref in text]
    compared = asks.get(url("gallery-compare"), {"image": [*mia.refs[:2], *otto.refs[:1]]}).text
    assert otto.refs[0] not in compared


def test_nothing_of_somebody_else_is_added_to_ones_collection(asks, mia, otto):
    asks.post(url("collection-contribute", mia.collection.ref), {"image": otto.refs})
    asks.post(url("collection-take-out", otto.collection.ref), {"image": otto.refs})
    assert not CollectionEntry.objects.filter(collection=mia.collection, image__owner=otto.user).exists()
    assert CollectionEntry.objects.filter(collection=otto.collection).count() == 3


def test_a_public_link_shows_its_own_collection_and_nothing_beside_it(mia, otto):
    visitor = Client()
    page = visitor.get(mia.link.get_absolute_url()).text
    assert not [ref for ref in otto.refs if ref in page]
    for image in (*otto.images, mia.trashed):
        for name, *more in (("public-picture",), ("public-original",), ("public-thumbnail", 320)):
            assert visitor.get(url(name, mia.link.key, image.ref, *more)).status_code == 404
    assert visitor.get(url("public-original", mia.link.key, mia.images[0].ref)).status_code == 200


def test_a_public_link_ends_with_its_owner_and_when_it_is_revoked(mia):
    visitor = Client()
    mia.link.revoked_at = timezone.now()
    mia.link.save()
    assert visitor.get(mia.link.get_absolute_url()).status_code == 404
    PublicLink.objects.update(revoked_at=None)
    User.objects.filter(pk=mia.user.pk).update(is_active=False)
    assert visitor.get(mia.link.get_absolute_url()).status_code == 404
