"""Sums over the matchings of animals known from the left with animals known from the right.

A matching says which left and which right animals are one; an animal has at most one partner. Where
w_ij is the weight of a pair beside that of two animals, all matchings M weigh

    Z = sum_M prod_{ij in M} w_ij

``pruning`` leaves out pairs that cannot matter, ``vertex_order`` parts what is left into pieces
that have nothing to do with each other, ``exact`` sums over a piece vertex by vertex, ``bethe``
approximates where that is too wide, and ``whole`` puts them together. ``sequential`` draws
matchings with weights whose mean is Z, and ``gibbs`` walks among matchings.
"""
