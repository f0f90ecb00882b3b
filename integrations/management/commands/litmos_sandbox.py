"""Runs the rehearsal Litmos until it is told to stop."""

import argparse
import gc
import signal
import textwrap
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.providers.litmos.sandbox import FaultError, Sandbox
from integrations.providers.litmos.sandbox import faults as grammar
from integrations.providers.litmos.sandbox.exchange import BASE
from integrations.providers.litmos.sandbox.rate import parse_rate

LARGEST_PORT = 65535


def whole_number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be below 0")
    return number


def port_number(text: str) -> int:
    number = whole_number(text)
    if number > LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"must not be above {LARGEST_PORT}")
    return number


def rate(text: str) -> tuple[int, float] | None:
    try:
        return parse_rate(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write calls/seconds, such as 100/60, or none") from None


def not_below_0(text: str) -> float:
    number = float(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be below 0")
    return number


def fault_list() -> str:
    lines = [f"  {name:<30} {summary}" for name, summary in grammar.known_faults().items()]
    return "\n".join((textwrap.dedent(grammar.__doc__ or ""), "Names:", *lines))


class Command(BaseCommand):
    help = "Run a made-up Litmos tenant on 127.0.0.1, to try the Portal without an account there."
    requires_system_checks: list[str] = []

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, epilog=fault_list(), **kwargs)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port_number, default=8090, help="8090; 0: any free one")
        parser.add_argument("--users", type=whole_number, default=40, help="how many people (40)")
        parser.add_argument("--teams", type=whole_number, default=5, help="how many teams (5)")
        parser.add_argument(
            "--teams-each", type=not_below_0, default=1.2, help="teams of a person on average (1.2)"
        )
        parser.add_argument("--courses", type=whole_number, default=6, help="how many courses (6)")
        parser.add_argument("--seed", type=int, default=1, help="another number, other people (1)")
        parser.add_argument(
            "--rate", type=rate, default=(100, 60), help="calls/seconds for a key (100/60), or none"
        )
        parser.add_argument(
            "--latency", type=not_below_0, default=0.0, help="seconds that each answer takes (0)"
        )
        parser.add_argument("--faults", default="", help="what goes wrong; see below")

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        names = ("users", "teams", "courses", "seed", "teams_each", "rate", "latency", "faults")
        try:
            sandbox = filled(**{name: options[name] for name in names})
            server = sandbox.serve(port)
        except FaultError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            reason = error.strerror or error
            raise CommandError(f"Port {port} can't be used: {reason}. Choose another.") from error
        with server:
            self.introduce(sandbox, server.url)
            wait_for_signal()
        self.stdout.write("The rehearsal Litmos has stopped.")

    def introduce(self, sandbox: Sandbox, url: str) -> None:
        tenant = sandbox.tenant
        lines = (
            f"Rehearsal Litmos: {url}",
            f"Page with forms:  {url.removesuffix(BASE)}/",
            f"API key:          {sandbox.api_key}",
            f"Key of a learner: {sandbox.learner_key} (refused with 403)",
            f"It holds:         {len(tenant.users)} people, {len(tenant.teams)} teams, "
            f"{len(tenant.courses)} courses",
            f"Faults:           {sandbox.faults.text or 'none'}",
            f'For the Portal:   LITMOS_EXTRA_REGIONS="Rehearsal={url}"',
            "Ctrl-C ends it.",
        )
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def filled(**options: Any) -> Sandbox:
    """What a large company is made of is no garbage: looking through it takes seconds each time."""
    gc.disable()
    sandbox = Sandbox(**options)
    gc.freeze()
    gc.enable()
    return sandbox


def wait_for_signal() -> None:
    ended = threading.Event()
    earlier = {
        number: signal.signal(number, lambda *_: ended.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        ended.wait()
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
