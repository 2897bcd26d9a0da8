"""Spatial capture-recapture with activity centres summed out over the habitat mask.

The public names stand in ``__init__.pyi`` and load when they are used, so that ``import scr`` is
quick and editors and type checkers see them all.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
