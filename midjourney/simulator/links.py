"""The links of result files: signed ones that expire, and Midjourney's CDN (useapi-v3.md §11)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote

from midjourney.simulator.clock import Clock
from midjourney.simulator.jobs import Job

LIFETIME = 86_400
CDN = "https://cdn.midjourney.com"
OWN_CDN = "/cdn-midjourney"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links of one answer; `origin` is where the asker reached the simulator."""

    origin: str
    clock: Clock
    secret: bytes
    own_cdn: bool

    def attachment(self, job: Job, snowflake: str, filename: str) -> tuple[str, str]:
        """The `url` and `proxy_url` of an attachment; ex - is is exactly 24 hours."""
        issued = int(self.clock.wall_of(min(job.ends, self.clock.sim())))
        path = f"/attachments/{job.channel}/{snowflake}/{quote(filename)}"
        query = f"?ex={issued + LIFETIME:x}&is={issued:x}&hm={sign(self.secret, path, issued)}&"
        return f"{self.origin}{path}{query}", f"{self.origin}/media{path}{query}"

    def image(self, guid: str, index: int) -> str:
        return f"{self._cdn()}/{guid}/0_{index}.jpeg"

    def video(self, guid: str, index: int) -> str:
        return f"{self._cdn()}/video/{guid}/{index}.mp4"

    def _cdn(self) -> str:
        return self.origin + OWN_CDN if self.own_cdn else CDN


def sign(secret: bytes, path: str, issued: int) -> str:
    """The `hm` of a link: 64 hex digits over the path and both times."""
    return hmac.new(secret, f"{path}|{issued + LIFETIME:x}|{issued:x}".encode(), hashlib.sha256).hexdigest()


def is_signed(secret: bytes, path: str, query: dict[str, str]) -> bool:
    """Whether the query of a link is one that we have issued for that path."""
    try:
        issued, expires = int(query["is"], 16), int(query["ex"], 16)
    except (KeyError, ValueError):
        return False
    return expires == issued + LIFETIME and hmac.compare_digest(query.get("hm", ""), sign(secret, path, issued))
