"""The commands that make an index, change it, look after it, and open the app on it.

The docstring of each function is what ``--help`` says of its command. Reading ratings takes
libraries that are slow to import: whoever needs ``ingest`` imports it as the command runs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kindred import management_output as output
from kindred.exposure import check_exposure
from kindred.options import (
    ColumnsOption,
    DatesOption,
    IndexOptions,
    Json,
    ScaleOption,
    read_columns,
    read_scale,
)
from kindred.output import print_json, print_note
from recommender import IndexNotFoundError
from recommender.health import check_health
from recommender.storage.index import IndexStore
from ui.launch import ENVIRONMENT, choose_port, remember_port, streamlit_command
from ui.settings import AppSettings

if TYPE_CHECKING:
    from ingest import Reading, Report

__all__ = ["exit_when_terminated", "forget", "health", "info", "ingest", "ui"]

_COLUMNS = ("user", "movie", "rating", "time")


@dataclass(frozen=True)
class LayoutOptions:
    """How a server lays out the collections of a new version."""

    shards: Annotated[
        int | None, typer.Option(min=1, max=256, help="Shards of a collection, on a cluster.")
    ] = None
    replicas: Annotated[
        int | None, typer.Option(min=1, max=16, help="Copies of each shard, on a cluster.")
    ] = None
    consistency: Annotated[
        int | None,
        typer.Option(min=1, max=16, help="Copies that must take a write; half of them else."),
    ] = None
    on_disk: Annotated[
        bool,
        typer.Option("--on-disk", help="A server keeps the index on disk: slower, in less memory."),
    ] = False


def ingest(
    *,
    source: Annotated[
        list[str] | None,
        typer.Argument(
            help="'sample', a data set such as ml-latest-small, or a folder, zip or file; or files "
            "that belong together.",
            metavar="SOURCE",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Show how it is understood, and write nothing.")
    ] = False,
    scale: ScaleOption = None,
    columns: ColumnsOption = None,
    dates: DatesOption = None,
    trust_checksum: Annotated[
        bool,
        typer.Option(
            "--trust-checksum",
            help="Download though the certificate is no good: the pinned checksum decides.",
        ),
    ] = False,
    append: Annotated[
        bool, typer.Option("--append", help="Add the ratings to those that are there.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Instead, go back to the version before.")
    ] = False,
    layout: LayoutOptions,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Make an index of ratings; a running app or program switches to it by itself."""
    if (not source) != rollback:
        raise typer.BadParameter("give either the SOURCE of the ratings or --rollback")
    if append and (rollback or scale is not None or layout != LayoutOptions()):
        raise typer.BadParameter("--append changes neither scale nor layout: leave them out")
    if check and rollback:
        raise typer.BadParameter("--check is for a SOURCE")
    exit_when_terminated()
    named = read_columns(columns, _COLUMNS, "user=Cust_Id,movie=Movie_Id,rating=Stars")
    given: dict[str, Any] = {"columns": named, "dates": dates}
    given |= {"trust_checksum": trust_checksum} | ({} if append else {"scale": read_scale(scale)})
    # Several paths are files of one source.
    what = source[0] if source and len(source) == 1 else source or ""
    if check and not append:
        output.print_reading(_check(what, given), as_json=as_json)
        return
    # Unless given, the layout is what the environment says: False would come before that.
    options = asdict(layout) | {"on_disk": layout.on_disk or None}
    with closing(index.store(**options)) as store:
        if not source:
            output.print_rollback(store.rollback(), store.place, as_json=as_json)
            return
        if check:
            output.print_reading(_check(what, given, append_to=store), as_json=as_json)
            return
        report = _ingest(store, what, append=append, **given)
    if as_json:
        print_json(report.model_dump())
        return
    with index.open() as rec:
        output.print_report(report, rec.stats())


def _check(
    source: str | list[str], given: dict[str, Any], append_to: IndexStore | None = None
) -> Reading:
    import ingest as library  # noqa: PLC0415 - slow to import

    return library.check(source, append_to=append_to, progress=library.on_stderr(), **given)


