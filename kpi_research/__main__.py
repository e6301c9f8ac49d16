"""``python -m kpi_research``: the command line."""

from kpi_research.cli import main

if __name__ == "__main__":
    main()
