"""The methods that an evaluation compares: Kindred, and what others do.

- ``method``: what a method is, and how it names its settings;
- ``choice``: which there are, and which of them can run;
- ``kindred``, ``neighbours``, ``matrices``: the methods that make lists;
- ``predictors``, ``similarity``: those that predict stars.
"""
