"""Nothing tracked names the machine it was written on."""

import re

from tests.meta.files import ROOT, tracked

# Written so that this file doesn't hold what it looks for.
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home|opt)/\w|(?<![\w.])/tmp/\w|file:///\w")


def test_no_tracked_file_names_a_place_on_a_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked(":!static/vendor", ":!*.png")
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if MACHINE.search(line)
    ]
    assert found == []
