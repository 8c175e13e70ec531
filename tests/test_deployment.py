"""The image and the compose files, checked as far as one can without a container engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from recommender import InvalidInputError, __version__
from recommender.settings import (
    CacheSettings,
    EnvironmentSettings,
    IndexSettings,
    LogSettings,
    ServerSettings,
)
from ui.settings import AppSettings, OmdbSettings, OperatorSettings

ROOT = Path(__file__).parents[1]
MODELS: list[type[EnvironmentSettings]] = [
    *(AppSettings, CacheSettings, IndexSettings, LogSettings),
    *(OmdbSettings, OperatorSettings, ServerSettings),
]
SETTINGS = {model.variable(field) for model in MODELS for field in model.model_fields}
ALONE, CLUSTER = "docker-compose.yml", "docker-compose.cluster.yml"
WRITE_KEY, READ_KEY = "QDRANT_API_KEY", "QDRANT_READ_ONLY_API_KEY"
REFERENCE = re.compile(r"(?<!\$)\$\{(\w+)(:\?)?[^}]*\}")
"""A variable in a compose file, and whether it may be neither unset nor empty."""


@dataclass
class Deployment:
    """What is deployed from, as read from the files."""

    compose: dict[str, Any]
    dockerfile: str
    example: str

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """Services by name."""
        services: dict[str, dict[str, Any]] = self.compose["services"]
        return services

    @property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """Those that are Qdrant."""
        ours = self.services.items()
        return {name: node for name, node in ours if node["image"].startswith("qdrant/")}

    @property
    def ingest(self) -> list[str]:
        """How an ingest is started."""
        entrypoint: list[str] = self.services["ingest"]["entrypoint"]
        return entrypoint

    @property
    def stages(self) -> list[str]:
        """The Dockerfile's stages; the last is the image."""
        return re.split(r"^(?=FROM )", self.dockerfile, flags=re.MULTILINE)[1:]

    def references(self, part: object) -> list[tuple[str, bool]]:
        """Variables that a part refers to, and whether each is required."""
        return [(name, bool(must)) for name, must in REFERENCE.findall(json.dumps(part))]


def read(name: str = ALONE) -> Deployment:
    """Read the files; nothing in what is given back is shared, so that tests may change it."""
    text = [(ROOT / other).read_text("utf-8") for other in ("Dockerfile", ".env.example")]
    compose = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return Deployment(json.loads(json.dumps(compose)), *text)


def _hosts(service: dict[str, Any]) -> set[str | None]:
    """Hosts that a service asks for its index."""
    urls = service.get("environment", {}).get("QDRANT_URL", "")
    return {urlsplit(url).hostname for url in urls.split(",") if url}


def references(files: Deployment) -> Iterator[str]:
    """What is referred to is defined, and what is defined is referred to."""
    used: dict[str, set[str]] = {"volumes": set(), "networks": set()}
    for name, service in files.services.items():
        sources = [volume.split(":")[0] for volume in service.get("volumes", [])]
        used["volumes"] |= {source for source in sources if not source.startswith((".", "/"))}
        used["networks"] |= set(service.get("networks", []))
        others = set(service.get("depends_on", {})) | _hosts(service)
        for other in others - set(files.services):
            yield f"{name} needs {other}, which is no service"
    for kind, names in used.items():
        for name in names ^ set(files.compose.get(kind) or {}):
            yield f"{name} of {kind} is either not defined or not used"


