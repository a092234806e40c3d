"""Pictures of a member, with real files, and what the tests do with them."""

import io
import zipfile

import pytest
from django.urls import reverse
from PIL import Image as Pillow

from generations.media import library
from generations.models import Image, JobStatus
from tests.factories import make_image, make_job

TEXT = "a Lighthouse at dusk, über & <the> sea --ar 16:9 --seed 42"
CONTENT = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "mp4": "video/mp4"}


@pytest.fixture
def mia(client, member):
    client.force_login(member)
    return member


def put(owner, ending: str = "png", *, text: str = TEXT, data: bytes = b"", parent=None, **fields) -> Image:
    """A picture of this member whose file is there."""
    job = fields.pop("job", None) or make_job(
        owner=owner, status=JobStatus.DONE, text=text, parent=parent, parent_position=2 if parent else 0
    )
    data = data or picture(ending, color=f"#{Image.objects.count() % 200 + 20:02x}4466")
    fields.setdefault("kind", "video" if ending == "mp4" else "single")
    image = make_image(job=job, content_type=CONTENT[ending], bytes=len(data), **fields)
    Image.objects.filter(pk=image.pk).update(path=f"ab/{image.pk}.{ending}")
    image.refresh_from_db()
    path = library.full_path(image.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return image


def picture(ending: str = "png", size=(64, 36), color="#446688", mode="RGB") -> bytes:
    out = io.BytesIO()
    if ending == "mp4":
        return bytes(range(256)) * 20
    Pillow.new(mode, size, color).save(out, {"jpg": "JPEG"}.get(ending, ending.upper()))
    return out.getvalue()


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def order(client, **fields) -> str:
    """Send the form and return the address of the archive that it leads to."""
    response = client.post(
        reverse("generations:download-choose"), {"pattern": "{number} {prompt}", "form": "", "told": "none", **fields}
    )
    assert response.status_code == 302, response.context["form"].errors
    return response["Location"]


def unzip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def content_of(image: Image) -> bytes:
    return library.full_path(image.path).read_bytes()
