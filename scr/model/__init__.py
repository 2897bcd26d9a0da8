"""What is to be estimated: detection functions, formulas, priors, design."""
