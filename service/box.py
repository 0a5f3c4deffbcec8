"""A process of its own for a stranger's file, with bounds on time and memory, and none of our secrets around it.

Whatever a hostile file does to the program that reads it, the caller goes on.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence

_KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR", "TZ", "VIRTUAL_ENV")


class TooCostly(Exception):
    """The program was stopped at a bound, or did not survive the file."""


def run(
    module: str, arguments: Sequence[str], content: bytes, *, seconds: int, memory: int, answers: Sequence[int] = (0,)
) -> tuple[int, bytes]:
    """Exit code and standard output of ``python -m module``, fed with ``content``.

    :param seconds: of processor, and on the clock.
    :param memory: bytes of address space.
    :param answers: exit codes that are answers.
    :raises TooCostly: any other end.
    """

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    # Passwords and addresses of ours travel by the environment: a reader that is taken over must not find them.
    environment = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=environment,
            preexec_fn=bound,
        )
    except subprocess.TimeoutExpired as error:
        raise TooCostly(f"{module}: more than {seconds} s") from error
    if done.returncode not in answers:
        raise TooCostly(f"{module}: ended with {done.returncode}")
    return done.returncode, done.stdout
