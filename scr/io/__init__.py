"""Files in: tables, vectors, rasters and coordinate systems."""
