"""`python -m mjstudio.keys`: makes DATA_DIR and the secrets in it, where they are missing.

Runs before the settings can be read, because those need the secrets. What exists is never changed.
"""

import os
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from mjstudio import environment


def ensure(folder: Path, name: str, value: str) -> bool:
    """Write a secret into its file with mode 0600; False where there is one already."""
    try:
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
    return True


def main() -> None:
    environment.read_dotenv()
    env = environment.Env()
    folder = environment.data_dir(env)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        made = []
        if not env.str("SECRET_KEY", default="") and ensure(folder, "secret_key", secrets.token_urlsafe(50)):
            made.append("SECRET_KEY")
        if not env.str("TOKEN_KEYS", default="") and ensure(folder, "token_keys", Fernet.generate_key().decode()):
            made.append("TOKEN_KEYS")
    except OSError as error:
        environment.stop(f"DATA_DIR {folder} cannot be used: {error.strerror}.")
    if made:
        sys.stdout.write(f"Generated {' and '.join(made)} in {folder}\n")


if __name__ == "__main__":
    main()
