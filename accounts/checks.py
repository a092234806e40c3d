"""System checks on the settings that accounts need."""

from django.conf import settings
from django.core.checks import Error, Tags, register

from accounts import encryption


@register(Tags.security)
def token_keys_are_usable(app_configs, **kwargs) -> list[Error]:
    problem = encryption.keys_error(settings.TOKEN_KEYS)
    return [Error(problem, id="accounts.E001")] if problem else []
