"""How good Kindred and other methods are, on anybody's ratings.

::

    from kindred.evaluation import compare, evaluate

    quality = evaluate("ml-latest-small", methods=["ease", "popular"])
    quality.to_frame()                   # every figure, with its interval
    quality.plot()                       # an Altair chart
    compare(quality, against="ease")     # differences over the same people

:func:`evaluate` compares methods on a source and returns a
:class:`recommender.quality.result.Quality`. There are three comparisons: of lists (``ranking``), on
people whom no method has seen, of lists for several of them (``together``), and of predicted stars
(``stars``), on ratings that no method has seen.

The modules, in the order in which they work:

- ``pipeline``: all steps, from a source to the result;
- ``held_out``, ``questions``: who or what is held out, what people say, and what would be a right
  answer;
- ``training_data``: the ratings of everybody else, as sparse matrices;
- ``methods``: Kindred and the others;
- ``metrics``: measuring their lists;
- ``resuming``: keeping finished steps, so that an interrupted evaluation goes on;
- ``tuning``: trying each method's settings, and comparing all by the best one for each figure;
- ``ranking``, ``packs``: comparing lists for people, and for sets of films that belong together;
- ``together``: the same for people who watch together;
- ``stars``, ``processes``: comparing predicted stars, several folds at once;
- ``person``: the methods of the field's tutorials, asked for one person (:func:`ask`);
- ``comparison``: intervals, leads and differences;
- ``report``: the tables that are printed.
"""

from kindred.evaluation.comparison import Comparison, Difference, compare
from kindred.evaluation.person.answers import Answer, SideBySide
from kindred.evaluation.person.asking import ask, ask_all
from kindred.evaluation.pipeline import evaluate
from recommender.quality.result import METRICS, Figure, Interval, Quality

__all__ = [
    "METRICS",
    "Answer",
    "Comparison",
    "Difference",
    "Figure",
    "Interval",
    "Quality",
    "SideBySide",
    "ask",
    "ask_all",
    "compare",
    "evaluate",
]
