"""The chapters of a report, one file each: from results to blocks."""
