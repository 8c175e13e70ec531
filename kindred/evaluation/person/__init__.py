"""Asking the methods of the field's tutorials for one person, beside Kindred, on an index.

- ``scan``: the ratings of everybody else, read out of the index, and what the person said;
- ``predictions``: stars by the textbooks' formulas, each movie predicted without itself;
- ``answers``: what a method lists and predicts, alone and side by side;
- ``asking``: :func:`ask` and :func:`ask_all`;
- ``report``: the tables that are printed, and the document.
"""
