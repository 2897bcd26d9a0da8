"""What is looked at before and after a fit: data, layers, model, and what there is to doubt."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