def _ingest(
    store: IndexStore, source: str | list[str], *, append: bool = False, **options: Any
) -> Report:
    import ingest as library  # noqa: PLC0415 - slow to import

    write = library.append if append else library.ingest
    return write(source, index=store, progress=library.on_stderr(), **options)


def exit_when_terminated() -> None:
    """End by an exception when asked to end, so that what was begun is removed on the way."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def forget(
    *,
    users: Annotated[
        list[str], typer.Argument(metavar="USER...", help="Ids of users of the source.")
    ],
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Take people out of the index for good: their ratings, and what was counted of them."""
    from ingest import forget, on_stderr  # noqa: PLC0415 - slow to import

    exit_when_terminated()
    with closing(index.store()) as store:
        report = forget(users, index=store, progress=on_stderr())
        place = store.place
    output.print_forgotten(report, place, as_json=as_json)


def info(
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check every byte first; fail where one is wrong.")
    ] = False,
    index: IndexOptions,
    as_json: Json = False,
) -> None:
    """Show what is in the index, where it comes from, and how it is stored."""
    verified: tuple[str, ...] = ()
    if verify:
        # Through the store, because an index that is damaged may not let itself be opened.
        with closing(index.store()) as store:
            verified = store.verify()
    with index.open() as rec:
        stats, storage = rec.stats(), rec.storage()
    output.print_stats(stats, storage, verified, as_json=as_json)


def health(*, index: IndexOptions, as_json: Json = False) -> None:
    """Ask the index a real question: exit code 0 where the answer is right, 1 with the reason."""
    with index.open() as rec:
        output.print_health(check_health(rec), as_json=as_json)


def ui(
    *,
    index: IndexOptions,
    host: Annotated[
        str | None,
        typer.Option(metavar="IP", help="Listen there; otherwise $KINDRED_HOST, or 127.0.0.1."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Port; otherwise $KINDRED_PORT, or 8501 or the next free one."
        ),
    ] = None,
    public: Annotated[
        str | None,
        typer.Option(
            metavar="NOTE",
            help="What stands before an app that others can reach; otherwise $KINDRED_PUBLIC.",
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    sample: Annotated[
        bool, typer.Option("--sample", help="Ingest the sample first if there is no index.")
    ] = False,
) -> None:
    """Open the app in a browser; on this computer only, unless --host says otherwise."""
    app = AppSettings.read(host=host, port=port, public=public)
    port = choose_port(app)
    argv = streamlit_command(port=port, browser=browser, host=host, public=public)
    with closing(index.store()) as store:
        check_exposure(app, store)
    if sample:
        try:
            index.open().close()
        except IndexNotFoundError:
            with closing(index.store()) as store:
                _ingest(store, "sample")
    if (last := remember_port(port)) not in (None, port):
        print_note(
            f"the app is at port {port}, and was at {last} the last time: what a browser has kept "
            "for it is found only where it was"
        )
    environment = _app_environment(index) | {"KINDRED_HOST": str(app.host)}
    if os.name == "posix":
        # In this process's place, so that whoever ends it ends the app.
        os.execve(argv[0], argv, environment)  # noqa: S606 - our own command, no shell
    raise typer.Exit(subprocess.call(argv, env=environment))  # noqa: S603 - likewise


def _app_environment(options: IndexOptions) -> dict[str, str]:
    """Tell the app which index to open, by the environment: it reads nothing else."""
    environment = ENVIRONMENT | os.environ
    if options.index is not None or options.url is not None:
        # What is given comes before the environment, where a folder and a URL are an error.
        environment.pop("KINDRED_INDEX", None)
        environment.pop("QDRANT_URL", None)
    given = {
        "KINDRED_INDEX": options.index and options.index.absolute(),
        "QDRANT_URL": options.url,
        "QDRANT_NAME": options.name,
    }
    return environment | {key: str(value) for key, value in given.items() if value is not None}
