"""Every code that the studio can give a job is worded: what happened, what to do, whether it cost anything."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from generations.explanations import EVENTS, EXPLANATIONS, UNKNOWN, explain
from generations.models import JobStatus
from midjourney import upstream
from tests.factories import make_account, make_admin, make_channel, make_job, make_user

# Names of calls and keywords whose text ends as a job's or a file's code.
WRITERS = {"move", "record", "requeue", "refuse", "fail", "CannotBuild", "NotSaved", "_try_again"}
NOT_FOR_JOBS = {"code_of"}


def codes_in(path: Path) -> set[str]:
    """The literal codes that a module writes: `error_code="…"`, `code="…"`, and first texts of the writers' calls."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        for keyword in node.keywords:
            is_code = keyword.arg == "error_code" or (keyword.arg == "code" and name in WRITERS)
            if is_code and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                found.add(keyword.value.value)
        if name in {"requeue", "refuse", "fail", "CannotBuild", "NotSaved", "_try_again"}:
            found |= {
                arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            }
    return found - {""}


def every_code() -> set[str]:
    modules = [*Path(settings.BASE_DIR, "generations").rglob("*.py")]
    found = {code for path in modules if "migrations" not in path.parts for code in codes_in(path)}
    errors = [
        each for each in vars(upstream).values() if isinstance(each, type) and issubclass(each, upstream.UpstreamError)
    ]
    return found | {each.default_code for each in errors} | {
        "no_subscription", "job_expired", "channel_not_found", "upstream_queued", "server_error", "too_late",
        "already_executed", "media_host_refused", "media_gone", "media_too_large", "media_unreachable",
    }  # fmt: skip


def test_every_code_has_words():
    unworded = {code for code in every_code() if code not in EXPLANATIONS and code not in EVENTS}
    assert unworded == set()
    assert len(every_code()) > 40


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_each_explanation_says_what_happened_what_to_do_and_what_it_cost(code):
    found = explain(code)
    assert found.what.endswith(".")
    assert found.cost.endswith(".")
    assert found.do.endswith(".") or code == "cancelled"
    assert "admin must" not in found.admin


def test_a_code_that_nobody_knows_is_still_answered():
    assert explain("brand-new") is UNKNOWN


def test_a_service_that_has_ended_is_said_to_have_ended_and_another_is_not():
    assert "24 June 2026" in explain("no_service", base_url="https://api.useapi.net/v3/midjourney").what
    assert "24 June 2026" not in explain("no_service", base_url="https://mj.example.org/v3").what


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_the_page_of_a_job_shows_the_words_and_every_link_in_them_leads_somewhere(client, db, code):
    account = make_account()
    make_channel(account)
    admin = make_admin()
    parent = make_job(owner=admin, account=account, status=JobStatus.DONE)
    job = make_job(owner=admin, account=account, status=JobStatus.FAILED, error_code=code, parent=parent)
    client.force_login(admin)
    said = client.get(job.get_absolute_url()).content.decode()
    assert explain(code).what.replace("'", "&#x27;") in said
    opens = {
        "account": f"/accounts/{account.pk}/",
        "references": "/library/references/",
        "parent": f"/jobs/{parent.ref}/",
    }
    if explain(code).opens:
        assert f'href="{opens[explain(code).opens]}"' in said
        assert client.get(opens[explain(code).opens]).status_code == 200


def test_members_are_told_whom_to_ask_and_admins_what_to_do(client, db):
    account = make_account()
    make_channel(account)
    for person, words in (
        (make_user("Mia"), "An admin must replace the token"),
        (make_admin(), "Paste the current token"),
    ):
        job = make_job(owner=person, account=account, status=JobStatus.FAILED, error_code="bad_token")
        client.force_login(person)
        assert words in client.get(job.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("title", "details", "code", "is_free"),
    [
        ("Invalid request", "No start frame provided", "invalid_prompt", True),
        ("Banned prompt detected", "", "moderated", True),
        ("Job was stopped", "(Stopped)", "moderated_stopped", False),
        ("Moderated", "The result was deleted", "moderated_gone", False),
    ],
)
def test_the_cases_of_moderation_are_told_apart(db, title, details, code, is_free):
    from generations.engine import outcomes

    job = make_job(status=JobStatus.RUNNING)
    outcomes.refuse(job, "", title, details)
    job.refresh_from_db()
    assert (job.status, job.error_code, job.retry_is_free) == (JobStatus.REFUSED, code, is_free)
