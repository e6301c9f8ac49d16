"""Agreement of raters on cases."""
