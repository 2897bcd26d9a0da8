"""Layouts of traps: patterns, criteria, comparison and choice.

The public names stand in ``__init__.pyi`` and load when they are used, so that
``import trap_layouts`` is quick and editors and type checkers see them all.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
