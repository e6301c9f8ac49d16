"""The panel that decides a sample of cases: how many to draw, how far raters agree, and how often they err."""
