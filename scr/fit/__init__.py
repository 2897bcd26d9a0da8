"""Fitting: maximum likelihood, Laplace importance sampling, NUTS."""
