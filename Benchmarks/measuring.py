"""Runs a program once and says what it took."""
import os
import sys
import time
from dataclasses import dataclass


@dataclass
class Run:
    wall: float
    """Seconds from just before the start to the end."""
    processor_time: float
    """User and system seconds of the whole process."""
    output_path: str
    errors: str

    @property
    def output(self):
        with open(self.output_path) as file:
            return file.read()


def start(command, output_path):
    """Starts a program with standard output and error going to files; gives its process ID."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output_path, flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, output_path + ".err", flags, 0o600),
    ])


def measure(command, output_path, accept=(0,)):
    began = time.perf_counter()
    process = start(command, output_path)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - began
    check(command, status, output_path, accept)
    return Run(wall, usage.ru_utime + usage.ru_stime, output_path, errors_of(output_path))


def peak_memory(command, output_path, accept=(0, 1, 2)):
    """The greatest resident size in bytes.

    Not ru_maxrss: a new process inherits that of the one that started it. The kernel's own high-water mark
    only grows, so the last look before the end is right but for what a few milliseconds add.
    """
    process = start(command, output_path)
    peak = 0
    while True:
        peak = max(peak, high_water_mark(process))
        ended, status, _ = os.wait4(process, os.WNOHANG)
        if ended:
            check(command, status, output_path, accept)
            return peak
        time.sleep(0.002)


def high_water_mark(process):
    try:
        with open(f"/proc/{process}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def errors_of(output_path):
    with open(output_path + ".err") as file:
        return file.read()


def check(command, status, output_path, accept):
    code = os.waitstatus_to_exitcode(status)
    if code not in accept:
        sys.exit(f"{' '.join(command)} ended with {code}:\n{errors_of(output_path)[-2000:]}")
