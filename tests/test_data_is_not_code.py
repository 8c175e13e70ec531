"""Nothing that is installed runs what it reads, and nothing goes by a shell."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("ingest", "recommender", "ui", "kindred")
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "multiprocessing"}
"""They read pickles, or what is as good as one."""
CALLS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "pty.spawn"),
    *("yaml.load", "yaml.unsafe_load", "yaml.full_load", "pandas.read_pickle", "pd.read_pickle"),
    *("torch.load", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("asyncio.create_subprocess_shell",),
}
PROCESSES = {
    f"subprocess.{name}" for name in ("Popen", "run", "call", "check_call", "check_output")
}


def dangers(code: str) -> Iterator[str]:
    """Tell what in a module could run what came from outside."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            full = {f"{node.module}.{name.name}" for name in node.names}
            if (node.module or "").split(".")[0] in MODULES or full & (CALLS | PROCESSES):
                yield f"from {node.module}"
        elif isinstance(node, ast.Call):
            yield from _in_call(node)


def _in_call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    if name in CALLS or name.endswith((".to_pickle", ".read_pickle")):
        yield name
    for option in ("shell", "allow_pickle"):
        if given.get(option, "False") != "False":
            yield option
    # A list is started as it is; a text may be read by a shell, or by Windows as several words.
    if name in PROCESSES and (
        not node.args or isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    ):
        yield f"{name} of a text"


def test_what_is_read_is_never_run() -> None:
    """No pickle, no code made of text, no shell, in any module that is installed."""
    folders = [Path(str(importlib.import_module(name).__file__)).parent for name in PACKAGES]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    found = {str(path): list(dangers(path.read_text("utf-8"))) for path in files}
    assert len(found) > 100
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "code",
    [
        *("import pickle", "from pickle import loads", "import multiprocessing.pool as p"),
        *("eval('1')", "exec(text)", "compile(text, '', 'exec')", "__import__(name)"),
        *("os.system(line)", "from os import system", "yaml.load(text, Loader=Loader)"),
        *("np.load(path, allow_pickle=True)", "np.load(path, allow_pickle=trust)"),
        *("subprocess.run(argv, shell=True)", "subprocess.Popen('ls -l')"),
        *("subprocess.call(f'ls {folder}')", "from subprocess import run", "frame.to_pickle(path)"),
    ],
)
def test_each_way_to_run_it_is_seen(code: str) -> None:
    """The rule above catches what it is there for."""
    assert list(dangers(code))


def test_harmless_calls_pass() -> None:
    """Patterns are compiled, and processes started from lists."""
    code = "re.compile('a')\nsubprocess.Popen(argv, shell=False)\nnp.load(path, allow_pickle=False)"
    assert list(dangers(code)) == []
