"""Download MovieLens data sets by name, once, and check them against pinned checksums."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pooch
from filelock import FileLock, Timeout
from pydantic_settings import SettingsConfigDict

from ingest.progress import Progress
from ingest.sources.datasets import DATASETS
from recommender.errors import SourceError
from recommender.settings import CacheSettings, EnvironmentSettings, WebAddress

__all__ = ["DownloadSettings", "fetch"]

TIMEOUT = 30.0
"""Seconds without an answer, or without another byte, after which a download has failed."""


class DownloadSettings(EnvironmentSettings):
    """Where data sets are downloaded from."""

    model_config = SettingsConfigDict(env_prefix="KINDRED_")

    mirror: WebAddress = "https://files.grouplens.org/datasets/movielens"
    """Address of the folder of zips. Any host is safe, because the checksums are pinned."""


def fetch(name: str, *, progress: Progress, trust_checksum: bool = False) -> Path:
    """Return the path of a data set's zip, from the cache or else the network.

    A partial download is kept, and the next one resumes it. With ``trust_checksum`` the certificate
    of the host is not checked.

    Raises SourceError where the download fails, with what to do about it.
    """
    folder = CacheSettings.read().cache / "datasets"
    url = f"{DownloadSettings.read().mirror}/{name}.zip"
    advice = f"fetch {url} by other means, then run `kindred ingest PATH/{name}.zip`"

    def download(_url: str, target: str, _pooch: object) -> None:
        part = folder / f"{name}.zip.part"
        with (
            FileLock(folder / f"{name}.lock", timeout=0),
            _client(advice, trust_checksum) as client,
        ):
            _complete(part, url, client, progress)
            part.replace(target)

    # pooch logs each download as information, in its own words.
    pooch.get_logger().setLevel(logging.ERROR)
    try:
        return Path(
            pooch.retrieve(url, DATASETS[name], f"{name}.zip", path=folder, downloader=download)
        )
    except Timeout:  # an OSError too, but about the lock and not the disk
        raise SourceError(
            f"another process is downloading {name}: wait until it is done, then run this again"
        ) from None
    except httpx.HTTPError as error:
        raise SourceError(_network_message(error, name, advice)) from None
    except OSError as error:
        raise SourceError(
            f"the download folder {folder} cannot be used ({error}): set KINDRED_CACHE to a folder "
            "that can be written and has room"
        ) from None
    except ValueError:
        raise SourceError(
            f"what was downloaded for {name} does not have the pinned checksum: it was damaged, "
            f"changed or tampered with, and is removed; run this again, or {advice}"
        ) from None


def _client(advice: str, trust_checksum: bool) -> httpx.Client:
    try:
        return httpx.Client(verify=not trust_checksum, follow_redirects=True, timeout=TIMEOUT)
    except (OSError, ValueError, ImportError) as error:
        raise SourceError(
            f"no connection can be set up ({error}): mend SSL_CERT_FILE, SSL_CERT_DIR or the proxy "
            f"variables, or {advice}"
        ) from None


def _complete(part: Path, url: str, client: httpx.Client, progress: Progress) -> None:
    """Complete a partial file; start over where the host cannot resume."""
    done = part.stat().st_size if part.exists() else 0
    # Without compression: checksum and position are those of the zip's own bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with client.stream("GET", url, headers=headers) as response:
        if done and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing; the checksum tells whether it is right
        response.raise_for_status()
        # A host that cannot resume sends the file from its start.
        done = done if response.status_code == httpx.codes.PARTIAL_CONTENT else 0
        length = response.headers.get("Content-Length")
        with (
            progress.stage("download", done + int(length) if length else None) as advance,
            part.open("ab" if done else "wb") as stream,
        ):
            advance(done)
            for block in response.iter_raw():
                stream.write(block)
                advance(len(block))


def _network_message(error: httpx.HTTPError, name: str, advice: str) -> str:
    """Explain in one line what failed and what to do about it."""
    reason, *_ = str(error).splitlines() or [type(error).__name__]
    failed = f"{name} cannot be downloaded from {error.request.url.host} ({reason})"
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        advice += ", or add --trust-checksum, which goes by the pinned checksum instead"
    return f"{failed}: run this again, which goes on from what is there, or {advice}"
