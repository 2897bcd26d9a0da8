"""The compiled likelihood and its gradient.

Where each term of the log-likelihood is worked out:

======================================  ===========================================================
log L = -Lambda + sum_i log L_i         ``evaluate.evaluate``; log n! is ``problem.build_problem``'s
Lambda, and D_m p_dot(m)                ``evaluate.add_expected``, ``evaluate.sum_detected``
D_m a                                   ``evaluate.weigh_cells``
k(d; sigma, z)                          over pairs ``curves``; on a lattice ``lattice_factors``
D_m, lambda0, sigma, z, psi_u           ``coefficients.make_arrays``
h = lambda0 k, or -log(1 - g0 k)        over pairs ``probability.hazards``; else a factor
H(m) = sum T h                          ``sheets.total_hazards``; ``lattice.add_lattice_hazard``
L_i = sum_u psi_u a sum_m D_m Pr(y_i)   ``animals.open_window``, ``window.share_out``
-H(m) of a history                      ``histories.begin_history``; ``lattice_histories``
y log(1 - e^{-hT}) + yhT, y log h       ``record_terms.add_record``; ``lattice_growth``
what is left out, less than 1e-9        ``reach.reach``; ``blocks``, ``lattice_window``
gradient through log L_i                ``histories.history_gradient``; ``lattice_gradient``
gradient through H(m)                   ``sheets.sheets_gradient``; ``lattice``
======================================  ===========================================================

There are two evaluators of H(m) and of histories. *Pairs* of trap and cell serve every detection
function and mask: ``reach``, ``curves``, ``sheets``, ``blocks``, ``choosing``, ``histories``,
``records``. The *lattice* takes the half-normal hazard, whose k(d) is a factor by row times a
factor by column, over a mask of square cells: the modules whose names begin with ``lattice``.
``packing`` and ``ordering`` lay out the data for either.
"""
