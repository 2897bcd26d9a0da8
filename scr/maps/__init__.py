"""Figures and files of results.

What draws stands in ``figures``, what writes files in ``results``, which calls it; beside them the
words, numbers and rules that both take.
"""
