"""Which stations game which rule."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_research.study.synthetic.arrays import Bools
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.planting import planted
from kpi_research.study.synthetic.streams import Streams


@dataclass(frozen=True)
class Gaming:
    """Planted gaming; every array is boolean with shape (stations,).

    Attributes
    ----------
    backfills : numpy.ndarray
        Fills the ledger in on the last day of the month.
    bunches_24h : numpy.ndarray
        Dates late records back to just below 24 hours.
    lifts_85 : numpy.ndarray
        Lifts spot checks between 75 and 85 % to 85 %.
    heaps_digits : numpy.ndarray
        Rounds logged minutes to tens.
    inflates : numpy.ndarray
        Raises counts to the target.
    freezes : numpy.ndarray
        Repeats an old count for ever.
    """

    backfills: Bools
    bunches_24h: Bools
    lifts_85: Bools
    heaps_digits: Bools
    inflates: Bools
    freezes: Bools


def plant_gaming(options: BureauOptions, streams: Streams) -> Gaming:
    """Choose the stations that game.

    Parameters
    ----------
    options : BureauOptions
        The share of each kind of gaming.
    streams : Streams
        Random numbers of the bureau.

    Returns
    -------
    Gaming
    """
    shares = {
        "backfills": options.backfill_share,
        "bunches_24h": options.bunching_share,
        "lifts_85": options.lifting_share,
        "heaps_digits": options.heaping_share,
        "inflates": options.inflation_share,
        "freezes": options.frozen_share,
    }
    return Gaming(**{name: planted(streams, name, options.stations, share) for name, share in shares.items()})
