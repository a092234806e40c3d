"""What keeps a backup from being made, read or brought back."""


class BackupError(Exception):
    """The message says what happened and what to do."""


class NotThere(BackupError):
    """The place holds nothing under this name."""
