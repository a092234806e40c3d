"""Keeps tokens out of the log, whatever a message, its arguments or a traceback hold."""

import logging
import re

# useapi-v3.md §1 (API token) and Discord's user tokens (three base64 parts); Authorization headers in general.
SECRETS = re.compile(
    r"(?i:user)(?::|%3A)\d+-[^\s\"'<>,;]+"
    r"|\bmfa\.[\w-]{20,}"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
    r"|(?<=/password/reset/key/)[^\s/]+"
    r"|(?<=/hooks/)[\w-]{20,}"
    r"|(?<=/r/)[\w:-]{20,}"
    r"|(?<=/s/)[\w-]{20,}"
    r"|\b[MNO][\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}"
    r"|(?i:bearer)\s+\S+"
)


def redact(text: str) -> str:
    """The text with every token replaced."""
    return SECRETS.sub("[secret]", text)


class RedactSecrets(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        cleaned = redact(message)
        if cleaned != message:
            record.msg, record.args = cleaned, None
        return True


class RedactingFormatter(logging.Formatter):
    def formatException(self, ei) -> str:
        return redact(super().formatException(ei))
