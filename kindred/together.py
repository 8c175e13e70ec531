"""``kindred recommend --together``: who watches together, and what is printed for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from kindred.output import (
    SYNTHETIC,
    add_row,
    movie_document,
    new_table,
    plain,
    print_json,
    print_note,
    print_table,
    stars_text,
)
from kindred.profile_file import read_profile
from kindred.question_output import number, reasons
from recommender import GroupRecommendations, InvalidInputError, Profile, Recommender
from recommender.group_results import GroupRecommendation, Member
from ui.state import link

__all__ = ["TogetherOptions", "print_together"]


@dataclass(frozen=True, kw_only=True)
class TogetherOptions:
    """People who watch together, each by what they said of movies."""

    people: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|LINK",
            show_default=False,
            help="With --together: a file for each person, as for --profile, or a link that the "
            "app made, of one person or of several.",
        ),
    ]
    together: Annotated[
        bool,
        typer.Option("--together", help="For two to eight people who watch together."),
    ] = False
    rewatch: Annotated[
        bool,
        typer.Option("--rewatch", help="With --together: also what some of them have seen."),
    ] = False

    def check(self, *, others: bool) -> None:
        """Refuse options that do not go together; ``others`` is whether any is for one person."""
        if not self.together:
            if self.people or self.rewatch:
                what = f"'{self.people[0]}'" if self.people else "--rewatch"
                raise typer.BadParameter(
                    f"{what} is for people who watch together: add --together; for one person "
                    "give --like, --profile or --user"
                )
        elif others:
            raise typer.BadParameter(
                "--together takes a file or a link for each person, and none of --like, --dislike, "
                "--seen, --user, --profile, --diversity"
            )

    def read(self, rec: Recommender) -> dict[str, Profile]:
        """Read the people by name: that in a link, or of a file without its ending.

        Raises InvalidInputError where a file or a link cannot be used.
        """
        found: dict[str, Profile] = {}
        for given in self.people:
            code = link.code_in(given)
            if code == given.strip():
                file = Path(given)
                name = link.plain_name(file.stem)[: link.LONGEST_NAME].strip() or "somebody"
                found[_free(name, found)] = read_profile(file, rec)
                continue
            entries = (
                link.decode_group(code, rec)
                if link.is_group(code)
                else [link.Entry("link", link.decode(code, rec))]
            )
            for name, opened in entries:
                if opened.notice and not opened.profile.films:
                    raise InvalidInputError(f"{name}: {opened.notice.rstrip('.')}")
                if opened.notice:
                    print_note(f"{name}: {opened.notice}")
                found[_free(name, found)] = opened.profile
        if not 2 <= len(found) <= link.MOST_PEOPLE:
            raise InvalidInputError(
                f"two to {link.MOST_PEOPLE} people can watch together, and these are {len(found)}: "
                "give a file or a link for each"
            )
        return found


def _free(name: str, taken: dict[str, Profile]) -> str:
    """Number a name that is taken: ``Ana 2``."""
    names = (name, *(f"{name} {number}" for number in range(2, len(taken) + 3)))
    return next(one for one in names if one not in taken)


def print_together(top: GroupRecommendations, rec: Recommender, *, as_json: bool) -> None:
    """Print a list with place, stars and the largest reason of each person; all of it as JSON."""
    if as_json:
        print_json(
            {
                "fallback": top.fallback,
                "people": [
                    {"name": name, "neighbours": found} for name, found in top.neighbours.items()
                ],
                "recommendations": [_row(row) for row in top],
            }
        )
        return
    if not top:
        print("No movie is left that nobody has seen or dislikes, and that passes the filters.")
        return
    if top.fallback:
        print("Nobody kindred was found for any of them, so this is what everyone likes.\n")
        table = new_table("", "id", "movie", right=["", "id"])
        for row in top:
            add_row(table, row.rank, row.movie.movie_id, row.movie)
        print_table(table)
        return
    for name, found in top.neighbours.items():
        if not found:
            print_note(f"{name} does not count: no kindred raters were found")
    print("With the place in each one's own list, predicted stars, and the largest reason:\n")
    table = new_table("", "id", "movie", right=["", "id"])
    for name in top.neighbours:
        table.add_column(plain(name), no_wrap=True, max_width=30)
    table.add_column("likes it least")
    for row in top:
        least = "\n".join(member.name for member in row.least)
        cells = map(_cell, row.members)
        add_row(table, row.rank, row.movie.movie_id, row.movie, *cells, least)
    print_table(table)
    if rec.stats().source.synthetic:
        print(f"\n{SYNTHETIC}")


def _cell(member: Member) -> str:
    if member.seen:
        return "seen"
    if member.place is None:
        return "-"
    stars = stars_text(member.prediction.stars) if member.prediction else ""
    first = member.because[0]
    return f"no. {member.place:,}  {stars}\n{first.share:.0%} {first.movie.title}"


def _row(row: GroupRecommendation) -> dict[str, Any]:
    return {
        "rank": row.rank,
        **movie_document(row.movie),
        "score": number(row.score),
        "least": [member.name for member in row.least],
        "members": [_member(member) for member in row.members],
    }


def _member(member: Member) -> dict[str, Any]:
    """One person as JSON, with the five largest reasons and the share of all others."""
    found = member.prediction
    return {
        "name": member.name,
        "place": member.place,
        "worth": number(member.worth),
        "share": round(member.share, 6),
        "seen": member.seen,
        "predicted_rating": found and number(found.stars),
        "predicted_low": found and number(found.low),
        "predicted_high": found and number(found.high),
        "supporters": member.supporters,
        **reasons(member.because, round(member.share, 6)),
        "by_genre": round(member.by_genre, 6),
    }
