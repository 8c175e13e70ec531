"""The app: ``ui.launch`` starts it, ``serve.py`` is what is served, ``app.py`` draws its page.

Streamlit puts this folder on ``sys.path``, so no module here may be named like one of the
standard library's (``profile``, ``html``, ``select``, …).
"""

import logging

logging.getLogger(__name__).addHandler(logging.NullHandler())
