"""Password links lead to the studio's own address, and end with the access of their owner."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail

from accounts import people
from tests import factories

pytestmark = pytest.mark.django_db


def opens(client, link: str) -> bool:
    """Whether the link lets somebody choose a password."""
    response = client.get(urlsplit(link).path, follow=True)
    return b'type="password"' in response.content


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1:1337"])
def test_a_reset_mail_names_the_studios_own_address_whatever_host_was_asked(client, settings, host):
    person = factories.make_user("Mia")
    client.post("/people/password/reset/", {"email": person.email}, headers={"host": host})
    links = re.findall(r"https?://\S+/reset/key/\S+", mail.outbox[0].body)
    assert links
    assert all(link.startswith(settings.PUBLIC_URL) for link in links)


def test_a_link_dies_with_the_access_of_its_owner_and_does_not_come_back(client):
    admin, person = factories.make_admin(), factories.make_user("Mia")
    link = people.password_link(person)
    assert opens(client, link)
    client.cookies.clear()
    people.deactivate(person, by=admin)
    assert not opens(client, link)
    people.reactivate(person)
    assert not opens(client, link)
