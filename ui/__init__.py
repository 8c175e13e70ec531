"""The app: ``ui.launch`` starts it, ``app.py`` is what Streamlit runs.

Streamlit puts this folder on ``sys.path``, so no module here may be named like one of the
standard library's (``profile``, ``html``, ``select``, …).
"""
