"""The image and the compose files, beside the linters and the schema of ``make lint``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

import ui.settings
from recommender import __version__
from recommender.settings import EnvironmentSettings

ROOT = Path(__file__).parents[1]
IMAGE = (ROOT / "Dockerfile").read_text("utf-8")
EXAMPLE = dict(re.findall(r"^#.+\n(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
WRITE_KEY, READ_KEY = "QDRANT_API_KEY", "QDRANT_READ_ONLY_API_KEY"
Service = dict[str, Any]


@pytest.fixture(params=["docker-compose.yml", "docker-compose.cluster.yml"])
def compose(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Read a compose file."""
    return dict(yaml.safe_load((ROOT / request.param).read_text("utf-8")))


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, Service]:
    """Its services by name."""
    return dict(compose["services"])


def variables(part: object) -> dict[str, bool]:
    """Variables that a part refers to, and whether each is required."""
    found = re.findall(r"(?<!\$)\$\{(\w+)(:\?)?[^}]*\}", json.dumps(part))
    return {name: bool(required) for name, required in found}


def test_what_is_referred_to_is_there(
    compose: dict[str, Any], services: dict[str, Service]
) -> None:
    """Volumes, services, nodes of Qdrant, and variables, which the example explains."""
    nodes = {name for name, service in services.items() if "qdrant/" in service["image"]}
    held = []
    for name, service in services.items():
        sources = [volume.split(":")[0] for volume in service["volumes"]]
        held += [source for source in sources if not source.startswith(".") and name in nodes]
        assert {source for source in sources if source[0] != "."} <= compose["volumes"].keys()
        assert service.get("depends_on", {}).keys() <= services.keys()
        urls = service["environment"].get("QDRANT_URL")
        assert name in nodes or {urlsplit(url).hostname for url in urls.split(",")} == nodes
    assert len(held) == len({*held}), "two nodes keep their data in one place"
    assert variables(compose).keys() == EXAMPLE.keys()
    assert not any(value for name, value in EXAMPLE.items() if "KEY" in name)


def test_images_are_pinned_and_the_server_fits_the_client(services: dict[str, Service]) -> None:
    """Our own by the project's version; Qdrant's is at most one minor from its client's."""
    client = Version(metadata.version("qdrant-client"))
    for service in services.values():
        if "build" in service:
            assert service["image"] == f"kindred-recommender:{__version__}"
        else:
            tag = re.fullmatch(r"qdrant/qdrant:v(\d+)\.(\d+)\.\d+-unprivileged", service["image"])
            assert tag, service["image"]
            assert int(tag[1]) == client.major
            assert abs(int(tag[2]) - client.minor) <= 1
    assert re.findall(r"^FROM (\S+)", IMAGE, re.MULTILINE) == ["python:3.12-slim-bookworm"] * 2


def test_ports_are_published_to_this_computer_only(services: dict[str, Service]) -> None:
    """Of Qdrant only the one that asks for a key."""
    for service in services.values():
        for port in service.get("ports", []):
            inside = "8501" if "build" in service else "6333"
            assert re.fullmatch(rf"127\.0\.0\.1:(\d+|\$\{{\w+:-\d+\}}):{inside}", port)


def test_what_runs_on_or_is_waited_for_has_a_health_check(services: dict[str, Service]) -> None:
    """Its own, or that of our image."""
    ours = {"test": "the image's"} if "\nHEALTHCHECK " in IMAGE else {}
    for service in services.values():
        check = service.get("healthcheck", ours if "build" in service else {})
        assert service["restart"] == "no" or "test" in check
        for other, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert not healthy or "test" in services[other]["healthcheck"]


def test_containers_have_few_rights(services: dict[str, Service]) -> None:
    """Nothing runs as root, writes outside its volumes, gains rights or takes the whole machine."""
    assert re.findall(r"^USER (.+)$", IMAGE, re.MULTILINE)[-1:] == ["10001:10001"]
    for service in services.values():
        assert service["read_only"] is True
        assert re.fullmatch(r"/tmp:size=\d+m,noexec,nosuid,nodev", service["tmpfs"])
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "mem_limit" in service
        assert service["pids_limit"] > 0
        assert not service.keys() & {"user", "privileged", "cap_add", "devices", "network_mode"}
        assert ".sock" not in str(service["volumes"])


