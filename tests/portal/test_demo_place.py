import socket
from pathlib import Path

import pytest

from portal.demo.place import (
    Place,
    Refused,
    choose_place,
    choose_port,
    occupy,
    refuse_ports_in_use,
    start_anew,
)


@pytest.fixture
def listener():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_the_port_and_folder_come_from_the_environment(tmp_path):
    place = choose_place({"PORT": "9000", "PORTAL_VAR": str(tmp_path)})
    assert place == Place(port=9000, folder=tmp_path)
    assert (place.address, place.litmos_port) == ("http://127.0.0.1:9000", 9077)
    assert choose_place({}).port == 8000


@pytest.mark.parametrize("typed", ["", "web", "0", "-1", "65459", "80.5"])
def test_a_port_that_is_none_is_refused(typed):
    with pytest.raises(Refused, match="PORT must be a number"):
        choose_port(typed)


def test_ports_in_use_are_named(listener):
    with pytest.raises(Refused, match=f"In use already: port {listener}"):
        refuse_ports_in_use(Place(port=listener, folder=Path("unused")))
    with pytest.raises(Refused, match=f"port {listener}"):
        refuse_ports_in_use(Place(port=listener - 77, folder=Path("unused")))


def test_only_one_demo_at_a_time_has_the_folder(tmp_path):
    place = Place(port=8000, folder=tmp_path / "demo")
    with occupy(place), pytest.raises(Refused, match="Another demo is running"):
        occupy(place)
    occupy(place).close()


def test_starting_anew_keeps_the_keys_alone(tmp_path):
    assert not start_anew(tmp_path)
    (tmp_path / "portal.sqlite3").touch()
    (tmp_path / "secret_key").touch()
    (tmp_path / "logs").mkdir()
    assert start_anew(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "this-is-a-demo"}


def test_a_folder_with_a_real_portal_is_never_emptied(tmp_path):
    (tmp_path / "portal.sqlite3").touch()
    with pytest.raises(Refused, match="no demo"):
        start_anew(tmp_path)
    assert (tmp_path / "portal.sqlite3").exists()


def test_the_demo_has_its_own_settings_whatever_the_shell_has_set(tmp_path):
    shell = {"PATH": "/bin", "DATABASE_URL": "postgres://real", "PORTAL_MODE": "production"}
    assert Place(port=9000, folder=tmp_path).environment(shell) == {
        "PATH": "/bin",
        "PORTAL_MODE": "embedded",
        "PORTAL_VAR": str(tmp_path),
        "PORTAL_URL": "http://127.0.0.1:9000",
        "PORTAL_COMPLETION_SECONDS": "30",
        "LITMOS_EXTRA_REGIONS": "Rehearsal=http://127.0.0.1:9077/v1.svc",
    }
