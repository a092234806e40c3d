"""What processes used, from /proc: Linux only."""

import ctypes
import os
import signal
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2): a signal to the child when its parent dies
TICKS = os.sysconf("SC_CLK_TCK")


def die_with_parent() -> None:
    """In a new process: end when whoever started it does, in whatever way."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for known in found:
        found += children.get(known, [])
    return found


def cpu_seconds(pid: int) -> float:
    """CPU seconds, user and system, of a process and all below it, those that have ended included."""
    return sum(sum(map(int, fields[11:15])) for each in family(pid) if (fields := _stat(each))) / TICKS


def machine_cpu_seconds() -> float:
    """CPU seconds that all processes of this machine have used since it started."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def peak_memory(pid: int) -> list[int]:
    """The most bytes that each process of a family has had in memory, largest first; shared pages count in each."""
    return sorted(filter(None, map(high_water, family(pid))), reverse=True)


def high_water(pid: int) -> int:
    """The most bytes that a process has had in memory, or since `forget_peak`; 0 where it is gone."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> int:
    """Let the peak begin anew with what the process has in memory now, which is returned in bytes (proc(5))."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _status(pid, "VmRSS")


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name: state, parent, …; None where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _status(pid: int, name: str) -> int:
    """Bytes of one line of /proc/PID/status."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)
