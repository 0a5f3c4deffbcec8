"""How often the register may be asked: it answers 429 above seven requests a second."""

import threading
import time
from collections.abc import Callable


class Pace:
    """Spaces the requests of all the threads of a process, and keeps silent while the register asks for it."""

    def __init__(
        self,
        per_second: float = 7.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def take(self, patience: float) -> bool:
        """Wait for one's turn; False, at once, when it would come after ``patience`` seconds."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            if turn - now > patience:
                return False
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)
        return True

    def silence(self, seconds: float) -> None:
        """No request before that many seconds, for anybody."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
