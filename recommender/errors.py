"""Every error Kindred raises, in one place.

::

    KindredError
    ├── InvalidInputError         a value the caller gave cannot be used
    │   ├── UnknownMovieError     no movie has that id or title
    │   ├── AmbiguousMovieError   several movies share that title
    │   └── UnknownUserError      no stored rater has that id
    ├── SourceError               a ratings source cannot be read
    │   └── UnknownFileError      it holds something else
    └── IndexProblem              the index cannot be used
        ├── IndexNotFoundError    there is none (yet)
        ├── IndexBusyError        another ingest is writing it
        ├── IndexFormatError      it was made by another version of Kindred
        ├── IndexDamagedError     files are missing or were changed
        ├── VersionGoneError      the version asked was replaced twice meanwhile
        └── EngineError           Qdrant failed at a call
            └── EngineUnavailableError  for the moment: it may work later

One warning, :class:`MovieIdWarning`, is no error: a question is answered all the same.

Every message is one line: what was wrong, with which value, and what to do next.
"""

__all__ = [
    "AmbiguousMovieError",
    "EngineError",
    "EngineUnavailableError",
    "IndexBusyError",
    "IndexDamagedError",
    "IndexFormatError",
    "IndexNotFoundError",
    "IndexProblem",
    "InvalidInputError",
    "KindredError",
    "MovieIdWarning",
    "SourceError",
    "UnknownFileError",
    "UnknownMovieError",
    "UnknownUserError",
    "VersionGoneError",
]


# Characters of a message that are shown. It may quote a file or a request, which can be endless:
# the beginning says what was wrong, and the end what to do next.
_BEGINNING, _END = 1_000, 500


class KindredError(Exception):
    """Base of everything Kindred raises on purpose."""

    def __str__(self) -> str:
        text = super().__str__()
        if len(text) > _BEGINNING + _END:
            text = f"{text[:_BEGINNING]} ... {text[-_END:]}"
        plain = (" " if char.isspace() else char for char in text)
        return "".join(char if char.isprintable() else "?" for char in plain)


class InvalidInputError(KindredError, ValueError):
    """A value given by the caller cannot be used."""


class UnknownMovieError(InvalidInputError):
    """No movie in the index has that id or title."""


class AmbiguousMovieError(InvalidInputError):
    """Several movies in the index share that title."""


class UnknownUserError(InvalidInputError):
    """No stored rater has that id."""


class SourceError(KindredError):
    """A ratings source cannot be read."""


class UnknownFileError(SourceError):
    """A file holds something else than ratings, as far as can be told."""


class IndexProblem(KindredError):  # noqa: N818 - a family; its members are the errors
    """The index cannot be used."""


class IndexNotFoundError(IndexProblem):
    """There is no index at that place."""


class IndexBusyError(IndexProblem):
    """Another process is writing this index."""


class IndexFormatError(IndexProblem):
    """The index was made by a Kindred whose format this one does not read."""


class IndexDamagedError(IndexProblem):
    """Files of the index are missing or not as they were written."""


class EngineError(IndexProblem):
    """A call to the vector engine failed."""


class EngineUnavailableError(EngineError):
    """Qdrant could not be reached, or was too busy; another try may succeed."""

    def __init__(self, *arguments: object, after: float = 0.0) -> None:
        super().__init__(*arguments)
        self.after = after
        """Seconds after which Qdrant asks to be asked again; 0 where it does not say."""


class VersionGoneError(IndexProblem):
    """The version being asked was replaced and deleted meanwhile: ask again."""


class MovieIdWarning(UserWarning):
    """Numbers of a profile are ids here, and may have been meant as something else."""
