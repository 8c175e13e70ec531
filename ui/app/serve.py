"""The ASGI app that ``streamlit run`` serves: the pages, and the routes beside them."""

from pathlib import Path

import streamlit as st

from ui.server.lifespan import lifespan
from ui.server.routes import middleware, routes

__all__ = ["app"]

# Streamlit parses this file without running it: it must find the assignment of an `st.App` here,
# or it would run the file as an ordinary script, without our routes.
app = st.App(
    Path(__file__).with_name("main.py"), routes=routes, middleware=middleware, lifespan=lifespan
)
