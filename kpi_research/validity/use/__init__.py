"""Rules of use: banned sources, units that are asked, the mix of crime, definitions."""
