"""A deny-list of system calls that a course never needs and an attack does.

A classic BPF program over (architecture, call number, arguments), as seccomp(2) and linux/filter.h describe.
"""

import ctypes
import errno
import os
import struct

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16  # offsets in struct seccomp_data; arguments of 8 bytes
X32 = 0x40000000  # numbers from here are x86-64's second ABI
NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW* flag but the thread ones
SET_NO_NEW_PRIVILEGES, SET_SECCOMP, MODE_FILTER = 38, 22, 2

# name -> (x86_64, aarch64); None where the machine has no such call.
DENIED: dict[str, tuple[int, int | None]] = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438), "kcmp": (312, 272), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "personality": (135, 92),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
    "syslog": (103, 116), "fanotify_init": (300, 262), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "open_tree_attr": (467, 467),
}  # fmt: skip
# Forbidden with some arguments only.
CLONE, SOCKET, SOCKETPAIR, MMAP, PRCTL = (56, 220), (41, 198), (53, 199), (9, 222), (157, 167)
CLONE3 = 435  # on both; its flags lie behind a pointer, so it must look absent, and libc falls back to clone
FAMILIES = (1, 2, 10)  # unix, inet, inet6; some of the others (vsock) lead out of the network namespace
SHARED, ANONYMOUS = 0x01, 0x20  # shared memory without a file can be held and yet be mapped by nobody
GROWS_DOWN = 0x100  # a stack: RLIMIT_DATA does not count it
DEATH_SIGNAL = 1  # the shell must not outlive its guard
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit architecture


def supported() -> bool:
    """Is this machine's architecture one whose numbers are listed?"""
    return os.uname().machine in MACHINES


def install(libc: ctypes.CDLL) -> None:
    """Forbid the listed calls to this thread and all it starts, for good.

    Raises:
        OSError: the kernel refuses, or the architecture is not known.
    """
    if not supported():
        raise OSError(errno.ENOSYS, "no seccomp filter for this architecture")
    code = b"".join(program(os.uname().machine))
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    filter_program = Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    zero = ctypes.c_ulong(0)
    if libc.prctl(SET_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), zero, zero, zero):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(SET_SECCOMP, ctypes.c_ulong(MODE_FILTER), ctypes.byref(filter_program), zero, zero):
        raise OSError(ctypes.get_errno(), "seccomp")


def program(machine: str) -> list[bytes]:
    """The filter, one instruction an item."""
    column, architecture = MACHINES[machine]
    refuse, allow = REFUSE | errno.EPERM, ALLOW

    def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        """A jump is counted from the instruction behind it."""
        return struct.pack("HBBI", code, if_true, if_false, value)

    def when(call: int, *then: bytes) -> list[bytes]:
        """If it is this call: `then`, which ends in a return."""
        return [instruction(JUMP_EQUAL, call, 0, len(then)), *then]

    def argument(number: int) -> bytes:
        return instruction(LOAD, ARGUMENTS_AT + 8 * number)

    refused, allowed = instruction(RETURN, refuse), instruction(RETURN, allow)
    known_families = [
        instruction(JUMP_EQUAL, family, len(FAMILIES) - place) for place, family in enumerate(FAMILIES)
    ]
    checks = [instruction(JUMP_AT_LEAST, X32, 0, 1), refused]
    for numbers in DENIED.values():
        number = numbers[column]
        checks += when(number, refused) if number is not None else []
    checks += when(CLONE3, instruction(RETURN, REFUSE | errno.ENOSYS))
    new_namespace = instruction(JUMP_ANY_BIT, NEW_NAMESPACES, 0, 1)
    checks += when(CLONE[column], argument(0), new_namespace, refused, allowed)
    for call in (SOCKET, SOCKETPAIR):
        checks += when(call[column], argument(0), *known_families, refused, allowed)
    uncounted = (
        instruction(JUMP_ANY_BIT, GROWS_DOWN, 2, 0),
        instruction(JUMP_ANY_BIT, SHARED, 0, 2),
        instruction(JUMP_ANY_BIT, ANONYMOUS, 0, 1),
    )
    checks += when(MMAP[column], argument(3), *uncounted, refused, allowed)
    checks += when(PRCTL[column], argument(0), instruction(JUMP_EQUAL, DEATH_SIGNAL, 0, 1), refused, allowed)
    return [
        instruction(LOAD, ARCHITECTURE_AT),
        instruction(JUMP_EQUAL, architecture, 1),
        instruction(RETURN, KILL),
        instruction(LOAD, NUMBER_AT),
        *checks,
        allowed,
    ]
