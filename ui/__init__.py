"""The app: ``ui.launch`` starts it, ``app/serve.py`` is what is served, ``app/main.py`` is run for
each visitor."""

import logging

logging.getLogger(__name__).addHandler(logging.NullHandler())
