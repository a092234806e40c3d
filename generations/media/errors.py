"""Why a file was not kept, or cannot be reached."""

import errno


class NotSaved(Exception):
    """The file is not what it should be. `code`: not_a_picture, not_a_video, broken_file, too_many_pixels."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(OSError):
    """The storage does not answer, or refuses us. It says nothing about any file."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, why)
