"""The report of a fit and the page of a check: self-contained HTML."""
