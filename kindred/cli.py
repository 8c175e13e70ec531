"""The ``kindred`` command.

Exit codes: 0 done, 1 failed with one line that says why, 2 wrong usage. With ``--json``, standard
output is one JSON document and nothing else; progress and notices go to standard error.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import traceback
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from kindred import output
from kindred.exposing import check_exposure
from kindred.options import (
    Dial,
    Dislike,
    Exclude,
    Index,
    Json,
    Like,
    Limit,
    Movies,
    Name,
    Raters,
    Seen,
    Since,
    Url,
    User,
    VotesSince,
    profile_for,
    read_opinions,
    read_raters,
    read_years,
)
from recommender import (
    IndexNotFoundError,
    InvalidInputError,
    KindredError,
    MovieFilter,
    RaterFilter,
    Recommender,
    Scale,
    __version__,
)
from recommender.health import Health, check_health
from recommender.logs import configure_logging
from recommender.opinion import parse_scale
from recommender.settings import LogSettings
from recommender.storage.index import IndexStore
from recommender.storage.open_store import choose_store
from ui.launch import ENVIRONMENT, streamlit_command
from ui.settings import AppSettings

if TYPE_CHECKING:
    from ingest import Appended, Report

__all__ = ["app", "main"]

_log = logging.getLogger("kindred")

app = typer.Typer(
    name="kindred",
    help="Movie recommendations from people with your taste, with no model to train.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def ingest(
    source: Annotated[
        str | None,
        typer.Argument(
            help="'sample', a data set such as ml-latest-small, or a folder, zip or file.",
            metavar="SOURCE",
            show_default=False,
        ),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(metavar="LOW:HIGH", help="Scale of the ratings, where it is unusual."),
    ] = None,
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
    shards: Annotated[
        int | None, typer.Option(min=1, max=256, help="Shards of a collection, on a cluster.")
    ] = None,
    replicas: Annotated[
        int | None, typer.Option(min=1, max=16, help="Copies of each shard, on a cluster.")
    ] = None,
    consistency: Annotated[
        int | None,
        typer.Option(min=1, max=16, help="Copies that must take a write; half of them else."),
    ] = None,
    on_disk: Annotated[
        bool,
        typer.Option("--on-disk", help="A server keeps the index on disk: slower, in less memory."),
    ] = False,
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Make an index of ratings; a running app or program switches to it by itself."""
    if (source is None) != rollback:
        raise typer.BadParameter("give either the SOURCE of the ratings or --rollback")
    given = (scale, shards, replicas, consistency)
    if append and (rollback or on_disk or any(option is not None for option in given)):
        raise typer.BadParameter("--append changes neither scale nor layout: leave them out")
    _clean_up_when_stopped()
    store = choose_store(
        index,
        url=url,
        name=name,
        shards=shards,
        replicas=replicas,
        consistency=consistency,
        on_disk=on_disk or None,
    )
    with closing(store):
        if source is None:
            output.print_rollback(store.rollback(), store.place, as_json=as_json)
            return
        chosen = parse_scale(scale) if scale is not None else None
        report: Report
        changed: int | None = None
        if append:
            appended = _append(store, source, trust_checksum)
            report, changed = appended, appended.changed
        else:
            report = _ingest(store, source, chosen, trust_checksum)
    if as_json:
        output.print_json(report.model_dump())
        return
    with _open(index, url, name) as rec:
        output.print_report(report, rec.stats(), changed)


