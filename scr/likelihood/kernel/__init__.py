"""The compiled likelihood and its gradient."""
