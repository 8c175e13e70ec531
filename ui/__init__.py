"""The app: ``ui.launch`` starts it, Streamlit serves ``app/serve.py`` and runs ``app/main.py`` for
each visitor."""

import logging

logging.getLogger(__name__).addHandler(logging.NullHandler())
