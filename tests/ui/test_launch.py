"""The command that starts the app."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from streamlit import config
from streamlit.web.server.app_discovery import discover_asgi_app

from recommender import InvalidInputError
from ui.launch import choose_port, remember_port, streamlit_command
from ui.settings import AppSettings


def _flags(argv: list[str]) -> dict[str, str]:
    return dict(flag.removeprefix("--").split("=", 1) for flag in argv[5:])


def test_the_command_runs_the_app_with_this_python() -> None:
    """The argument list names this interpreter, Streamlit and a file it finds the app in."""
    argv = streamlit_command()
    assert argv[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert discover_asgi_app(Path(argv[4])).import_string == "serve:app"


def test_the_app_is_served_on_this_computer_only_and_calls_nobody() -> None:
    """No address but the loopback one, no statistics, no look-up of the outside address."""
    flags = _flags(streamlit_command())
    assert flags["server.address"] == "127.0.0.1"
    assert flags["browser.gatherUsageStats"] == "false"
    assert flags["browser.serverAddress"] == "localhost"
    assert flags["client.showErrorDetails"] == "none"


def test_port_and_browser_are_as_asked() -> None:
    """A port is passed on, and without a browser the server is headless."""
    assert "server.port" not in _flags(streamlit_command())
    assert "server.headless" not in _flags(streamlit_command())
    flags = _flags(streamlit_command(8600, browser=False))
    assert (flags["server.port"], flags["server.headless"]) == ("8600", "true")


def test_host_and_port_come_from_the_call_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Arguments of the call take precedence."""
    monkeypatch.setenv("KINDRED_HOST", "0.0.0.0")
    monkeypatch.setenv("KINDRED_PORT", "8700")
    monkeypatch.setenv("KINDRED_PUBLIC", "behind a proxy")
    flags = _flags(streamlit_command())
    assert (flags["server.address"], flags["server.port"]) == ("0.0.0.0", "8700")
    flags = _flags(streamlit_command(8600, host="::1"))
    assert (flags["server.address"], flags["server.port"]) == ("::1", "8600")


def test_the_port_is_the_one_that_is_set_or_the_first_that_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that is set is not looked at: whoever set it wants that one, or an error."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        first, then = taken.getsockname()[1], free.getsockname()[1]
        free.close()
        monkeypatch.setattr("ui.launch._PORTS", [first, then])
        assert choose_port(AppSettings.read()) == then
        assert choose_port(AppSettings.read(port=first)) == first
        monkeypatch.setattr("ui.launch._PORTS", [first])
        assert choose_port(AppSettings.read()) == first


def test_the_port_of_the_last_start_is_known_if_it_could_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is in the way is no failure."""
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "cache"))
    assert remember_port(8501) is None
    assert remember_port(8502) == 8501
    for garbage in (b"", b"\xff", b"port"):
        (tmp_path / "cache" / "port").write_bytes(garbage)
        assert remember_port(8503) is None
        assert remember_port(8501) == 8503
    (tmp_path / "file").touch()
    monkeypatch.setenv("KINDRED_CACHE", str(tmp_path / "file"))
    assert remember_port(8501) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "2001:db8::1"])
def test_an_address_that_others_can_reach_takes_words_on_what_stands_before_the_app(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a yes; the refusal is one line that names the address and the way out."""
    with pytest.raises(InvalidInputError, match=f"^at {host} .* --public .*127.0.0.1$"):
        streamlit_command(host=host)
    monkeypatch.setenv("KINDRED_HOST", host)
    for words in ("yes", "  1  "):
        monkeypatch.setenv("KINDRED_PUBLIC", words)
        with pytest.raises(InvalidInputError, match="KINDRED_PUBLIC is"):
            streamlit_command()
    monkeypatch.setenv("KINDRED_PUBLIC", "behind nginx\nwith TLS and login")
    assert _flags(streamlit_command())["server.address"] == host
    assert AppSettings.read().public == "behind nginx with TLS and login"


def test_this_computer_alone_takes_no_words() -> None:
    """By either protocol."""
    for host in ("127.0.0.1", "127.1.2.3", "::1"):
        assert _flags(streamlit_command(host=host))["server.address"] == host


@pytest.mark.parametrize("host", ["0.0.0.0", "example.org"])
def test_no_setting_of_streamlit_opens_another_address(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flag wins over its variable."""
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", host)
    flags: dict[str, object] = {"server.address": _flags(streamlit_command())["server.address"]}
    config.get_config_options(force_reparse=True, options_from_flags=flags)
    assert config.get_option("server.address") == "127.0.0.1"
    monkeypatch.delenv("STREAMLIT_SERVER_ADDRESS")
    config.get_config_options(force_reparse=True, options_from_flags={})


@pytest.mark.parametrize("name", ["KINDRED_PORT", "OMDB_DAILY_LIMIT", "OMDB_URL"])
def test_a_setting_that_cannot_be_used_stops_the_start(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the line that names it, before there is a server."""
    monkeypatch.setenv(name, "nonsense")
    with pytest.raises(InvalidInputError, match=f"^{name} is 'nonsense': "):
        streamlit_command()


def test_streamlit_knows_every_flag() -> None:
    """No setting is misspelt: an unknown flag would stop the start."""
    assert set(_flags(streamlit_command(1, browser=False))) <= set(config.get_config_options())


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted([_luminance(one), _luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_text_and_accent_are_readable_in_both_themes() -> None:
    """Text, links and accent stand out from both backgrounds by WCAG AA (4.5 to 1)."""
    flags = _flags(streamlit_command())
    for theme in ("light", "dark"):
        for text in ("textColor", "primaryColor", "linkColor"):
            for behind in ("backgroundColor", "secondaryBackgroundColor"):
                pair = flags[f"theme.{theme}.{text}"], flags[f"theme.{theme}.{behind}"]
                assert _contrast(*pair) >= 4.5, (theme, text, behind)
