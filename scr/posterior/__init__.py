"""What follows from a fit: density, abundance, activity centres."""
