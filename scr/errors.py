"""Everything that ``scr`` raises or warns with."""


class ScrError(ValueError):
    """Input that cannot give a right answer: the message says what was found and what to do."""


class SurveyError(ScrError):
    """A fault in traps, usage, detections or individual covariates."""


class MaskError(ScrError):
    """A fault in the habitat mask, a polygon, a raster or a coordinate system."""


class FormulaError(ScrError):
    """A fault in a model specification."""


class FitError(ScrError):
    """A model that cannot be fitted, or a saved fit that cannot be read."""


class ScrWarning(UserWarning):
    """An answer exists but is doubtful."""


class SurveyWarning(ScrWarning):
    """Data that can be used but look wrong."""


class MaskWarning(ScrWarning):
    """A mask that is too narrow or too coarse for the estimate."""


class ConvergenceWarning(ScrWarning):
    """A posterior that was not explored well enough."""
