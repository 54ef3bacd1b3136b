"""Attacks on the machine and on other people's work: nothing outside the sandbox changes.

The test keeps canaries at TARGETS, and compares them, the host's name and the packages before and after.
"""

import functools

from submissions.attacking import TOOLS, tries
from submissions.making import FULL, RIGHT, WITHOUT_TOKEN_MASK, Work, case

harm = functools.partial(case, outcome="graded", score=FULL, attack="harm")
ALONE = "assert len([name for name in os.listdir('/proc') if name.isdigit()]) < 5  # in a world of its own?\n"


@harm()
def deletes_the_neighbours(work: Work) -> None:
    """Every target, as a tree and file by file."""
    tries(
        work,
        "for target in TARGETS:\n    attempt(lambda: os.unlink(target + '/canary.txt'), lambda: shutil.rmtree(target),\n"
        "            lambda: os.rename(target, target + '-gone'), lambda: os.truncate(target + '/canary.txt', 0))\n",
    )


@harm()
def writes_to_the_neighbours(work: Work) -> None:
    """Folders of the same names are made here; they are not those."""
    tries(
        work,
        "for target in TARGETS:\n    try:\n        os.makedirs(target, exist_ok=True)\n"
        "        open(target + '/canary.txt', 'w').write('overwritten')\n"
        "        open(target + '/.profile', 'w').write('overwritten')\n    except OSError:\n        pass\n",
    )


@harm()
def writes_to_the_packages(work: Work) -> None:
    """A .pth file or a changed module would run for everybody else."""
    tries(
        work,
        "places = {sys.prefix, sys.base_prefix, '/usr', '/usr/lib', os.path.dirname(np.__file__)} | set(sys.path)\n"
        "for place in places:\n    for name in ('attacked.pth', 'sitecustomize.py'):\n"
        "        if place.startswith('/') and len(place) > 1:\n"
        "            attempt(lambda: open(os.path.join(place, name), 'x').close() or place)\n"
        "attempt(lambda: open(np.__file__, 'a').close(), lambda: os.utime(np.__file__), lambda: os.chmod(np.__file__, 0o777))\n",
    )


@harm()
def kills_everything(work: Work) -> None:
    """A signal to every process there is: that is its own world."""
    tries(work, ALONE + "if os.fork() == 0:\n    os.kill(-1, signal.SIGKILL)\nelse:\n    time.sleep(0.1)\n")


@harm()
def kills_everything_while_asked(work: Work) -> None:
    """The same while it is asked; the shell itself cannot be killed from within, and the answer is right."""
    body = "    try: os.kill(-1, signal.SIGKILL)\n    except OSError: pass\n"
    work.write(
        "token_mask",
        TOOLS + ALONE + "def token_mask(lengths, seq):\n" + body + RIGHT.split("\n", 1)[1],
    )


@harm()
def becomes_the_administrator(work: Work) -> None:
    """Users, groups, capabilities, setuid programs."""
    tries(
        work,
        "attempt(lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0]), lambda: os.setgid(0))\n"
        "shutil.copy('/bin/sh', '/tmp/sh')\n"
        "try: os.chmod('/tmp/sh', 0o6755)\nexcept OSError: pass\n"
        "for command in (['/tmp/sh', '-pc', 'id -u'], ['su', '-c', 'id -u'], ['sudo', '-n', 'id', '-u']):\n"
        "    try:\n        said = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=2).stdout\n"
        "        if said.strip() == b'0': won(command)\n    except (OSError, subprocess.TimeoutExpired): pass\n",
    )


@harm()
def makes_namespaces(work: Work) -> None:
    """A user namespace of its own would give every capability back."""
    tries(
        work,
        "for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000):\n    if libc.unshare(flag) == 0: won('unshare')\n"
        "    if libc.syscall(56, flag | 17, 0, 0, 0, 0) > 0: won('clone')\n"
        "if libc.syscall(435, bytes(88), 88) > 0: won('clone3')\n"
        "attempt(lambda: libc.setns(os.open('/proc/1/ns/mnt', 0), 0) and 1 / 0)\n",
    )


