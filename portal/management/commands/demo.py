from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo.place import Refused, choose_place, occupy, refuse_ports_in_use, start_anew
from portal.demo.show import show
from portal.demo.supervisor import Broken


class Command(BaseCommand):
    help = "The whole Portal with a rehearsal Litmos, on this machine, until Ctrl-C (`make demo`)."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            place = choose_place(os.environ)
            refuse_ports_in_use(place)
            with occupy(place):
                self._clear(place.folder, is_kept=os.environ.get("KEEP", "") not in ("", "0"))
                show(place, self._say)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except Broken as broken:
            raise CommandError(f"{broken}\n{broken.log}") from None

    def _clear(self, folder: Path, *, is_kept: bool) -> None:
        if is_kept:
            self._say(f"Going on with the demo in {folder}.")
        elif start_anew(folder):
            self._say(f"Starting anew in {folder}; KEEP=1 would have gone on with what was there.")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
