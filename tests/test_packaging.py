import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(p for package in ("scr", "trap_layouts") for p in (ROOT / package).rglob("*.py"))
PAGES = {"scr": "docs/reference/methods.md", "trap_layouts": "docs/layouts.md"}
"""Where the public names of each package are documented."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def loaded_after(code: str) -> set[str]:
    shown = run(
        sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps([*sys.modules]))"
    )
    assert shown.returncode == 0, shown.stderr
    return {name.split(".")[0] for name in json.loads(shown.stdout)}


def test_imports__layers_hold():
    result = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module__has_at_most_400_lines(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module__name_says_what_it_holds(module):
    assert module.stem not in {"utils", "util", "helpers", "helper", "common", "core", "base"}


def test_import_scr__leaves_slow_libraries_for_when_they_are_used():
    slow = {"pymc", "pytensor", "arviz", "matplotlib", "numba", "geopandas", "rasterio", "pandas"}
    assert not slow & loaded_after("import scr")


def test_import_cli__leaves_slow_libraries_for_when_they_are_used():
    slow = {"pymc", "pytensor", "arviz", "matplotlib", "numba"}
    assert not slow & loaded_after("import scr.cli.main")


@pytest.mark.parametrize("module", ["scr.fit.nuts", "scr.report.results", "trap_layouts.studies"])
def test_import__pymc_is_for_those_who_ask_for_a_pymc_model(module):
    assert not {"pymc", "pytensor"} & loaded_after(f"import {module}")


@pytest.mark.parametrize(("package", "most"), [("scr", 50), ("trap_layouts", 40)])
def test_public_names__are_few_and_each_has_a_docstring(package, most):
    module = importlib.import_module(package)
    names = module.__all__
    assert len(names) <= most
    assert names == sorted(set(names))
    assert [name for name in names if not getattr(module, name).__doc__] == []


@pytest.mark.parametrize(("package", "page"), PAGES.items())
def test_public_names__each_is_in_the_documentation(package, page):
    text = (ROOT / page).read_text(encoding="utf-8")
    names = importlib.import_module(package).__all__
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.fixture(scope="module")
def told_by_mypy(tmp_path_factory):
    """What a type checker says of README's example, where no Any may be, and of every name."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(import scr\n.*?)```", readme, re.DOTALL)
    names = [f"{p}.{name}" for p in PAGES for name in importlib.import_module(p).__all__]
    folder = tmp_path_factory.mktemp("typed")
    modules = {
        "example": f"# mypy: disallow-any-expr\n{example}",
        "names": "\n".join(
            [*(f"import {p}" for p in PAGES), *(f"reveal_type({n})" for n in names)]
        ),
    }
    for name, code in modules.items():
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    files = [str(folder / f"{name}.py") for name in modules]
    return run(sys.executable, "-m", "mypy", *files).stdout, names


def test_readme__type_checkers_know_every_name_of_its_example(told_by_mypy):
    told, _ = told_by_mypy
    assert [line for line in told.splitlines() if ": error: " in line] == []
    assert "Success" in told
    assert (ROOT / "scr" / "py.typed").is_file()
    assert (ROOT / "trap_layouts" / "py.typed").is_file()


def test_public_names__are_no_any(told_by_mypy):
    told, names = told_by_mypy
    revealed = re.findall(r'Revealed type is "(.*)"', told)
    assert len(revealed) == len(names), told
    assert [kind for kind in revealed if kind == "Any"] == []


def test_functions__import_nothing_of_our_own():
    # An import of our own code inside a function is a cycle in hiding.
    hidden = []
    for module in MODULES:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                names = []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                elif isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                if any(name.split(".")[0] in {"scr", "trap_layouts"} for name in names):
                    hidden.append(f"{module.relative_to(ROOT)}:{node.lineno}")
    assert hidden == []


def test_pyproject__each_library_has_a_lower_bound_and_is_imported():
    # The import name of a distribution where it differs, or the one that stands for its use.
    import_names = {
        "matplotlib-scalebar": "matplotlib_scalebar",
        "arviz": "arviz_stats",
        "lazy-loader": "lazy_loader",
    }
    engines = {"h5netcdf", "h5py", "pyarrow"}  # named as engines of xarray and pandas, not imported
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    imported = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    for requirement in project["dependencies"]:
        name, bound, _ = requirement.partition(">=")
        assert bound, requirement
        assert import_names.get(name, name) in imported | engines, name
