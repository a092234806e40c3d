"""Adding people, their one-time links, their roles, and the end of their access."""

import logging
import smtplib

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.adapter import LinkTokens
from accounts.models import Role, User

logger = logging.getLogger(__name__)

LAST_ADMIN = "This is the last admin. Make somebody else an admin first."
YOURSELF_ROLE = "Another admin has to change your role."
YOURSELF = "Another admin has to do this for you."


def has_mail() -> bool:
    """Whether mail leaves this machine."""
    return "filebased" not in settings.EMAIL_BACKEND


def password_link(person: User) -> str:
    """A link with which somebody chooses a password, once; as django-allauth makes them for forgotten passwords."""
    key = f"{user_pk_to_url_str(person)}-{LinkTokens().make_token(person)}"
    return get_adapter().get_reset_password_from_key_url(key)


def mail_link(person: User, link: str, *, by: User) -> bool:
    """Send the link to its owner; return whether the mail server took it."""
    context = {"user": person, "password_reset_url": link, "invited_by": str(by)}
    is_new = not person.has_usable_password()
    template = "accounts/email/invitation" if is_new else "account/email/password_reset_key"
    try:
        get_adapter().send_mail(template, person.email, context)
    except (smtplib.SMTPException, OSError):
        logger.exception("mail not sent person=%s", person.pk)
        return False
    return True


def check_role_change(person: User, role: str, *, by: User) -> None:
    """Raise ValidationError where `by` may not give `person` this role."""
    was = User.objects.values_list("role", flat=True).get(pk=person.pk)
    if was == role:
        return
    if person.pk == by.pk:
        raise ValidationError(YOURSELF_ROLE, code="yourself")
    if was == Role.ADMIN and not _other_admins(person):
        raise ValidationError(LAST_ADMIN, code="last_admin")


@transaction.atomic
def change(person: User, *, by: User) -> None:
    """Store name and role. Raises ValidationError."""
    _lock_admins()
    check_role_change(person, person.role, by=by)
    person.save(update_fields=["name", "role"])


@transaction.atomic
def deactivate(person: User, *, by: User) -> None:
    """End somebody's access and sessions at once. Raises ValidationError."""
    _lock_admins()
    if person.pk == by.pk:
        raise ValidationError(YOURSELF, code="yourself")
    if person.role == Role.ADMIN and not _other_admins(person):
        raise ValidationError(LAST_ADMIN, code="last_admin")
    # The last sign-in is part of a password link's hash: links made before do not come back with the access.
    User.objects.filter(pk=person.pk).update(is_active=False, last_login=timezone.now())
    person.is_active = False
    end_sessions(person)
    logger.info("person deactivated person=%s by=%s", person.pk, by.pk)


def reactivate(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)
    person.is_active = True
    logger.info("person reactivated person=%s", person.pk)


def end_sessions(person: User) -> int:
    """Sign somebody out everywhere; return how many sessions that ended."""
    # A session does not say whose it is outside its payload; a team has few enough to read them all.
    sessions = Session.objects.filter(expire_date__gte=timezone.now())
    keys = [s.session_key for s in sessions.iterator() if s.get_decoded().get(SESSION_KEY) == str(person.pk)]
    return Session.objects.filter(session_key__in=keys).delete()[0]


def _lock_admins() -> None:
    """Serialise changes of who is an admin, so that two of them cannot remove each other."""
    list(User.objects.select_for_update(no_key=True).filter(role=Role.ADMIN).order_by("pk").values_list("pk"))


def _other_admins(person: User) -> bool:
    return User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=person.pk).exists()