def health(files: Deployment) -> Iterator[str]:
    """What runs on has a health check, and so has what others wait for."""
    waited = {
        other
        for service in files.services.values()
        for other, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    for name, service in files.services.items():
        inherited = "build" in service and "\nHEALTHCHECK " in files.stages[-1]
        check = service.get("healthcheck", {"test": "the image's"} if inherited else {})
        if (name in waited or service["restart"] != "no") and "test" not in check:
            yield f"{name} has no health check"


def pinned(files: Deployment) -> Iterator[str]:
    """Images are named by version: our own by the project's, those built upon by a minor one."""
    for name, service in files.services.items():
        image, _, tag = service["image"].partition(":")
        if "build" in service and tag != __version__:
            yield f"{name} is tagged {tag}, the project is {__version__}"
        elif not re.fullmatch(r"v?\d+\.\d+\.\d+(-\w+)?", tag):
            yield f"{image} of {name} is not pinned: '{tag}'"
    for stage in files.stages:
        base = stage.split()[1]
        if not re.fullmatch(r"python:3\.\d+-slim-[a-z]+", base):
            yield f"the image is built upon {base}"


def compatible(files: Deployment) -> Iterator[str]:
    """Qdrant's server and client are at most one minor version apart, and all nodes of one."""
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    [client] = [need for need in map(Requirement, needs) if need.name == "qdrant-client"]
    allowed = [(1, minor) for minor in range(100) if Version(f"1.{minor}.0") in client.specifier]
    installed = Version(metadata.version("qdrant-client")).release[:2]
    images = {node["image"] for node in files.nodes.values()}
    for found in (re.search(r":v(\d+)\.(\d+)", image) for image in images):
        assert found is not None
        server = int(found[1]), int(found[2])
        for major, minor in [*allowed, installed]:
            if major != server[0] or abs(minor - server[1]) > 1:
                yield f"server {server} for client {major}.{minor}"
    if len(images) > 1:
        yield f"the nodes are {images}"


def loopback(files: Deployment) -> Iterator[str]:
    """Ports are published to this machine only; of a node only the one that asks for a key."""
    for name, service in files.services.items():
        for port in service.get("ports", []):
            if not re.fullmatch(r"127\.0\.0\.1:[^:]+(:-\d+\})?:\d+", str(port)):
                yield f"{name} publishes {port}"
            if name in files.nodes and not str(port).endswith(":6333"):
                yield f"{name} lets others than its peers in at {port}"


def hardened(files: Deployment) -> Iterator[str]:
    """Nothing runs as root, writes outside its volumes, gains rights or takes the whole machine."""
    ours = re.findall(r"^USER (.+)$", files.stages[-1], re.MULTILINE)
    for name, service in files.services.items():
        unprivileged = "unprivileged" in service["image"]
        rules = {
            "root": unprivileged or ("build" in service and ours[-1:] == ["10001:10001"]),
            "user": "user" not in service,
            "read_only": service.get("read_only") is True,
            "tmpfs": re.fullmatch(r"/tmp:size=\d+m,noexec,nosuid,nodev", str(service.get("tmpfs"))),
            "sockets": ".sock" not in str(service.get("volumes")),
            "cap_drop": service.get("cap_drop") == ["ALL"],
            "security_opt": service.get("security_opt") == ["no-new-privileges:true"],
            "mem_limit": "mem_limit" in service,
            "pids_limit": service.get("pids_limit", 0) > 0,
            "more rights": not service.keys() & {"privileged", "cap_add", "devices", "pid", "ipc"},
            "network_mode": "network_mode" not in service,
        }
        yield from (f"{name}: {rule}" for rule, kept in rules.items() if not kept)


def least_key(files: Deployment) -> Iterator[str]:
    """Who only reads holds the key that may only read, and nobody a key they have no use for."""
    uses = {"ingest": {WRITE_KEY}, "app": {READ_KEY, "OMDB_API_KEY", "KINDRED_OPERATOR_KEY"}}
    uses |= {node: {WRITE_KEY, READ_KEY} for node in files.nodes}
    for name, service in files.services.items():
        held = {key for key in dict(files.references(service)) if key.endswith("_KEY")}
        yield from (f"{name} holds {key}" for key in held - uses.get(name, set()))
        if "build" in service and WRITE_KEY not in service["environment"]:
            yield f"{name} holds no key"


def locked(files: Deployment) -> Iterator[str]:
    """Qdrant has both keys, telemetry is off, and nothing starts while a key is unset or empty."""
    for given in (node["environment"] for node in files.nodes.values()):
        for setting, key in (("API_KEY", WRITE_KEY), ("READ_ONLY_API_KEY", READ_KEY)):
            if not str(given.get(f"QDRANT__SERVICE__{setting}")).startswith(f"${{{key}:?"):
                yield f"{setting} of the server is not {key}"
        if given.get("QDRANT__TELEMETRY_DISABLED") != "true":
            yield "telemetry is on"
    for name, required in files.references(files.services):
        if name in (WRITE_KEY, READ_KEY) and not required:
            yield f"{name} is not required"


def documented(files: Deployment) -> Iterator[str]:
    """The example says what each variable is, has no other, and holds no key."""
    example = dict(re.findall(r"^#.+\n(\w+)=(.*)$", files.example, re.MULTILINE))
    for name in dict(files.references(files.compose)).keys() ^ example.keys():
        yield f"{name} is either not in the example or not in the compose file"
    yield from (f"{name} has a value" for name in example if "KEY" in name and example[name])
    if len(re.findall(r"^\w+=", files.example, re.MULTILINE)) != len(example):
        yield "a variable is not explained"


def settings(files: Deployment) -> Iterator[str]:
    """What our containers are given are settings that exist, and of which none contradict."""
    given = set(re.findall(r"\b((?:KINDRED|QDRANT|OMDB)_\w+)=", files.dockerfile))
    for service in files.services.values():
        if "build" in service:
            given |= {name for name in service["environment"] if "_" in name}
    yield from (f"{name} is no setting" for name in given - SETTINGS)
    # In .env the port is the one on the host; a folder beside a server is an error.
    yield from given & {"KINDRED_PORT", "KINDRED_INDEX"}


def noted(files: Deployment) -> Iterator[str]:
    """The image can be reached from outside it, and says what that depends on."""
    pattern = r'KINDRED_(HOST|PUBLIC)="?([^"\\\n]*\b)'
    given = {name.lower(): value for name, value in re.findall(pattern, files.stages[-1])}
    try:
        app = AppSettings.read(**given)
    except InvalidInputError as error:
        yield str(error)
    else:
        yield from () if app.exposed and app.public else ("others cannot reach it, or no note",)


def clustered(files: Deployment) -> Iterator[str]:
    """Nodes find each other, keep their own data, and are all known to who asks them."""
    first, *others = files.nodes
    if not others:
        return
    held = [volume for node in files.nodes.values() for volume in node["volumes"]]
    if len({volume.split(":")[0] for volume in held}) < len(held):
        yield "nodes share a volume"
    for name, node in files.nodes.items():
        joins = [] if name == first else ["--bootstrap", f"http://{first}:6335"]
        if node["command"] != ["./entrypoint.sh", *joins, "--uri", f"http://{name}:6335"]:
            yield f"{name} is started by {node['command']}"
        if node["environment"].get("QDRANT__CLUSTER__ENABLED") != "true":
            yield f"{name} is on its own"
    for name, service in files.services.items():
        if (hosts := _hosts(service)) and set(files.nodes) - hosts:
            yield f"{name} does not know all nodes"
    made = dict(re.findall(r"--(shards|replicas) (\d+)", " ".join(files.ingest)))
    if not 1 < int(made.get("replicas", 1)) <= len(files.nodes) <= int(made.get("shards", 1)):
        yield f"an ingest lays out {made}"


def _pins(name: str) -> dict[str, Version]:
    """What a file of requirements pins; refuses a line of any other kind, such as an address."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    pin = r"([a-z0-9-]+)==(\S+)(?:\s+--hash=sha256:[0-9a-f]{64})+\s*"
    found = [re.fullmatch(pin, line) for line in lines]
    assert all(found), lines
    return {match[1]: Version(match[2]) for match in found if match}


def test_the_image_is_made_of_pinned_packages_that_fit_the_project() -> None:
    """Each by version and hash, from no address; `make requirements` writes them anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for name, needs in (
        ("requirements.txt", project["project"]["dependencies"]),
        ("requirements-build.txt", project["build-system"]["requires"]),
    ):
        pins = _pins(name)
        for need in map(Requirement, needs):
            assert pins[need.name] in need.specifier, need
        stage = read().stages[0]
        assert f"pip install --require-hashes --only-binary=:all: -r {name}" in stage


CHECKS: list[Callable[[Deployment], Iterator[str]]] = [
    *(references, health, pinned, compatible, loopback),
    *(hardened, least_key, locked, documented, settings, noted, clustered),
]


@pytest.mark.parametrize("name", [ALONE, CLUSTER])
@pytest.mark.parametrize("check", CHECKS)
def test_the_deployment_keeps_every_rule(
    check: Callable[[Deployment], Iterator[str]], name: str
) -> None:
    """Whatever a check finds is listed."""
    assert list(check(read(name))) == []


def _change(path: str, value: Any) -> Callable[[Deployment], None]:
    """Set what is at a path in the compose file; None removes it."""

    def change(files: Deployment) -> None:
        *parents, last = path.split(".")
        part = files.compose
        for name in parents:
            part = part.setdefault(name, {})
        if value is None:
            del part[last]
        else:
            part[last] = value

    return change


def _rewrite(attribute: str, old: str, new: str) -> Callable[[Deployment], None]:
    """Replace a piece of the Dockerfile or the example."""

    def rewrite(files: Deployment) -> None:
        text = getattr(files, attribute)
        assert old in text
        setattr(files, attribute, text.replace(old, new))

    return rewrite


APP, QDRANT = "services.app", "services.qdrant"
STORED = ["qdrant-storage:/qdrant/storage", "qdrant-snapshots:/qdrant/snapshots"]
BROKEN = [
    ("references", _change(f"{APP}.volumes", ["cache:/cache", "posters:/posters"])),
    ("references", _change("volumes.posters", {})),
    ("references", _change(f"{APP}.networks", ["back"])),
    ("references", _change("networks.back", {})),
    ("references", _change(f"{APP}.depends_on", {"quadrant": {"condition": "service_started"}})),
    ("references", _change(f"{APP}.environment.QDRANT_URL", "http://localhost:6333")),
    ("health", _change(f"{QDRANT}.healthcheck", None)),
    ("health", _change(f"{APP}.healthcheck", {"disable": True})),
    ("health", _rewrite("dockerfile", "\nHEALTHCHECK ", "\n# ")),
    ("pinned", _change(f"{APP}.image", "kindred-recommender:latest")),
    ("pinned", _change(f"{APP}.image", "kindred-recommender")),
    ("pinned", _change(f"{QDRANT}.image", "qdrant/qdrant:v1.19-unprivileged")),
    ("pinned", _rewrite("dockerfile", "python:3.12-slim-bookworm", "python:latest")),
    ("pinned", _rewrite("dockerfile", "python:3.12-slim-bookworm", "python:3-slim")),
    ("compatible", _change(f"{QDRANT}.image", "qdrant/qdrant:v1.18.9-unprivileged")),
    ("compatible", _change(f"{QDRANT}.image", "qdrant/qdrant:v2.20.0-unprivileged")),
    ("loopback", _change(f"{QDRANT}.ports", ["6333:6333"])),
    ("loopback", _change(f"{QDRANT}.ports", [6333])),
    ("loopback", _change(f"{QDRANT}.ports", [{"target": 6333, "published": 6333}])),
    ("loopback", _change(f"{APP}.ports", ["0.0.0.0:${KINDRED_PORT:-8501}:8501"])),
    ("loopback", _change(f"{APP}.ports", ["${KINDRED_PORT:-8501}:8501"])),
    ("loopback", _change(f"{QDRANT}.ports", ["127.0.0.1:6335:6335"])),
    ("hardened", _change(f"{APP}.privileged", True)),
    ("hardened", _change(f"{APP}.user", "root")),
    ("hardened", _change(f"{APP}.read_only", False)),
    ("hardened", _change(f"{APP}.tmpfs", None)),
    ("hardened", _change(f"{APP}.tmpfs", "/tmp:size=256m,exec")),
    ("hardened", _change(f"{QDRANT}.volumes", [*STORED, "/var/run/docker.sock:/docker.sock"])),
    ("hardened", _change(f"{APP}.cap_drop", ["NET_RAW"])),
    ("hardened", _change(f"{APP}.cap_add", ["SYS_ADMIN"])),
    ("hardened", _change(f"{APP}.security_opt", [])),
    ("hardened", _change(f"{APP}.network_mode", "host")),
    ("hardened", _change("services.ingest.mem_limit", None)),
    ("hardened", _change(f"{QDRANT}.pids_limit", -1)),
    ("hardened", _change(f"{QDRANT}.image", "qdrant/qdrant:v1.19.0")),
    ("hardened", _rewrite("dockerfile", "\nUSER 10001:10001", "")),
    ("hardened", _rewrite("dockerfile", "\nENTRYPOINT", "\nUSER root\nENTRYPOINT")),
    ("least_key", _change(f"{APP}.environment.QDRANT_API_KEY", "${QDRANT_API_KEY:?}")),
    ("least_key", _change(f"{APP}.environment.QDRANT_API_KEY", None)),
    ("least_key", _change("services.ingest.environment.OMDB_API_KEY", "${OMDB_API_KEY:-}")),
    ("locked", _change(f"{QDRANT}.environment.QDRANT__SERVICE__API_KEY", None)),
    ("locked", _change(f"{QDRANT}.environment.QDRANT__SERVICE__READ_ONLY_API_KEY", "public")),
    ("locked", _change(f"{QDRANT}.environment.QDRANT__TELEMETRY_DISABLED", "false")),
    ("locked", _change("services.ingest.environment.QDRANT_API_KEY", "${QDRANT_API_KEY:-x}")),
    ("locked", _change("services.ingest.environment.QDRANT_API_KEY", "${QDRANT_API_KEY?unset}")),
    ("documented", _change("services.ingest.command", ["${SOURCE:-sample}"])),
    ("documented", _rewrite("example", "KINDRED_PORT=8501", "")),
    ("documented", _rewrite("example", "QDRANT_API_KEY=\n", "QDRANT_API_KEY=change-me\n")),
    (
        "documented",
        _rewrite("example", "KINDRED_PORT", "# Not read.\nKINDRED_HOST=\n#\nKINDRED_PORT"),
    ),
    ("settings", _change(f"{APP}.environment.QDRANT_APIKEY", "a misspelt one")),
    ("settings", _change(f"{APP}.environment.KINDRED_PORT", "${KINDRED_PORT:-8501}")),
    ("settings", _rewrite("dockerfile", "KINDRED_CACHE=", "KINDRED_CASH=")),
    ("settings", _rewrite("dockerfile", "XDG_DATA_HOME=", "KINDRED_INDEX=")),
    ("noted", _rewrite("dockerfile", 'KINDRED_PUBLIC="', 'KINDRED_PUBLIC="yes" WHY="')),
    ("noted", _rewrite("dockerfile", "KINDRED_HOST=0.0.0.0", "KINDRED_HOST=127.0.0.1")),
]


SECOND, THIRD = "services.qdrant-2", "services.qdrant-3"
URL = "http://qdrant-1:6333,http://qdrant-2:6333"
ALL = f"{URL},http://qdrant-3:6333"
START = ["./entrypoint.sh", "--uri", "http://qdrant-2:6335"]
BROKEN_CLUSTER = [
    ("references", _change(f"{APP}.environment.QDRANT_URL", f"{ALL},http://qdrant-4:6333")),
    ("references", _change(f"{SECOND}.depends_on", {"qdrant": {"condition": "service_started"}})),
    ("references", _change("volumes.storage-3", None)),
    ("health", _change(f"{THIRD}.healthcheck", None)),
    ("compatible", _change(f"{SECOND}.image", "qdrant/qdrant:v1.20.0-unprivileged")),
    ("loopback", _change(f"{THIRD}.ports", ["6353:6333"])),
    ("hardened", _change(f"{SECOND}.read_only", False)),
    ("least_key", _change(f"{APP}.environment.QDRANT_API_KEY", "${QDRANT_API_KEY:?}")),
    ("locked", _change(f"{THIRD}.environment.QDRANT__SERVICE__API_KEY", None)),
    ("clustered", _change(f"{APP}.environment.QDRANT_URL", URL)),
    ("clustered", _change(f"{SECOND}.environment.QDRANT__CLUSTER__ENABLED", "false")),
    ("clustered", _change(f"{SECOND}.command", START)),
    ("clustered", _change(f"{THIRD}.command", ["./entrypoint.sh", "--bootstrap", *START[1:]])),
    ("loopback", _change(f"{SECOND}.ports", ["127.0.0.1:6335:6335"])),
    ("clustered", _change("services.ingest.entrypoint", ["kindred", "ingest", "--shards", "6"])),
    (
        "clustered",
        _change("services.ingest.entrypoint", ["kindred", "--shards", "6", "--replicas", "4"]),
    ),
]


def _share(files: Deployment) -> None:
    """Let two nodes keep their data in one place."""
    files.services["qdrant-2"]["volumes"] = files.services["qdrant-3"]["volumes"]
    del files.compose["volumes"]["storage-2"], files.compose["volumes"]["snapshots-2"]


@pytest.mark.parametrize(
    ("name", "caught_by", "change"),
    [
        *((ALONE, *broken) for broken in BROKEN),
        *((CLUSTER, *broken) for broken in [*BROKEN_CLUSTER, ("clustered", _share)]),
    ],
)
def test_what_breaks_a_rule_is_caught_by_its_check_and_no_other(
    name: str, caught_by: str, change: Callable[[Deployment], None]
) -> None:
    """Each check is needed, and sees what it is there for."""
    files = read(name)
    change(files)
    assert [check.__name__ for check in CHECKS if list(check(files))] == [caught_by]


def _lint(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


HADOLINT = "hadolint", "--failure-threshold", "warning"
SCHEMA = "check-jsonschema", "--builtin-schema", "vendor.compose-spec"
LINTED = [
    (HADOLINT, "Dockerfile", "3.12-slim-bookworm AS build", "latest AS build", "DL3007"),
    (HADOLINT, "Dockerfile", "USER 10001:10001", "RUN apt-get install curl", "DL3008"),
    (HADOLINT, "Dockerfile", "WORKDIR /data", "WORKDIR data", "DL3000"),
    (SCHEMA, "docker-compose.yml", "restart: unless", "restarts: unless", "'restarts'"),
    (SCHEMA, "docker-compose.yml", '["127.0.0.1:6333:6333"]', "[{target: [6333]}]", "ports"),
    (SCHEMA, "docker-compose.yml", "mem_limit: 2g", "mem_limit: [2g]", "mem_limit"),
    (SCHEMA, CLUSTER, "restart: unless", "restarts: unless", "'restarts'"),
]


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="hadolint has no wheel for Windows")
@pytest.mark.parametrize(("program", "name", "old", "new", "says"), LINTED)
def test_the_linters_pass_what_is_there_and_name_what_is_wrong(
    program: tuple[str, ...], name: str, old: str, new: str, says: str, tmp_path: Path
) -> None:
    """The same two commands as in make lint."""
    good = _lint(*program, ROOT / name)
    assert good.returncode == 0, good.stdout
    text = (ROOT / name).read_text("utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), "utf-8")
    bad = _lint(*program, tmp_path / name)
    assert bad.returncode != 0
    assert says in bad.stdout + bad.stderr


@contextmanager
def _answering(status: int, body: bytes) -> Iterator[int]:
    """Serve one answer to everything; give the port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in ("/readyz", "/health")
            self.send_response(status if known else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _app_probe() -> list[str]:
    found = re.search(r"^HEALTHCHECK .*?CMD (\[.*\])$", read().dockerfile, re.MULTILINE)
    assert found is not None
    python, *arguments = json.loads(found[1])
    assert python == "python"
    return [sys.executable, *arguments]


def _qdrant_probe() -> list[str]:
    nodes = [*read().nodes.values(), *read(CLUSTER).nodes.values()]
    kind, *command = nodes[0]["healthcheck"]["test"]
    assert kind == "CMD"
    assert all(node["healthcheck"] == nodes[0]["healthcheck"] for node in nodes)
    return [part.replace("$$", "$") for part in command]


PROBES = {"app": (_app_probe, "8501"), "qdrant": (_qdrant_probe, "6333")}
PAGE = b"<!doctype html><title>index.html</title>"


def _healthy(service: str, port: int) -> bool:
    probe, usual = PROBES[service]
    command = [part.replace(usual, str(port)) for part in probe()]
    assert command != probe()
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="it takes bash")
@pytest.mark.parametrize(
    ("service", "status", "body", "healthy"),
    [
        ("app", 200, b'{"status":"ok","version":"000001"}', True),
        ("app", 200, b'{"status":"empty"}', True),
        ("app", 200, PAGE, False),
        ("app", 503, b'{"status":"failing","reason":"away"}', False),
        ("qdrant", 200, b"all shards are ready", True),
        ("qdrant", 503, b"some shards are not ready", False),
        ("qdrant", 401, b" 200 ", False),
    ],
)
def test_a_health_check_can_tell(service: str, status: int, body: bytes, healthy: bool) -> None:
    """The very command of the file, run against a server that answers so."""
    with _answering(status, body) as port:
        assert _healthy(service, port) is healthy
    assert not _healthy(service, port), "nobody listens any more"
