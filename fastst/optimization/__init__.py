"""The reference: gradient descent on the pixels of one picture (Gatys et al. 2015)."""
