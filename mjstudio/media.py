"""Where the media are kept, as `STORAGES["default"]` wants it: below DATA_DIR, or in a bucket of an S3 service."""

from typing import Any
from urllib.parse import urlsplit

from mjstudio.environment import Env, stop

FILES = {"BACKEND": "generations.media.storages.MediaFiles"}
PREFIX = "media"  # of every key, so that a bucket may hold other things as well


def storage(env: Env) -> dict[str, Any]:
    """The storage that MEDIA_URL_BACKEND names; stops where its settings cannot work."""
    backend = env.str("MEDIA_URL_BACKEND", default="file").lower()
    if backend not in {"file", "s3"}:
        stop(f"MEDIA_URL_BACKEND must be 'file' or 's3', not {backend!r}.")
    if backend == "file":
        return FILES
    if env.str("SENDFILE", default=""):
        stop("SENDFILE must be empty where MEDIA_URL_BACKEND is s3: a proxy cannot send what is not on this machine.")
    return {"BACKEND": "generations.media.bucket.MediaBucket", "OPTIONS": _options(env)}


def _options(env: Env) -> dict[str, Any]:
    bucket, endpoint = env.str("MEDIA_S3_BUCKET", default=""), env.str("MEDIA_S3_ENDPOINT_URL", default="")
    if not bucket:
        stop("MEDIA_S3_BUCKET is not set. It names the bucket that MEDIA_URL_BACKEND=s3 keeps the pictures in.")
    if endpoint and urlsplit(endpoint).scheme not in {"http", "https"}:
        stop(f"MEDIA_S3_ENDPOINT_URL is not a web address: {endpoint!r}.")
    return {
        "bucket_name": bucket,
        "location": env.str("MEDIA_S3_PREFIX", default=PREFIX).strip("/"),
        # What is left out is looked up where every S3 program looks for it: AWS_…, ~/.aws, the machine's own role.
        "endpoint_url": endpoint or None,
        "region_name": env.str("MEDIA_S3_REGION", default="") or None,
        "access_key": env.str("MEDIA_S3_ACCESS_KEY_ID", default="") or None,
        "secret_key": env.str("MEDIA_S3_SECRET_ACCESS_KEY", default="") or None,
    }
