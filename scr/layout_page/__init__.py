"""The layout page: stations moved on a map, and what that does to the survey's numbers.

It draws and serves; every number comes from ``trap_layouts``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
