"""Error pages say what happened and what to do, and need neither a database nor a user."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_it_renders_without_database_user_or_request(name):
    page = render_to_string(f"{name}.html")
    assert "<h1>" in page
    assert 'href="/"' in page


def test_an_unknown_address_is_a_404_with_a_way_home(client, member):
    client.force_login(member)
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_form_that_is_too_old_says_where_the_text_is(member):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    response = client.post(reverse("accounts:preferences"), {"name": "x"})
    assert response.status_code == 403
    assert "it is still in the form" in response.content.decode()
