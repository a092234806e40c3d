"""A person who signs in with an e-mail address."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class Role(models.TextChoices):
    MEMBER = "member", "Member"
    LEAD = "lead", "Lead"
    ADMIN = "admin", "Admin"


class Theme(models.TextChoices):
    SYSTEM = "system", "Like the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Add a person. Without a password they sign in once they have set one through a reset link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "role": Role.ADMIN})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    email = models.EmailField("e-mail", max_length=254, unique=True)
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(
        "active", default=True, help_text="Untick to end someone's access at once; their pictures stay."
    )
    # How many turns in the queue this person gets for another's one.
    queue_weight = models.PositiveSmallIntegerField(
        "turns in the queue", default=1, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    queue_paused_at = models.DateTimeField(null=True, blank=True, editable=False)  # a lead lets their jobs wait
    queue_paused_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    queue_paused_why = models.CharField(max_length=200, blank=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique", violation_error_message="Somebody has this address already."
            ),
            models.CheckConstraint(name="user_role_known", condition=models.Q(role__in=Role.values)),
        ]
        ordering = ["name", "email"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_lead(self) -> bool:
        """Whether this person looks after everybody's queue; admins do as well."""
        return self.is_active and self.role in {Role.LEAD, Role.ADMIN}

    # What Django's admin site asks. Roles are the whole permission system.

    @property
    def is_staff(self) -> bool:
        return self.is_admin

    @property
    def is_superuser(self) -> bool:
        return self.is_admin

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_admin

    def has_perms(self, perms: list[str], obj: Any = None) -> bool:
        return self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_admin


def display_name(user: User) -> str:
    return str(user)
