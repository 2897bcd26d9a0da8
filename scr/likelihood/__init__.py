"""The likelihood with activity centres summed out over the mask."""
