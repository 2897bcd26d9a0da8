"""The compiled likelihood and its gradient.

The walk of one evaluation, stage by stage, and where each term of the log-likelihood is worked out:

======================================  ===========================================================
log L = -Lambda + sum_i log L_i         ``evaluate.evaluate``; log n! is ``problem.build_problem``'s
D_m a                                   ``undetected.weigh_cells``
what is left out, less than 1e-9        ``reach.reaches``; ``window``
k(d; sigma, z)                          ``shapes``; over cells ``pairs.curve_values``
h = lambda0 k, or -log(1 - g0 k)        ``pairs.hazards``
H(m) = sum T h                          ``pairs.pair_hazards`` or ``lattice.lattice_hazards``
Lambda, and D_m p_dot(m)                ``undetected.expect``, ``undetected.sum_detected``
L_i = sum_u psi_u a sum_m D_m Pr(y_i)   ``animals.sum_animals``, ``animals.open_window``
-H(m) of a history                      ``histories.begin_pieces``
y log(1 - e^{-hT}) + yhT, y log h       ``pair_records.add_record``; ``lattice_records.add_rows``
-(H of a pattern - H)                   ``pair_records.add_record``; ``lattice_records.add_linear``
log(1 - e^{-H_s}) + H_s - log H_s       ``histories.add_contest``
gradient through log L_i                ``histories.share_pieces``; ``evaluators.weigh_records``
w_ij, and log Z of left and right       ``sides.weigh_pairs``, ``sides.match_sides``
gradient through log Z                  ``sides.count_cells``; ``animals.weigh_sided``
gradient through H(m)                   ``pairs.pair_gradient``; ``lattice.lattice_gradient``
gradient to distance                    ``given.weigh_distances``; ``pair_records.take_pieces``
======================================  ===========================================================

A *stage* is a compiled loop over plain arrays; between stages there is NumPy. ``packing.pack`` and
``cells.order_cells`` lay out the data as ``arrays`` describes. Hazards are summed in one of two
ways. *Pairs* of trap and cell serve every detection function, mask and distance. A *lattice*
takes the half-normal hazard, whose k(d) is a factor by row times one by column, over a mask of
square cells. The same choice is made for records, by type, so that only one way is compiled.

Stages share these names: ``s`` a session, ``u`` a class, ``o`` an option (class that an animal may
have), ``f`` a field, ``c`` a curve, ``r`` a record, ``base`` the first packed cell of a session,
``span`` first and last record of an option (the last excluded), ``levels`` intensity, sigma and z
by level, ``pieces`` the cells of a window, ``value`` its numbers (first logarithms, then weights,
then probabilities), ``to`` a gradient, added to.
"""
