import json
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
VENDORED = ROOT / "static" / "vendor"
MANIFEST = json.loads((VENDORED / "manifest.json").read_text())


def check(root):
    command = [sys.executable, str(root / "scripts" / "vendor"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_vendored_files_are_as_the_manifest_says():
    done = check(ROOT)
    assert (done.returncode, done.stdout) == (0, "static/vendor is as its manifest says\n")


@pytest.fixture
def a_copy(tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(VENDORED, tmp_path / "static" / "vendor")
    return tmp_path


def test_a_changed_a_missing_and_a_foreign_file_are_told(a_copy):
    folder = a_copy / "static" / "vendor"
    (folder / "icons.svg").write_text("<svg/>")
    (folder / "tabler" / "tabler.min.css").unlink()
    (folder / "extra.js").write_text("")
    done = check(a_copy)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "tabler/tabler.min.css: missing",
        "extra.js: not in the manifest",
        "icons.svg: differs from its checksum",
    ]


def test_each_package_has_its_licence_and_no_file_names_a_source_map():
    licences = {path.parent.name for path in VENDORED.rglob("*LICENSE")}
    assert licences == {"tabler", "tom-select", "vendor"}
    for name in MANIFEST["sha256"]:
        assert "sourceMappingURL" not in (VENDORED / name).read_text()


def test_every_icon_a_template_names_is_in_the_sprite():
    named = {
        icon
        for path in (ROOT / "templates").rglob("*.html")
        for icon in re.findall(r'icon\.html" with name="([a-z0-9-]+)"', path.read_text())
    }
    assert named - set(MANIFEST["icons"]) == set()
