"""Text from users' files made safe to write: no control characters, no halves of characters, no reversed reading."""

from __future__ import annotations

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters except tab and line feed
    "\u2028\u2029"  # line separators that some readers take for line ends
    "\u202a-\u202e\u2066-\u2069"  # marks that reverse the reading direction of what follows
    "\ud800-\udfff"  # halves of a character
    "\ufdd0-\ufdef\ufffe\uffff"  # code points that are no characters
    "]"
)


def clean_text(text: str) -> str:
    r"""Replace characters that no report may hold by U+FFFD; carriage returns become line feeds.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Text that is valid in UTF-8, HTML and CSV.

    Examples
    --------
    >>> clean_text("\x00所\r\n") == "\N{REPLACEMENT CHARACTER}所\n"
    True
    """
    return _UNWANTED.sub(REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))
