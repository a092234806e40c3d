"""An S3 service on this machine, spoken to over HTTP as any other is."""

import secrets
from dataclasses import dataclass
from typing import Any

import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass
class Bucket:
    """A bucket of its own for one test, and what looks into it from the other end."""

    name: str
    url: str  # of the service
    client: Any

    def keys(self, prefix: str = "") -> list[str]:
        return [entry["Key"] for entry in self.entries(prefix)]

    def entries(self, prefix: str = "") -> list[dict]:
        return self.client.list_objects_v2(Bucket=self.name, Prefix=prefix).get("Contents", [])

    def get(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=key)


@pytest.fixture(scope="session")
def s3_service():
    """Its address. It is started once: that takes a second or two."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def s3_client(s3_service):
    import boto3

    return boto3.session.Session().client(
        "s3", endpoint_url=s3_service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture
def bucket(s3_service, s3_client, monkeypatch) -> Bucket:
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": s3_service}.items():
        monkeypatch.setenv(name, value)
    found = Bucket(f"test-{secrets.token_hex(6)}", s3_service, s3_client)
    s3_client.create_bucket(Bucket=found.name)
    return found
