"""Where a token may be sent."""

import pytest
from django.core.exceptions import ValidationError

from accounts.addresses import clean_base_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" https://mj.example.org/v3/midjourney/ ", "https://mj.example.org/v3/midjourney"),
        ("https://mj.example.org:8443/v3", "https://mj.example.org:8443/v3"),
        ("http://127.0.0.1:8001/v3/midjourney", "http://127.0.0.1:8001/v3/midjourney"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("http://[::1]:8001/v3", "http://[::1]:8001/v3"),
    ],
)
def test_a_usable_address_is_kept_without_its_last_slash(text, url):
    assert clean_base_url(text) == url


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://mj.example.org/v3", "plain_http"),
        ("http://127.0.0.1.example.org/v3", "plain_http"),
        ("https://me:secret@mj.example.org/v3", "userinfo"),
        ("https://@mj.example.org/v3", "userinfo"),
        ("ftp://mj.example.org/v3", "not_an_address"),
        ("file:///etc/passwd", "not_an_address"),
        ("mj.example.org", "not_an_address"),
        ("https://", "not_an_address"),
        ("https://mj.example.org:port/v3", "not_an_address"),
        ("https://[::1/v3", "not_an_address"),
        ("https://mj.example.org/a b", "not_an_address"),
        ("https://mj.example.org/v3?to=elsewhere", "query"),
        ("https://mj.example.org/v3#part", "query"),
    ],
)
def test_an_address_that_would_leak_or_mislead_is_refused(text, code):
    with pytest.raises(ValidationError) as caught:
        clean_base_url(text)
    assert caught.value.code == code
