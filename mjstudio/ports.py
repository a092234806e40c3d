"""`python -m mjstudio.ports`: prints the ports for `make run` as shell assignments, and checks that they are free.

The Procfile's runner gives every process a PORT of its own, so the site's port also travels under another name.
"""

import socket
import sys

from mjstudio import environment


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def main() -> None:
    environment.read_dotenv()
    env = environment.Env()
    try:
        host = env.str("HOST", default="127.0.0.1")
        web = env.int("PORT", default=8000)
        simulator = env.int("SIMULATOR_PORT", default=web + 1)
    except ValueError as error:
        environment.stop(f"PORT and SIMULATOR_PORT must be whole numbers: {error}.")
    for name, address, port in [("PORT", host, web), ("SIMULATOR_PORT", "127.0.0.1", simulator)]:
        if not 0 < port < 65536:
            environment.stop(f"{name} must lie between 1 and 65535, not {port}.")
        if not is_free(address, port):
            environment.stop(f"port {port} is in use on {address}. Stop what uses it, or set {name} to another one.")
    sys.stdout.write(f"export HOST={host} PORT={web} STUDIO_PORT={web} SIMULATOR_PORT={simulator} PYTHONUNBUFFERED=1\n")


if __name__ == "__main__":
    main()
