"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

import mjstudio
from generations import trouble


def studio(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    return {
        "theme": getattr(user, "theme", "system"),
        "studio_version": mjstudio.__version__,
        "troubles": SimpleLazyObject(trouble.for_admins) if getattr(user, "is_admin", False) else (),
        "has_mail": "filebased" not in settings.EMAIL_BACKEND,
    }
