"""The media in a bucket of an S3 service. Nothing of it is public: the views read it and send it on."""

import errno
import io
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from generations.media.errors import Unreachable
from generations.media.storages import CACHE, Kept

ABSENT = {"NoSuchKey", "404", "NotFound"}
BUFFER = 256 * 1024
CONNECTIONS = 32  # that one process keeps open
NANOSECONDS = 1_000_000_000


class MediaBucket(S3Storage):
    """Takes `bucket_name`, `location` (what all keys begin with), and where they differ from what every S3 program
    looks up `endpoint_url`, `region_name`, `access_key` and `secret_key`."""

    def __init__(self, **options: Any) -> None:
        ours = {
            "default_acl": None,  # services without access lists refuse objects that have one
            "file_overwrite": True,  # names are random; asking for each whether it is free costs a request
            "object_parameters": {"CacheControl": CACHE},
            "client_config": _config(options.get("endpoint_url")),
        }
        super().__init__(**ours | options)
        self._clients: dict[int, Any] = {}  # by process, since connections do not survive a fork
        self._one_at_a_time = threading.Lock()

    def url(self, name: str, *arguments: Any, **options: Any) -> str:
        raise ValueError("Files of the bucket have no address of their own: a view sends them.")

    def keep(self, files: dict[str, Path]) -> None:
        for name, path in files.items():
            with said(name), open(path, "rb") as content:
                self.save(name, File(content))
            path.unlink(missing_ok=True)

    @contextmanager
    def at_hand(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="mjstudio-") as folder:
            path = Path(folder) / Path(name).name
            with said(name):
                self.client.download_file(self.bucket_name, self.key(name), str(path))
            yield path

    def entries(self, folder: str = "") -> Iterator[Kept]:
        with said(folder):
            for page in self._pages(Prefix=self._below(folder)):
                for entry in page.get("Contents", []):
                    modified = round(entry["LastModified"].timestamp() * NANOSECONDS)
                    name = self._relative(entry["Key"])
                    if "/." not in f"/{name.removeprefix(folder)}":
                        yield Kept(name, entry["Size"], modified)

    def folders(self) -> list[str]:
        with said():
            pages = self._pages(Prefix=self._below(""), Delimiter="/")
            found = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
        names = [self._relative(name).rstrip("/") for name in found]
        return sorted(name for name in names if not name.startswith("."))

    def where(self, name: str) -> str:
        return f"s3://{self.bucket_name}/{self.key(name)}"

    def free_bytes(self) -> int | None:
        return None

    def size(self, name: str) -> int:
        return int(self._head(name)["ContentLength"])

    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except FileNotFoundError:
            return False
        return True

    def get_modified_time(self, name: str) -> datetime:
        return self._head(name)["LastModified"]

    def delete(self, name: str) -> None:
        with said(name):
            super().delete(name)

    @property
    def client(self) -> Any:
        """One for all threads, which botocore allows: making one takes a third of a second."""
        with self._one_at_a_time:
            if os.getpid() not in self._clients:
                self._clients = {os.getpid(): self.connection.meta.client}
            return self._clients[os.getpid()]

    def key(self, name: str) -> str:
        return self._normalize_name(clean_name(name))

    def get(self, name: str, first: int = 0) -> dict[str, Any]:
        """The service's reply, with a body from this byte on."""
        part = {"Range": f"bytes={first}-"} if first else {}
        with said(name):
            return self.client.get_object(Bucket=self.bucket_name, Key=self.key(name), **part)

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("Files of the bucket are read, or kept as a whole.")
        return RemoteFile(self, name)

    def _head(self, name: str) -> dict[str, Any]:
        with said(name):
            return self.client.head_object(Bucket=self.bucket_name, Key=self.key(name))

    def _pages(self, **options: Any) -> Iterator[dict[str, Any]]:
        return self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, **options)

    def _below(self, folder: str) -> str:
        return "".join(f"{part.strip('/')}/" for part in (self.location, folder) if part.strip("/"))

    def _relative(self, key: str) -> str:
        return key.removeprefix(self._below(""))


class RemoteFile(File):
    """An object that is read while it arrives, and from any byte on."""

    def __init__(self, bucket: MediaBucket, name: str) -> None:
        arriving = _Arriving(bucket, name)
        super().__init__(io.BufferedReader(arriving, BUFFER), name)
        self.size = arriving.size


class _Arriving(io.RawIOBase):
    """One request from the place where reading begins; another one only after a jump."""

    def __init__(self, bucket: MediaBucket, name: str) -> None:
        reply = bucket.get(name)
        self.bucket, self.name = bucket, name
        self.size: int = reply["ContentLength"]
        self.body: Any = reply["Body"]
        self.at = self.body_at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.size}[whence]
        self.at = max(0, start + offset)
        return self.at

    def readinto(self, buffer: Any) -> int:
        if self.at >= self.size:
            return 0
        if self.body_at != self.at:
            self.body.close()
            self.body, self.body_at = self.bucket.get(self.name, self.at)["Body"], self.at
        with said(self.name):
            data = self.body.read(len(buffer))
        if not data:
            raise Unreachable(f"{self.name} broke off after {self.at:,} of {self.size:,} bytes")
        buffer[: len(data)] = data
        self.at += len(data)
        self.body_at = self.at
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self.body.close()
        super().close()


@contextmanager
def said(name: str = "") -> Iterator[None]:
    """Let what the service says, and what happens on the way to it, be errors as a disk has them."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in ABSENT:
            raise FileNotFoundError(errno.ENOENT, "No such object", name) from None
        raise Unreachable(f"the S3 service says {code}") from None
    except (BotoCoreError, Boto3Error) as error:
        raise Unreachable(f"the S3 service does not answer: {type(error).__name__}") from None


def _config(endpoint: str | None) -> Config:
    return Config(
        signature_version="s3v4",
        # Services other than Amazon's often have no name for every bucket.
        s3={"addressing_style": "path" if endpoint else "auto"},
        max_pool_connections=CONNECTIONS,
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 3},
        # Checksums of its own are a novelty that many of them refuse; ours are in the database.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
