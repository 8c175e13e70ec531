"""How the app is started: every Streamlit setting and the theme, in one place.

Settings travel as flags and not as a ``.streamlit/config.toml``, because flags win over whatever
configuration files the person's own folders hold.
"""

from __future__ import annotations

import sys
from pathlib import Path

from recommender import InvalidInputError
from recommender.settings import LogSettings
from ui.settings import AppSettings, OmdbSettings, OperatorSettings

__all__ = ["ENVIRONMENT", "command"]

_SETTINGS = {
    "server.fileWatcherType": "none",  # an installed app does not change under our feet
    "server.showEmailPrompt": "false",
    "server.maxUploadSize": "20",  # megabytes; see ui.transfer.imports
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": "localhost",  # unset, Streamlit asks an outside host for our address
    "client.showErrorDetails": "none",  # a traceback is for the log, never for a visitor
    "client.showErrorLinks": "false",
    "client.toolbarMode": "viewer",  # keeps the light and dark switch, hides "Deploy"
    "logger.level": "warning",  # what else is told of visitors names their addresses
    "runner.fastReruns": "false",  # or an old run goes on in a thread beside the new one
    "runner.magicEnabled": "false",
    # A full collection after every click looks at each film of the index, for a tenth of a second
    # in which nobody else is served. Python collects by itself where there is something.
    "runner.postScriptGC": "false",
}

_THEME = {
    "font": "sans-serif",
    "headingFont": "serif",
    "baseRadius": "0.6rem",
    "paddingTop": "0rem",
}

_LIGHT = {
    "primaryColor": "#0b6b5d",
    "backgroundColor": "#fbf8f3",
    "secondaryBackgroundColor": "#f2ede4",
    "textColor": "#221d18",
    "linkColor": "#0b6b5d",
    "borderColor": "#ddd4c6",
    "greenColor": "#0b6b5d",
    "redColor": "#a8442f",
}

_DARK = {
    "primaryColor": "#5fcbb5",
    "backgroundColor": "#14151a",
    "secondaryBackgroundColor": "#1f2128",
    "textColor": "#ece8e1",
    "linkColor": "#7fdac7",
    "borderColor": "#373a44",
    "greenColor": "#5fcbb5",
    "redColor": "#f0957f",
}

ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
"""What the process that serves the app is started with, unless its environment says otherwise. The
server has a thread for each click; glibc's malloc would keep what each of many once took."""


def command(
    port: int | None = None,
    browser: bool = True,
    host: str | None = None,
    public: str | None = None,
) -> list[str]:
    """Give the full command that serves the app, as arguments for ``subprocess``.

    The ``port`` is otherwise what ``KINDRED_PORT`` says, or 8501 or the next free one. With
    ``browser`` a window is opened, where there is a desktop to open one on. The ``host`` is the IP
    address to listen on, otherwise what ``KINDRED_HOST`` says, or this computer only; one that
    others can reach takes words on what stands before the app, in ``public`` or ``KINDRED_PUBLIC``.

    Raises InvalidInputError where a setting of the app, of OMDb, of the operator or of the log
    cannot be used, or those words are missing.
    """
    OmdbSettings.read()  # what is wrong is said now, and not on the first page
    OperatorSettings.read()
    LogSettings.read()
    app = AppSettings.read(host=host, port=port, public=public)
    if app.exposed and app.public is None:
        raise InvalidInputError(
            f"at {app.host} others can reach the app, which has no login and no TLS: say what "
            "stands before it, as in --public 'nginx, which has both' (or KINDRED_PUBLIC), or "
            "listen on 127.0.0.1"
        )
    settings = _SETTINGS | {"server.address": str(app.host)}
    if app.port is not None:
        settings["server.port"] = str(app.port)
    if not browser:
        settings["server.headless"] = "true"
    for section, colours in (("theme", _THEME), ("theme.light", _LIGHT), ("theme.dark", _DARK)):
        settings |= {f"{section}.{name}": value for name, value in colours.items()}
    flags = [f"--{name}={value}" for name, value in settings.items()]
    script = Path(__file__).parent / "app" / "serve.py"
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]
