"""Download MovieLens data sets by name, once, and check them against pinned checksums."""

from __future__ import annotations

import errno
import logging
import shutil
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pooch
from filelock import FileLock, Timeout
from pydantic_settings import SettingsConfigDict

from ingest.progress import Progress
from recommender.errors import SourceError
from recommender.settings import CacheSettings, EnvironmentSettings, WebAddress

__all__ = ["CITATION", "DATASETS", "LICENCE", "DownloadSettings", "fetch"]

LICENCE = "MovieLens data: for research, not for commercial use without permission; see its README"
CITATION = (
    "F. M. Harper and J. A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM TiiS 5(4):19. https://doi.org/10.1145/2827872"
)
CONNECT_TIMEOUT = 10.0
"""Seconds within which the host must answer."""
READ_TIMEOUT = 30.0
"""Seconds without a byte after which a download has stalled."""

# By error code of OpenSSL: X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH.
_CERTIFICATE_ERRORS = {10: "has expired", 62: "is for another host", 64: "is for another host"}


DATASETS: dict[str, tuple[str, int | None]] = {
    "ml-latest-small": (
        "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
        978_202,
    ),
    "ml-100k": ("50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229", 4_924_029),
    "ml-1m": ("a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20", 5_917_549),
    "ml-10m": ("md5:ce571fd55effeba0271552578f2648bd", None),
    "ml-20m": ("96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3", 198_702_078),
    "ml-25m": ("8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa", 261_978_986),
    "ml-32m": ("md5:d472be332d4daa821edc399621853b57", 238_950_008),
}
"""By name: checksum of the zip (SHA-256 unless marked as MD5), and its bytes where known."""


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
    checksum, size = DATASETS[name]
    folder = CacheSettings.read().cache / "datasets"
    part = folder / f"{name}.zip.part"
    url = f"{DownloadSettings.read().mirror}/{name}.zip"
    advice = f"fetch {url} by other means, then run `kindred ingest PATH/{name}.zip`"

    def download(_url: str, target: str, _pooch: object) -> None:
        with (
            FileLock(folder / f"{name}.lock", timeout=0),
            _client(url, advice, trust_checksum) as client,
        ):
            _complete(part, url, size, client, progress)
            part.replace(target)

    # pooch logs each download as information, in its own words.
    pooch.get_logger().setLevel(logging.ERROR)
    try:
        found = pooch.retrieve(url, checksum, f"{name}.zip", path=folder, downloader=download)
    except Timeout:  # an OSError too, but about the lock and not the disk
        raise SourceError(
            f"another process is downloading {name}: wait until it is done, then run this again"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise SourceError(_network_message(error, url, _size(part), advice)) from None
    except OSError as error:
        # pooch raises an error without a reason in place of the system's, which is its cause.
        reason = error.strerror or getattr(error.__cause__, "strerror", None) or error
        raise SourceError(
            f"the download folder {folder} cannot be used ({reason}): set KINDRED_CACHE to a "
            "folder that can be written"
        ) from None
    except ValueError:
        raise SourceError(
            f"what {urlsplit(url).hostname} sent for {name} does not have the pinned checksum: it "
            f"was damaged, changed or tampered with, and is removed; run this again, or {advice}"
        ) from None
    return Path(found)


def _client(url: str, advice: str, trust_checksum: bool) -> httpx.Client:
    def refuse_plain_redirect(request: httpx.Request) -> None:
        if urlsplit(url).scheme == "https" and request.url.scheme != "https":
            raise SourceError(
                f"{urlsplit(url).hostname} redirects to {request.url}, which is not encrypted: "
                f"that is not followed; {advice}"
            )

    try:
        return httpx.Client(
            verify=not trust_checksum,
            follow_redirects=True,
            timeout=httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT),
            event_hooks={"request": [refuse_plain_redirect]},
        )
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        raise SourceError(
            f"no connection can be set up ({error}): mend SSL_CERT_FILE, SSL_CERT_DIR or the proxy "
            f"variables, or {advice}"
        ) from None


def _complete(
    part: Path, url: str, size: int | None, client: httpx.Client, progress: Progress
) -> None:
    """Complete a partial file; start over where the host cannot resume."""
    done = _size(part)
    if done == size:
        return  # complete; the checksum tells whether it is right
    # Without compression: checksum and position are those of the zip's own bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with client.stream("GET", url, headers=headers) as response:
        resumes = response.headers.get("Content-Range", "").startswith(f"bytes {done}-")
        # 206 with another range, or 416: the partial file does not fit what the host has.
        restart = done and response.status_code in (206, 416) and not resumes
        if not restart:
            response.raise_for_status()
            # A host that answers 200 sends the file from its start.
            done = done if response.status_code == 206 else 0
            length = response.headers.get("Content-Length")
            total = done + int(length) if length else size
            if total and shutil.disk_usage(part.parent).free < total - done:
                raise _disk_full(part, total)
            try:
                with (
                    progress.stage("download", total) as advance,
                    part.open("ab" if done else "wb") as stream,
                ):
                    advance(done)
                    for block in response.iter_raw():
                        stream.write(block)
                        advance(len(block))
            except OSError as error:
                raise (_disk_full(part, total) if error.errno == errno.ENOSPC else error) from None
    if restart:
        part.unlink()
        _complete(part, url, size, client, progress)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _disk_full(part: Path, total: int | None) -> SourceError:
    missing = total and total - _size(part)
    return SourceError(
        f"the download needs {f'{missing:,}' if missing else 'some'} more bytes, and "
        f"{shutil.disk_usage(part.parent).free:,} are free in {part.parent}: free some, or set "
        "KINDRED_CACHE to a folder on another disk"
    )


def _network_message(error: Exception, url: str, done: int, advice: str) -> str:
    """Explain in one line what failed and what to do about it."""
    # The host that failed may be one that the first redirected to.
    host = error.request.url.host if isinstance(error, httpx.HTTPError) else urlsplit(url).hostname
    again = f"{done:,} bytes are kept, and running this again goes on from there; or {advice}"
    match error:
        case httpx.HTTPStatusError(response=response):
            return f"{host} answered {response.status_code} {response.reason_phrase}: {advice}"
        case httpx.ConnectTimeout():
            return f"{host} did not answer within {CONNECT_TIMEOUT:g} seconds: {advice}"
        case httpx.TimeoutException():
            return f"{host} sent nothing for {READ_TIMEOUT:g} seconds: {again}"
        case httpx.ReadError() | httpx.WriteError() | httpx.RemoteProtocolError():
            return f"the connection to {host} was cut: {again}"
    # httpx wraps the system's error, which has the reason, in several of its own.
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        untrusted = f"is not trusted ({cause.verify_message})"
        return (
            f"the certificate of {host} {_CERTIFICATE_ERRORS.get(cause.verify_code, untrusted)}: "
            f"{advice}, or add --trust-checksum, which goes by the pinned checksum instead of the "
            "certificate"
        )
    return f"{host} cannot be reached ({(cause and cause.strerror) or error}): {advice}"
