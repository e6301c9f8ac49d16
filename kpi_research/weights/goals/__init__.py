"""Goals beyond validity and closeness, alone or one after the other, over all weights that the rules allow."""
