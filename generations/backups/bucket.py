"""A bucket of an S3 service as the place of a backup.

Keys, region and address come from where every S3 program looks for them: the variables AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION and AWS_ENDPOINT_URL, ~/.aws, or the machine's own role.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from generations.backups.errors import BackupError, NotThere
from generations.backups.places import Place

ABSENT = {"NoSuchKey", "404", "NotFound"}
# Checksums of its own are a novelty that many services other than Amazon's refuse; ours are in the manifest.
SETTINGS = Config(
    retries={"mode": "standard", "max_attempts": 5},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class Bucket(Place):
    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket, self.prefix = bucket, prefix
        with self._said():
            self.client: Any = boto3.session.Session().client("s3", config=SETTINGS)

    @classmethod
    def of(cls, address: str) -> "Bucket":
        parts = urlsplit(address)
        prefix = parts.path.strip("/")
        if not parts.netloc:
            raise BackupError(f"{address} names no bucket. Write it like s3://bucket/prefix.")
        return cls(parts.netloc, f"{prefix}/" if prefix else "")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def sizes(self, prefix: str) -> dict[str, int]:
        found = {}
        with self._said():
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
                for entry in page.get("Contents", []):
                    found[entry["Key"].removeprefix(self.prefix)] = entry["Size"]
        return found

    def put(self, name: str, file: BinaryIO) -> None:
        with self._said():  # an object is there once all of it has arrived
            self.client.upload_fileobj(_Kept(file), self.bucket, self.prefix + name)

    def open(self, name: str) -> BinaryIO:
        with self._said(name):
            body = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"]
        return cast(BinaryIO, _Arriving(self, name, body))

    def delete(self, name: str) -> None:
        with self._said():
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)

    @contextmanager
    def _said(self, name: str = "") -> Iterator[None]:
        """Words for what the service refuses, and for what happens on the way to it."""
        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if name and code in ABSENT:
                raise NotThere(f"{name} is not in {self}.") from None
            raise BackupError(f"{self} cannot be used: the service says {code}.") from None
        except (BotoCoreError, Boto3Error) as error:
            raise BackupError(f"{self} cannot be used: {error}") from None


class _Kept:
    """A file that stays open when the upload has ended: boto3 closes what it was given."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


class _Arriving:
    """An object that is being read; the connection may break at any time."""

    def __init__(self, bucket: Bucket, name: str, body: Any) -> None:
        self.bucket, self.name, self.body = bucket, name, body

    def read(self, size: int = -1) -> bytes:
        with self.bucket._said(self.name):
            return self.body.read(None if size < 0 else size)

    def __enter__(self) -> "_Arriving":
        return self

    def __exit__(self, *error: object) -> None:
        self.body.close()
