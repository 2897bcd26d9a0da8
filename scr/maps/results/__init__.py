"""The files of results: rasters, tables, layers, and what the public may see of them."""
