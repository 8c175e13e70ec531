"""How the app is started: every Streamlit setting and the theme, in one place.

Settings are flags and not a ``.streamlit/config.toml``, because flags take precedence over the
configuration files and variables that a person may have for other apps.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from pathlib import Path

from recommender import InvalidInputError
from recommender.settings import CacheSettings, LogSettings
from ui.settings import AppSettings, OmdbSettings

__all__ = ["ENVIRONMENT", "choose_port", "remember_port", "streamlit_command"]

_PORTS = range(8501, 8601)

_SETTINGS = {
    "server.fileWatcherType": "none",  # an installed app does not change
    "server.showEmailPrompt": "false",
    "server.maxUploadSize": "20",  # megabytes; see ui.transfer.imports
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": "localhost",  # unset, Streamlit asks an outside host
    "client.showErrorDetails": "none",  # a traceback belongs into the log alone
    "client.showErrorLinks": "false",
    "client.toolbarMode": "viewer",  # with the light and dark switch, without "Deploy"
    "logger.level": "warning",  # below that, lines hold the addresses of visitors
    # With it a click abandons the run under way, whose thread goes on beside the new one.
    "runner.fastReruns": "false",
    "runner.magicEnabled": "false",
    # A full garbage collection after each run looks at every film of the index, for a tenth of a
    # second in which nobody else is served. Python collects by itself when there is need.
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

ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
"""Variables that the process of the app is started with, unless they are set. Each run of a page is
a thread: glibc's malloc would keep the memory that each of many once took, and the threads that
OpenBLAS shares its small products among would wait for each other, at the cost of everybody."""


def streamlit_command(
    port: int | None = None,
    browser: bool = True,
    host: str | None = None,
    public: str | None = None,
) -> list[str]:
    """Return the command that serves the app, as arguments for ``subprocess``.

    Without ``port``, ``KINDRED_PORT`` is used, or what Streamlit chooses. With ``browser`` a window
    is opened where there is a desktop. ``host`` is the IP address to listen on; without it
    ``KINDRED_HOST`` is used, or 127.0.0.1. For an address that others can reach, ``public`` or
    ``KINDRED_PUBLIC`` must say what stands before the app.

    Raises InvalidInputError where a setting of the app, of OMDb or of the log
    cannot be used, or those words are missing.
    """
    OmdbSettings.read()  # so that an error shows now, and not on the first page
    LogSettings.read()
    app = AppSettings.read(host=host, port=port, public=public)
    if app.exposed and app.public is None:
        raise InvalidInputError(
            f"at {app.host} others can reach the app, which has no login and no TLS: say what "
            "stands in front of it, as in --public 'nginx, which has both' (or KINDRED_PUBLIC), or "
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


def choose_port(app: AppSettings) -> int:
    """Return the port that is set, or the first from 8501 on that is free at the address."""
    if app.port is not None:
        return app.port
    family = socket.AF_INET6 if app.host.version == 6 else socket.AF_INET
    for port in _PORTS:
        with suppress(OSError):
            socket.create_server((str(app.host), port), family=family).close()
            return port
    return _PORTS[0]  # Streamlit says why it cannot have it


def remember_port(port: int) -> int | None:
    """Keep the port for the next start, and return that of the last one, where it is known."""
    last, file = None, CacheSettings.read().cache / "port"
    with suppress(OSError, ValueError):
        last = int(file.read_text())
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(port))
    return last
