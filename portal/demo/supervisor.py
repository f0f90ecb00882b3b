"""Starts processes, each in a group of its own, and makes sure that none outlives the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from portal.demo import warden

GRACE_SECONDS = 15
POLL_SECONDS = 0.2
TAIL_LINES = 25
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(Exception):
    """Somebody asked for the end, by Ctrl-C or a signal."""


class Broken(Exception):
    """A process ended that should not have, or failed; `log` is the end of what it wrote."""

    def __init__(self, sentence: str, log: str = "") -> None:
        super().__init__(sentence)
        self.log = log


@dataclass(frozen=True, slots=True)
class Task:
    """Something that runs to its end, unlike a server."""

    name: str
    process: subprocess.Popen[bytes]
    output: Path


class Supervisor:
    def __init__(self, *, environment: Mapping[str, str], logs: Path, root: Path) -> None:
        self._environment = dict(environment)
        self._logs = logs
        self._root = root
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self._tasks: list[subprocess.Popen[bytes]] = []
        self._is_end_asked = False
        self._warden: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervisor:
        self._logs.mkdir(parents=True, exist_ok=True)
        for number in ENDING_SIGNALS:
            signal.signal(number, self._ask_end)
        self._warden = subprocess.Popen(
            [sys.executable, warden.__file__], stdin=subprocess.PIPE, start_new_session=True
        )
        return self

    def __exit__(self, *_error: object) -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self._end_all()
        self._tell_warden(warden.FAREWELL)
        if self._warden and self._warden.stdin:
            self._warden.stdin.close()
            self._warden.wait()

    def _ask_end(self, _number: int, _frame: FrameType | None) -> None:
        self._is_end_asked = True

    def start(self, name: str, arguments: Sequence[str]) -> None:
        self._servers[name] = self._spawn(name, arguments)

    def run(self, name: str, arguments: Sequence[str], *, typed: str = "") -> str:
        """Run to the end while watching the servers; returns what it wrote to standard output."""
        return self.finish(self.begin(name, arguments, typed=typed))

    def begin(self, name: str, arguments: Sequence[str], *, typed: str = "") -> Task:
        output = self._logs / f"{name}.out"
        output.unlink(missing_ok=True)
        process = self._spawn(name, arguments, typed=typed, output=output)
        self._tasks.append(process)
        return Task(name, process, output)

    def finish(self, task: Task) -> str:
        while task.process.poll() is None:
            self.pause()
        self._tasks.remove(task.process)
        self._tell_warden(f"{warden.ENDED} {task.process.pid}")
        if task.process.returncode:
            raise Broken(f"{task.name} failed with {task.process.returncode}", self.tail(task.name))
        return task.output.read_text()

    def pause(self, seconds: float = POLL_SECONDS) -> None:
        """Let time go by; raises Ended when the end is asked for, Broken when a server died."""
        time.sleep(seconds)
        if self._is_end_asked:
            raise Ended
        for name, process in self._servers.items():
            if process.poll() is not None:
                raise Broken(
                    f"{name} ended unexpectedly with {process.returncode}", self.tail(name)
                )

    def tail(self, name: str) -> str:
        lines = (self._logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    def _spawn(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        typed: str = "",
        output: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        log = self._logs / f"{name}.log"
        with log.open("ab") as errors, (output or log).open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
        self._tell_warden(f"{warden.STARTED} {process.pid}")
        if process.stdin:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(typed.encode())
        return process

    def _tell_warden(self, line: str) -> None:
        if self._warden and self._warden.stdin:
            with suppress(BrokenPipeError):
                self._warden.stdin.write(f"{line}\n".encode())
                self._warden.stdin.flush()

    def _end_all(self) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        everything = [*self._servers.values(), *self._tasks]
        for process in everything:
            process.terminate()
        for process in everything:
            _end_group(process, deadline)


def _end_group(process: subprocess.Popen[bytes], deadline: float) -> None:
    """Wait for the leader until the deadline, then end whoever is left in its group."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=max(0.0, deadline - time.monotonic()))
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