@app.command()
def forget(
    users: Annotated[
        list[str], typer.Argument(metavar="USER...", help="Ids of users of the source.")
    ],
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Take people out of the index for good: their ratings, and what was counted of them."""
    # Imported here, because reading files would slow the start of every other command.
    from ingest import on_stderr  # noqa: PLC0415 - slow to import
    from ingest.update.forget import forget_into  # noqa: PLC0415 - slow to import

    _clean_up_when_stopped()
    with closing(choose_store(index, url=url, name=name)) as store:
        report = forget_into(store, users, on_stderr())
        place = store.place
    output.print_forgotten(report, place, as_json=as_json)


@app.command()
def recommend(
    like: Like = [],
    dislike: Dislike = [],
    seen: Seen = [],
    user: User = None,
    limit: Limit = 10,
    genre: Annotated[Movies, typer.Option(help="Only movies of this genre.")] = [],
    not_genre: Annotated[Movies, typer.Option(help="No movies of this genre.")] = [],
    years: Annotated[
        str | None, typer.Option(metavar="FIRST:LAST", help="Only movies of these years.")
    ] = None,
    min_ratings: Annotated[int, typer.Option(help="Only movies rated this often.")] = 0,
    adventurous: Dial = None,
    exclude: Exclude = [],
    tag: Annotated[Movies, typer.Option(help="Only movies with this tag.")] = [],
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only movies with this in the title.")
    ] = None,
    since: Since = None,
    votes_since: VotesSince = None,
    rater: Raters = [],
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Recommend movies. MOVIE is an id, imdb:tt0133093, tmdb:603, or an exact title."""
    opinions = read_opinions(like, dislike, seen, user)
    with _open(index, url, name) as rec:
        top = rec.recommend(
            profile_for(rec, opinions, user),
            limit=limit,
            movies=MovieFilter(
                genres=genre or None,
                exclude_genres=not_genre or None,
                years=read_years(years),
                min_ratings=min_ratings,
                exclude=exclude,
                tags=tag or None,
                title=title,
            ),
            adventurous=adventurous,
            raters=RaterFilter(
                active_since=since, votes_since=votes_since, attributes=read_raters(rater)
            ),
        )
        output.print_recommendations(top, rec, as_json=as_json)


@app.command()
def rows(
    like: Like = [],
    dislike: Dislike = [],
    seen: Seen = [],
    user: User = None,
    limit: Limit = 10,
    exclude: Exclude = [],
    since: Since = None,
    votes_since: VotesSince = None,
    rater: Raters = [],
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Show themed rows: top picks, popular, trending, classics, hidden gems, more like ..."""
    opinions = read_opinions(like, dislike, seen, user)
    with _open(index, url, name) as rec:
        found = rec.rows(
            profile_for(rec, opinions, user),
            limit=limit,
            movies=MovieFilter(exclude=exclude),
            raters=RaterFilter(
                active_since=since, votes_since=votes_since, attributes=read_raters(rater)
            ),
        )
        output.print_rows(found, as_json=as_json)


@app.command()
def predict(
    movies: Annotated[Movies, typer.Argument(metavar="MOVIE...", help="Movies to predict.")],
    like: Like = [],
    dislike: Dislike = [],
    seen: Seen = [],
    user: User = None,
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Predict how many stars you would give movies, from what you say of others."""
    opinions = read_opinions(like, dislike, seen, user)
    with _open(index, url, name) as rec:
        predictions = rec.predict_many(profile_for(rec, opinions, user), movies)
    output.print_predictions(predictions, as_json=as_json)


@app.command()
def explain(
    movie: Annotated[str, typer.Argument(metavar="MOVIE", help="An id or an exact title.")],
    like: Like = [],
    dislike: Dislike = [],
    seen: Seen = [],
    user: User = None,
    adventurous: Dial = None,
    since: Since = None,
    votes_since: VotesSince = None,
    rater: Raters = [],
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Show the whole calculation of a movie's score: who votes, how much, and because of what."""
    opinions = read_opinions(like, dislike, seen, user)
    with _open(index, url, name) as rec:
        explanation = rec.explain(
            profile_for(rec, opinions, user),
            movie,
            adventurous=adventurous,
            raters=RaterFilter(
                active_since=since, votes_since=votes_since, attributes=read_raters(rater)
            ),
        )
    output.print_explanation(explanation, as_json=as_json)


@app.command()
def similar(
    movie: Annotated[str, typer.Argument(metavar="MOVIE", help="An id or an exact title.")],
    limit: Limit = 10,
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """List movies that the same people rate above and below expectation."""
    with _open(index, url, name) as rec:
        top = rec.similar(movie, limit=limit)
    output.print_similar(top, as_json=as_json)


@app.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TITLE", help="Part of a title, typos allowed.")],
    limit: Limit = 10,
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Find movies and their ids by title."""
    with _open(index, url, name) as rec:
        movies = rec.search(text, limit=limit)
    output.print_movies(movies, as_json=as_json)


@app.command()
def info(
    verify: Annotated[
        bool, typer.Option("--verify", help="Check every byte first; fail where one is wrong.")
    ] = False,
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Show what is in the index, where it comes from, and how it is stored."""
    verified: tuple[str, ...] = ()
    if verify:
        with closing(choose_store(index, url=url, name=name)) as store:
            verified = store.verify()
    with _open(index, url, name) as rec:
        stats, storage = rec.stats(), rec.storage()
    output.print_stats(stats, storage, verified, as_json=as_json)


@app.command()
def health(
    timeout: Annotated[
        float, typer.Option(min=0.1, max=600, metavar="SECONDS", help="Give up after so long.")
    ] = 10,
    index: Index = None,
    url: Url = None,
    name: Name = None,
    as_json: Json = False,
) -> None:
    """Ask the index a real question: exit code 0 where the answer is right, 1 with the reason."""

    def ask() -> None:
        try:
            with _open(index, url, name) as rec:
                told.append(check_health(rec))
        except Exception as problem:
            told.append(problem)

    told: list[Health | Exception] = []
    # A thread, because neither a disk nor a library that hangs lets itself be interrupted.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    if not told:
        _say(f"the index does not answer within {timeout:g} seconds")
        sys.stderr.flush()
        os._exit(1)
    if isinstance(told[0], Exception):
        raise told[0]
    output.print_health(told[0], as_json=as_json)


@app.command()
def evaluate(
    source: Annotated[str, typer.Argument(help="As for ingest.", metavar="SOURCE")],
    stars: Annotated[
        bool,
        typer.Option("--stars", help="Compare predicted stars, of all ratings, instead of lists."),
    ] = False,
    methods: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these methods, and Kindred.")
    ] = None,
    lengths: Annotated[
        str, typer.Option(metavar="N,P%", help="Ratings a person gives, or parts of theirs.")
    ] = "3,5,10,20,50,80%",
    splits: Annotated[
        int, typer.Option(min=1, max=6, help="Groups of 15 % of the people to hold out in turn.")
    ] = 1,
    people: Annotated[
        int, typer.Option(min=1, help="At most so many of each group are asked.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Draws other people and ratings.")] = 0,
    scale: Annotated[
        str | None,
        typer.Option(metavar="LOW:HIGH", help="Scale of the ratings, where it is unusual."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw the result there.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare Kindred with other methods on people that it has not seen."""
    # Imported here, because reading files would slow the start of every other command.
    from ingest import on_stderr  # noqa: PLC0415 - slow to import
    from kindred import evaluation  # noqa: PLC0415 - likewise

    quality = evaluation.evaluate(
        source,
        stars=stars,
        methods=methods,
        lengths=lengths,
        splits=splits,
        people=people,
        seed=seed,
        scale=parse_scale(scale) if scale is not None else None,
        picture=picture,
        progress=on_stderr(),
    )
    if as_json:
        output.print_json(quality.model_dump())
    else:
        evaluation.print_quality(quality)


@app.command()
def ui(
    index: Index = None,
    url: Url = None,
    name: Name = None,
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
    argv = streamlit_command(port=port, browser=browser, host=host, public=public)
    with closing(choose_store(index, url=url, name=name)) as store:
        check_exposure(AppSettings.read(host=host, public=public), store)
    if sample:
        try:
            _open(index, url, name).close()
        except IndexNotFoundError:
            with closing(choose_store(index, url=url, name=name)) as store:
                _ingest(store, "sample")
    environment = ENVIRONMENT | os.environ
    if index is not None or url is not None:
        # What is given comes before the environment, and the app reads nothing else.
        environment.pop("KINDRED_INDEX", None)
        environment.pop("QDRANT_URL", None)
    given = {"KINDRED_INDEX": index and index.absolute(), "QDRANT_URL": url, "QDRANT_NAME": name}
    environment |= {variable: str(value) for variable, value in given.items() if value is not None}
    if os.name == "posix":
        os.execve(argv[0], argv, environment)  # noqa: S606 - our own command, no shell
    raise typer.Exit(subprocess.call(argv, env=environment))  # noqa: S603 - likewise


def _open(index: Path | None, url: str | None, name: str | None) -> Recommender:
    return Recommender(choose_store(index, url=url, name=name))


def _clean_up_when_stopped() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _append(store: IndexStore, source: str, trust_checksum: bool) -> Appended:
    from ingest import on_stderr  # noqa: PLC0415 - slow to import
    from ingest.update.append import append_into  # noqa: PLC0415 - slow to import

    return append_into(store, source, on_stderr(), trust_checksum)


def _ingest(
    store: IndexStore, source: str, scale: Scale | None = None, trust_checksum: bool = False
) -> Report:
    # Imported here, because reading files would slow the start of every other command.
    from ingest import on_stderr  # noqa: PLC0415 - slow to import
    from ingest.pipeline import ingest_into  # noqa: PLC0415 - slow to import

    return ingest_into(store, source, scale, on_stderr(), trust_checksum)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"kindred {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def _say(line: str) -> None:
    """Say what failed, in the form of all that is logged."""
    line = " ".join(line.split())
    with suppress(InvalidInputError):  # the setting may be what is wrong
        if LogSettings.read().log == "json":
            _log.error(line)
            return
    print("error:", line, file=sys.stderr)


def _fail(line: str) -> NoReturn:
    _say(line)
    sys.exit(1)


def main() -> None:
    """Run the command; every failure ends in one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # Titles hold every script there is, whatever the terminal's encoding.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        configure_logging()
        app()
    except KindredError as error:
        _fail(str(error))
    except BrokenPipeError:
        # Whoever read our output stopped reading, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        _fail("there is not enough memory for this: free some, or use a larger machine")
    except Exception as error:  # the last line of defence: no traceback reaches a user
        at = traceback.extract_tb(error.__traceback__)[-1]
        _fail(
            f"unexpected {type(error).__name__}: {error} (at {Path(at.filename).name}:{at.lineno})"
            "; please report this line"
        )
