"""Takes files and addresses in for one member, one after the other, and says what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from accounts.encryption import Unreadable
from accounts.models import Account, User
from generations.home.returning import history, reading, storing
from generations.home.returning.reading import Told
from generations.media import library
from generations.media.errors import NotSaved
from generations.media.library import Fetched
from generations.models import Image, ImageKind
from midjourney.upstream import MediaError, Upstream, UpstreamError

DONE, WOULD, KNOWN = "imported", "would be imported", "already here"
REFUSED, LEFT, DEAD = "refused", "not fetched", "dead"
BAD = (REFUSED, LEFT, DEAD)
_WHY = {
    "not_a_picture": "it is no PNG, JPEG or WebP, whatever it is called",
    "not_a_video": "it is no MP4, whatever it is called",
    "broken_file": "it is damaged and cannot be read to its end",
    "too_many_pixels": "it has more pixels than the studio takes",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one file or address; `ref` is the picture's."""

    file: str
    outcome: str
    why: str = ""
    prompt: str = ""
    prompt_from: str = ""
    ref: str = ""


class Taking:
    def __init__(self, owner: User, account: Account, *, dry_run: bool) -> None:
        self.owner, self.account, self.dry_run = owner, account, dry_run
        self._known = set(Image.objects.filter(owner=owner).exclude(sha256="").values_list("sha256", flat=True))
        self._upstream: Upstream | None = None

    def file(self, path: Path, name: str, told_by_history: Mapping[str, Told]) -> Outcome:
        """Take in a file of this machine; it stays where it is."""
        try:
            if storing.digest(path) in self._known:
                return Outcome(name, KNOWN)
            told = storing.with_date_of(path, reading.read(path, told_by_history))
            kind = ImageKind.VIDEO if storing.is_video(path) else ImageKind.SINGLE
            limit = library.MOST_VIDEO_BYTES if kind == ImageKind.VIDEO else library.MOST_PICTURE_BYTES
            if path.stat().st_size > limit:
                return Outcome(name, REFUSED, f"it has more than {limit // 10**6} MB")
            if self.dry_run:
                storing.verify(path, kind)
                self._known.add(storing.digest(path))
                return Outcome(name, WOULD, prompt=told.prompt, prompt_from=told.source)
            return self._store(library.copy(path, kind), told, name)
        except NotSaved as error:
            return Outcome(name, REFUSED, _WHY.get(error.code, error.code))
        except OSError as error:
            return Outcome(name, REFUSED, f"{error.strerror or 'it cannot be read'}")

    def address(self, url: str, told: Told) -> Outcome:
        """Fetch a result of the history, from hosts that may be asked only."""
        name = _without_signature(url)
        if not history.may_be_asked(url):
            return Outcome(name, LEFT, "its host is not in MEDIA_HOSTS")
        if at := history.ended(url):
            return Outcome(name, DEAD, f"its link ended on {at:%Y-%m-%d}")
        if self.dry_run:
            return Outcome(name, WOULD, prompt=told.prompt, prompt_from=told.source)
        kind = ImageKind.VIDEO if history.is_video(url) else ImageKind.SINGLE
        try:
            fetched = library.fetch(self._connected(), url, kind)
            if fetched.sha256 in self._known:
                fetched.path.unlink(missing_ok=True)
                return Outcome(name, KNOWN)
            return self._store(fetched, told, history.name_of(url), name)
        except MediaError as error:
            return Outcome(name, DEAD, history.words_for(error))
        except NotSaved as error:
            return Outcome(name, REFUSED, _WHY.get(error.code, error.code))
        except (UpstreamError, Unreadable):
            return Outcome(name, DEAD, f"{self.account} could not be used to fetch it")
        except OSError as error:
            return Outcome(name, REFUSED, f"{error.strerror or 'it cannot be written'}")

    def _connected(self) -> Upstream:
        if self._upstream is None:
            self._upstream = self.account.connect(tries=1)
        return self._upstream

    def _store(self, fetched: Fetched, told: Told, name: str, shown: str = "") -> Outcome:
        image = storing.store(self.owner, self.account, fetched, told, name)
        self._known.add(fetched.sha256)
        if image is None:
            return Outcome(shown or name, KNOWN)
        return Outcome(shown or name, DONE, prompt=told.prompt, prompt_from=told.source, ref=str(image.ref))


def _without_signature(url: str) -> str:
    """An address as it may be shown: without what lets anybody fetch it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
