"""The guide to the kernel names modules and functions that there are."""

import re
from importlib import import_module
from pkgutil import iter_modules

from scr.likelihood import kernel


def test_every_name_in_the_guide_exists():
    modules = {module.name for module in iter_modules(kernel.__path__)}
    table = kernel.__doc__[: kernel.__doc__.index("Stages share these names")]
    named = re.findall(r"``([a-z_.]+)``", table)
    assert len(named) > 25
    for name in named:
        module, _, function = name.partition(".")
        if module == "problem":
            assert hasattr(import_module("scr.likelihood.problem"), function)
            continue
        assert module in modules, name
        if function:
            assert hasattr(import_module(f"{kernel.__name__}.{module}"), function), name