def test_who_only_reads_holds_the_key_that_may_only_read(services: dict[str, Service]) -> None:
    """Nobody holds a key without use for it, and nothing starts while Qdrant's are not set."""
    for name, service in services.items():
        keys = {key for key in variables(service) if key.startswith("QDRANT_")}
        ours = {"ingest": {WRITE_KEY}, "app": {READ_KEY}}
        assert keys == ours.get(name, {WRITE_KEY, READ_KEY})
        assert all(variables(service)[key] for key in keys)
        assert name == "app" or "OMDB_API_KEY" not in variables(service)
        if "build" not in service:
            given = service["environment"]
            for setting, key in (("API_KEY", WRITE_KEY), ("READ_ONLY_API_KEY", READ_KEY)):
                assert given[f"QDRANT__SERVICE__{setting}"].startswith(f"${{{key}:?")
            assert given["QDRANT__TELEMETRY_DISABLED"] == "true"


def test_containers_are_given_settings_that_exist(services: dict[str, Service]) -> None:
    """Neither a folder beside a server, nor the port of the host; others can reach the app."""
    models = EnvironmentSettings.__subclasses__()
    known = {model.variable(field) for model in models for field in model.model_fields}
    given = {*re.findall(r"\b(KINDRED_\w+)=", IMAGE)}
    for service in services.values():
        given |= service["environment"].keys() if "build" in service else set()
    assert given <= known - {"KINDRED_PORT", "KINDRED_INDEX"}
    values = dict(re.findall(r'KINDRED_(HOST|PUBLIC)="?([^"\\\n]*\b)', IMAGE))
    assert ui.settings.AppSettings.read(host=values["HOST"], public=values["PUBLIC"]).exposed


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-build.txt"])
def test_the_image_is_made_of_pinned_packages_that_fit_the_project(name: str) -> None:
    """Each by version and hash, from no address; `make requirements` writes them anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    build = name != "requirements.txt"
    needs = project["build-system"]["requires"] if build else project["project"]["dependencies"]
    lines = (ROOT / name).read_text("utf-8").replace("\\\n", "").splitlines()
    pin = r"([a-z0-9-]+)==(\S+)(?:\s+--hash=sha256:[0-9a-f]{64})+\s*"
    found = [re.fullmatch(pin, line) for line in lines if not line.startswith("#")]
    assert all(found)
    pins = {match[1]: match[2] for match in found if match}
    for need in map(Requirement, needs):
        assert pins[need.name] in need.specifier, need
    assert f"pip install --require-hashes --only-binary=:all: -r {name}" in IMAGE


class Answer(BaseHTTPRequestHandler):
    """One answer to everything."""

    status = 200

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="it takes bash")
@pytest.mark.parametrize("port", [8501, 6333], ids=["app", "qdrant"])
def test_a_health_check_can_tell(
    port: int, services: dict[str, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very command of the file, run against a server that is well, failing, or away."""
    if port == 6333:
        node = next(service for service in services.values() if "build" not in service)
        command = [part.replace("$$", "$") for part in node["healthcheck"]["test"][1:]]
    else:
        (line,) = re.findall(r"^HEALTHCHECK .*?CMD (\[.*\])$", IMAGE, re.MULTILINE)
        command = [sys.executable, *json.loads(line)[1:]]
    codes = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        asked = [part.replace(str(port), str(server.server_port)) for part in command]
        assert asked != command
        for status in (200, 503):
            monkeypatch.setattr(Answer, "status", status)
            codes.append(subprocess.run(asked, capture_output=True, check=False).returncode)
        server.shutdown()
    codes.append(subprocess.run(asked, capture_output=True, check=False).returncode)
    assert [code == 0 for code in codes] == [True, False, False]