@harm()
def mounts(work: Work) -> None:
    """Read-only places writable again, and the old root back."""
    tries(
        work,
        "for place in (b'/usr', b'/proc', b'/', sys.prefix.encode()):\n"
        "    if libc.mount(None, place, None, 32, None) == 0: won('remount', place)\n"
        "    if libc.umount2(place, 2) == 0: won('unmount', place)\n"
        "    if libc.syscall(442, -100, place, 0, (ctypes.c_uint64 * 4)(0, 1, 0, 0), 32) == 0: won('setattr', place)\n",
    )


@harm()
def makes_devices(work: Work) -> None:
    """A device node is a way to the disk."""
    tries(
        work,
        "for kind in (stat.S_IFBLK, stat.S_IFCHR):\n    for number in (os.makedev(8, 0), os.makedev(254, 0), os.makedev(1, 1)):\n"
        "        def make():\n            os.mknod('/tmp/device', kind | 0o666, number)\n"
        "            return open('/tmp/device', 'rb').read(1)\n        attempt(make)\n",
    )


@harm()
def changes_the_kernel(work: Work) -> None:
    """Settings under /proc and /sys, and its own right to be killed last."""
    tries(
        work,
        "for path in ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/sys/vm/overcommit_memory',\n"
        "             '/sys/kernel/mm/transparent_hugepage/enabled', '/proc/1/oom_score_adj', '/proc/sys/kernel/hostname',\n"
        "             '/proc/self/uid_map', '/proc/irq/0/smp_affinity'):\n"
        "    attempt(lambda: open(path, 'r+').close() or path)\n",
    )


@harm()
def changes_the_machine(work: Work) -> None:
    """Its name and its priority. (Its clock, its keys and the rest: `test_sandbox.py` tries every call.)"""
    tries(
        work,
        "attempt(lambda: socket.sethostname('attacked'), lambda: os.nice(-5), lambda: os.setpriority(0, 0, -5),\n"
        "        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5)))\n"
        "import resource\n"
        "for what in ('NPROC', 'DATA', 'NOFILE', 'FSIZE', 'CPU'):\n"
        "    attempt(lambda: resource.setrlimit(getattr(resource, f'RLIMIT_{what}'), (-1, -1)))\n",
    )


@harm(score=WITHOUT_TOKEN_MASK)
def a_pickle_for_an_answer(work: Work) -> None:
    """An object that would run a command where it is unpickled. No pickle is ever read."""
    work.write(
        "token_mask",
        TOOLS + "class Trap:\n    def __reduce__(self):\n        return os.system, ('touch ' + TARGETS[0] + '/attacked',)\n"
        "def token_mask(lengths, seq):\n    import pickle\n"
        "    return Trap() if seq % 2 else np.array([Trap(), pickle.dumps(Trap())], dtype=object)\n",
    )


@harm()
def odd_names(work: Work) -> None:
    """Names with newlines, escapes, dots and dashes, of files that the sandbox takes along when it ends."""
    tries(
        work,
        "for name in ('a\\nb', '-rf', '..\\u202egpj', '\\x1b[2Jx', '=cmd()', ' ', 'x' * 255, os.fsdecode(b'\\xff')):\n"
        "    open(name, 'w').close()\n    os.mkdir('d' + name[:200])\n    os.chmod('d' + name[:200], 0)\n",
    )


@harm()
def outlives_the_grader(work: Work) -> None:
    """It asks not to be told when its guard ends."""
    tries(
        work,
        "if libc.prctl(1, 0, 0, 0, 0) == 0: won('no death signal')\n"
        "if libc.prctl(36, 1, 0, 0, 0) == 0: print('reaps its own')\n"
        "attempt(lambda: open('/dev/tty', 'w').write('x'))\n",
    )
