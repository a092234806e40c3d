"""Brings a backup back: everything is fetched and compared first, then the database is replaced, then the files.

Files that the backup does not name stay where they are.
"""

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from accounts import encryption
from accounts.models import Account
from generations.backups import databases, manifest
from generations.backups.errors import BackupError, NotThere
from generations.backups.manifest import File, Manifest, Stored
from generations.backups.places import Place
from generations.media import findings
from generations.media.errors import Unreachable
from generations.media.storages import media

STAGED = ".restoring"  # below MEDIA_ROOT, so that files are put into place without being copied
SHOWN = 10


@dataclass
class Restored:
    manifest: Manifest
    written: int = 0  # files; the others were there already
    keys_added: bool = False
    unreadable_tokens: int = 0


def restore(place: Place, at: str = "", *, may_overwrite: bool = False) -> Restored:
    """Bring a backup back. Raises BackupError; unless the message says otherwise, nothing has changed then."""
    found = manifest.read(place, at)
    _refuse_what_cannot_work(found)
    if not may_overwrite:
        _refuse_to_overwrite()
    staged = Path(settings.MEDIA_ROOT) / STAGED
    shutil.rmtree(staged, ignore_errors=True)
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as folder:
            copy, wrong = Path(folder) / "database", []
            wrong += fetch(place, found.database, copy)
            keys = Path(folder) / "keys"
            wrong += fetch(place, found.keys, keys) if found.keys else []
            new = [file for file in found.files if not _is_there(file)]
            for file in new:
                wrong += fetch(place, Stored(file.name, file.bytes, file.sha256), staged / file.path)
            if wrong:
                raise BackupError("\n".join(["The backup is not whole, so nothing was changed.", *_first(wrong)]))
            databases.restore(copy)
            _move(staged, new)
            done = Restored(found, written=len(new), keys_added=bool(found.keys) and _add_keys(keys))
    except Unreachable as error:
        raise BackupError(f"The pictures have no place: {error.strerror}. Run restore again once they have.") from None
    except OSError as error:
        raise BackupError(f"The disk cannot be written to: {error.strerror}. Run restore again once it can.") from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    done.unreadable_tokens = 0 if done.keys_added else _unreadable_tokens()
    return done


def fetch(place: Place, stored: Stored, target: Path) -> list[str]:
    """Write something of a backup to a file; return what is wrong with it."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with place.open(stored.name) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, manifest.BLOCK)
            file.flush()
            os.fsync(file.fileno())
    except NotThere:
        return [f"{stored.name} is missing"]
    with open(target, "rb") as file:
        return compare(stored, file)


def compare(stored: Stored, file: BinaryIO) -> list[str]:
    """What is wrong with the content of something of a backup."""
    return [] if manifest.digest(file) == stored.sha256 else [f"{stored.name} is damaged"]


def _refuse_what_cannot_work(found: Manifest) -> None:
    if found.vendor != databases.vendor():
        raise BackupError(
            f"This backup is of a database on {found.vendor}, and DATABASE_URL names one on {databases.vendor()}. "
            "Change DATABASE_URL."
        )
    if unknown := databases.unknown_migrations(found.migrations):
        raise BackupError(
            f"This backup was made by a newer studio ({found.version}): it has {unknown[-1]}. Upgrade this one first."
        )
    if databases.worker_runs():
        raise BackupError("The worker runs. Stop the worker and the site, then restore.")


def _refuse_to_overwrite() -> None:
    if databases.is_in_use():
        raise BackupError("The database holds a studio already. --yes replaces all of it with the backup.")
    if next(iter(media().entries()), None):
        raise BackupError(f"{media().where('')} holds files already. --yes puts those of the backup beside them.")


def _is_there(file: File) -> bool:
    return findings.look(file.path, file.bytes, file.sha256) is findings.Finding.WHOLE


def _move(staged: Path, files: list[File]) -> None:
    for file in files:
        os.utime(staged / file.path, ns=(file.modified, file.modified))
    media().keep({file.path: staged / file.path for file in files})


def _add_keys(kept: Path) -> bool:
    """Put token keys of the backup behind those in DATA_DIR; return whether all of them are known then."""
    wanted = json.loads(kept.read_text())["TOKEN_KEYS"]
    missing = [key for key in wanted if key not in settings.TOKEN_KEYS]
    path = settings.DATA_DIR / "token_keys"
    if missing and path.is_file() and not ({"TOKEN_KEYS", "TOKEN_KEYS_FILE"} & set(os.environ)):
        path.write_text(",".join([*settings.TOKEN_KEYS, *missing]))
        return True
    return not missing


def _unreadable_tokens() -> int:
    count = 0
    for token in Account.objects.exclude(token_encrypted="").values_list("token_encrypted", flat=True):
        try:
            encryption.decrypt(token)
        except encryption.Unreadable:
            count += 1
    return count


def _first(wrong: list[str]) -> list[str]:
    more = [f"… and {len(wrong) - SHOWN:,} more"] if len(wrong) > SHOWN else []
    return [*wrong[:SHOWN], *more]
