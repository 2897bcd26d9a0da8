"""Maps, figures and tables on disk."""
