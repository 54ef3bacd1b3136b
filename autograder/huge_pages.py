"""Gather a process's memory into large pages, so that forking it copies hundreds of entries and not 60,000.

A fork copies the page table. With torch in memory that took 10 ms in large and 4 ms in 2 MB pages, and a
submission of ten exercises takes a dozen forks. See madvise(2), MADV_COLLAPSE; Linux 6.1, elsewhere nothing happens.
"""

import ctypes
import sys

COLLAPSE = 25


def gather() -> None:
    """Gather what has no file behind it; where the system refuses, all stays as it is."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    with open("/proc/self/maps", encoding="ascii", errors="replace") as lines:
        mappings = [line.split() for line in lines]
    for addresses, access, _, _, inode, *_ in mappings:
        if access.startswith("rw") and inode == "0":
            start, end = (int(each, 16) for each in addresses.split("-"))
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), COLLAPSE)
