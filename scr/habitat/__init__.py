"""The habitat mask and its covariates."""
