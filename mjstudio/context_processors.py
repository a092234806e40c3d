"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

import mjstudio


def studio(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    return {
        "theme": getattr(user, "theme", "system"),
        "studio_version": mjstudio.__version__,
        "has_mail": "filebased" not in settings.EMAIL_BACKEND,
    }
