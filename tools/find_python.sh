#!/bin/sh
# Print the first Python that can build the environment: tools/find_python.sh [CANDIDATE...]
# A candidate must be 3.11 or newer and have the modules that installing packages needs. Inside an activated
# environment the Python it was made from is printed, so that the environment itself can be rebuilt.
check='import sys, ctypes, ssl, zlib; sys.version_info >= (3, 11) or sys.exit(1); print(sys._base_executable)'
[ $# -gt 0 ] || set -- python3.13 python3.12 python3.11 python3
for candidate; do
    "$candidate" -c "$check" 2>/dev/null && exit 0
done
printf '%s\n' \
    "No Python 3.11 or newer was found (tried: $*). 未找到 Python 3.11 或更高版本。" \
    '  Debian 12, Ubuntu 24.04 or newer:  sudo apt install python3 python3-venv' \
    '  with uv:                           uv python install 3.12, then make study PYTHON="$(uv python find 3.12)"' \
    '  another place:                     make study PYTHON=/path/to/python3.12' >&2
exit 1
