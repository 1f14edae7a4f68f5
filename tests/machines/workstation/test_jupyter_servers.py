"""Jupyter servers are found by the files that they leave in homes, and asked on the loopback address only."""

import json
import os
import socket
import time
from pathlib import Path

import pytest

from machine_use.observation import Kernel
from tests.machines.conftest import Server as Secure
from tests.machines.workstation.conftest import Web
from tests.machines.workstation.workstation import Workstation
from workstation_agent import jupyter_servers
from workstation_agent.jupyter_servers import Server, kernels, servers
from workstation_agent.look import look

TOLD = {"id": "k", "execution_state": "busy", "last_activity": "2026-11-22T09:00:00Z"}
RUNTIME = ".local/share/jupyter/runtime"


def runs(
    workstation: Workstation, url: str, *, home: str = "home/ubuntu", name: str = "jpserver-77.json", **more: object
) -> Path:
    """Let a server have left its file."""
    pid = workstation.process("jupyter-lab", uid=1000).split()[0]
    told = {
        "url": url,
        "port": int(url.rpartition(":")[2].partition("/")[0]),
        "pid": int(pid),
        "token": "secret",
        **more,
    }
    return workstation.write(f"{home}/{RUNTIME}/{name}", json.dumps(told))


@pytest.mark.parametrize("home", ["home/ubuntu", "home/anna", "root"])
@pytest.mark.parametrize("name", ["jpserver-77.json", "nbserver-77.json"])
@pytest.mark.parametrize("folder", ["", "/user/anna"])
def test_server_of_any_home_is_asked_with_its_token(
    workstation: Workstation, lab: Web, home: str, name: str, folder: str
) -> None:
    lab.answers[f"{folder}/api/kernels"] = (200, json.dumps([TOLD]))
    runs(workstation, f"{lab.address}{folder}/", home=home, name=name)

    seen = look(workstation.told())

    assert seen.errors == []
    assert set(seen.kernels) == {"k"}
    assert seen.kernels["k"].is_busy
    assert lab.asked[0][2]["authorization"] == "token secret"


def test_every_server_is_asked_with_tls_or_without(workstation: Workstation, lab: Web, server: Secure) -> None:
    lab.answers["/api/kernels"] = (200, json.dumps([TOLD]))
    server.says("/api/kernels", [{**TOLD, "id": "other", "execution_state": "idle"}])
    runs(workstation, f"{lab.address}/")
    runs(workstation, f"https://{server.address}/", home="home/anna", token="")

    found, errors = kernels(servers(workstation.root))

    assert errors == []
    assert {key: each.is_busy for key, each in found.items()} == {"k": True, "other": False}


def test_server_that_was_killed_left_its_file_and_is_not_asked(workstation: Workstation, lab: Web) -> None:
    runs(workstation, f"{lab.address}/", pid=99_999)

    assert servers(workstation.root) == []


@pytest.mark.parametrize("host", ["example.com", "0.0.0.0", "169.254.169.254", "ip-10-0-0-1"])  # noqa: S104 (a name)
def test_whatever_host_stands_in_the_file_loopback_is_asked(workstation: Workstation, lab: Web, host: str) -> None:
    lab.answers["/api/kernels"] = (200, "[]")
    runs(workstation, f"http://{host}:{lab.port}/")

    assert kernels(servers(workstation.root)) == ({}, [])
    assert [path for _, path, _ in lab.asked] == ["/api/kernels"]


@pytest.mark.parametrize(
    "more",
    [
        {"pid": None},
        {"pid": "../.."},
        {"port": 0, "url": "http://localhost/"},
        {"port": 70_000},
        {"port": "x"},
        {"url": "http://[::1"},
        {"url": "http+unix://run"},
        {"url": None},
        {"port": [], "url": 3},
    ],
)
def test_file_that_is_none_is_left_out(workstation: Workstation, more: dict[str, object]) -> None:
    path = runs(workstation, "http://localhost:8888/")
    good = servers(workstation.root)

    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))

    assert len(good) == 1
    assert servers(workstation.root) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 99_999, "\0", "{}" + " " * 2_000_000])
def test_text_that_is_none_is_left_out(workstation: Workstation, text: str) -> None:
    workstation.write(f"home/ubuntu/{RUNTIME}/jpserver-1.json", text)

    assert look(workstation.told()).errors == []


def test_pipe_or_link_in_place_of_a_file_holds_nothing_up(workstation: Workstation, lab: Web) -> None:
    place = runs(workstation, f"{lab.address}/").parent
    os.mkfifo(place / "jpserver-2.json")
    (place / "jpserver-3.json").symlink_to(place / "jpserver-77.json")
    (place / "jpserver-4.json").mkdir()

    assert len(servers(workstation.root)) == 1


@pytest.mark.parametrize("token", ["x\r\nHost: other", "é", "\0"])
def test_token_that_is_no_header_is_an_error(workstation: Workstation, lab: Web, token: str) -> None:
    runs(workstation, f"{lab.address}/", token=token)

    found, errors = kernels(servers(workstation.root))

    assert found == {}
    assert len(errors) == 1
    assert all("other" not in headers.get("host", "") for _, _, headers in lab.asked)


@pytest.mark.parametrize(
    "answer", [(200, "<html>log in</html>"), (302, ""), (403, "[]"), (200, '{"message": "no"}'), (200, '[{"a": 1}]')]
)
def test_server_that_does_not_answer_hides_no_other(
    workstation: Workstation, lab: Web, server: Secure, answer: tuple[int, str]
) -> None:
    lab.answers["/api/kernels"] = answer
    server.says("/api/kernels", [TOLD])
    runs(workstation, f"{lab.address}/")
    runs(workstation, f"https://{server.address}/", home="root")

    seen = look(workstation.told())

    assert set(seen.kernels) == {"k"}
    assert [error.partition(":")[0] for error in seen.errors] == ["kernels"]


def test_server_that_hangs_holds_nothing_up(monkeypatch: pytest.MonkeyPatch, lab: Web) -> None:
    monkeypatch.setattr(jupyter_servers, "ALL_S", 0.05)
    lab.answers["/api/kernels"] = (200, json.dumps([TOLD]))
    with socket.create_server(("127.0.0.1", 0)) as hung:
        port = hung.getsockname()[1]

        found, errors = kernels([Server(port, "", is_secure=False, token="")])

    assert (found, errors) == ({}, [f"the server at port {port} does not answer"])


def test_thousand_files_are_not_all_asked(workstation: Workstation) -> None:
    pid = workstation.process("jupyter-lab").split()[0]
    for number in range(100):
        told = {"url": f"http://localhost:{number + 1}/", "port": number + 1, "pid": int(pid)}
        path = workstation.write(f"root/{RUNTIME}/jpserver-{number}.json", json.dumps(told))
        os.utime(path, (time.time() - number, time.time() - number))

    found = servers(workstation.root)

    assert {each.port for each in found} == set(range(1, jupyter_servers.MOST + 1))


def test_kernel_without_a_date_is_reported(workstation: Workstation, lab: Web) -> None:
    lab.answers["/api/kernels"] = (200, json.dumps([{**TOLD, "last_activity": "soon"}]))
    runs(workstation, f"{lab.address}/")

    seen = look(workstation.told())

    assert seen.kernels == {"k": Kernel(is_busy=True, last_activity=None)}
    assert seen.errors == ["kernel k: no date"]
