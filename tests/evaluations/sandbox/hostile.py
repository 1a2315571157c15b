# ruff: noqa: PTH101, PTH108, PTH109, PTH116, PTH123, PTH208, PTH211, S606
# The bare calls are what an attacker makes.
"""What an attacker would try from inside a sandbox. Run as the job's module: `hostile ATTACK [ARGUMENT ...]`.

Each attack prints one JSON object with what it achieved; the tests say what it must not have.
"""

import ctypes
import json
import mmap
import os
import signal
import socket
import sys
import time
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)


def tell(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def attempt(action):
    """None when `action` is refused, else a word on what it gave."""
    try:
        given = action()
    except (OSError, ImportError, ValueError) as error:
        return None if not isinstance(error, BlockingIOError) else "would block"
    return "done" if given is None else repr(given)[:200]


def call_me(name):
    LIBC.prctl(15, ctypes.create_string_buffer(name.encode()[:15]), 0, 0, 0)


def open_descriptors():
    for descriptor in range(3, 1024):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        yield f"descriptor {descriptor}"


def files_to_read(places):
    """Other processes' secrets, then everything beneath `places`."""
    for pid in {
        *range(1, 40),
        os.getppid(),
        "self",
        *(os.listdir("/proc") if attempt(lambda: os.listdir("/proc")) else ()),
    }:
        yield from (Path(f"/proc/{pid}/{name}") for name in ("environ", "mem", "cmdline"))
    for place in map(Path, places):
        yield place
        if attempt(lambda place=place: os.listdir(place)):
            yield from place.rglob("*")


def look_for(marker, *places):
    """Read every place where `marker` might be found: environment, descriptors, other processes, files, modules."""
    found = list(open_descriptors())
    if any(marker in f"{name}={value}" for name, value in os.environ.items()):
        found.append("environment")
    for file in files_to_read(places):
        try:
            with file.open("rb") as stream:
                if marker.encode() in stream.read(1 << 20):
                    found.append(str(file))
        except OSError:
            continue
    found += [name for name in ("portal.settings", "assessments.ledger") if attempt(lambda name=name: __import__(name))]
    tell(found=found)


def sockets():
    """Every kind of socket, by the library and by the bare system call (io_uring can make sockets too)."""
    opened = {}
    for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            got = attempt(lambda family=family, kind=kind: socket.socket(getattr(socket, family), kind))
            if got:
                opened[f"{family} {kind}"] = got
    got = attempt(socket.socketpair)
    if got:
        opened["socketpair"] = got
    if LIBC.syscall(425, 8, ctypes.create_string_buffer(256)) >= 0:
        opened["io_uring"] = "done"
    tell(opened=opened)


def kernel_calls():
    """Calls that would change the machine, other processes or the view of files."""
    x86 = os.uname().machine == "x86_64"
    numbers = {"ptrace": (101, 117), "mount": (165, 40), "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280),
               "keyctl": (250, 219), "perf_event_open": (298, 241), "process_vm_readv": (310, 270),
               "pidfd_open": (434, 434), "shmget": (29, 194), "chroot": (161, 51)}  # fmt: skip
    allowed = []
    for name, (on_x86, elsewhere) in numbers.items():
        ctypes.set_errno(0)
        answer = LIBC.syscall(on_x86 if x86 else elsewhere, 0, 0, 0, 0, 0, 0)
        if answer >= 0 or ctypes.get_errno() != 1:
            allowed.append(name)
    signals = [pid for pid in (os.getppid(), 1, -1) if attempt(lambda pid=pid: os.kill(pid, 0))]
    tell(allowed=allowed, signals=signals, user=os.getuid())


def write_outside(*places):
    """Leave a file in each place, and change what was given to read."""
    written = [place for place in places if attempt(lambda place=place: Path(place, "left-behind").write_text("x"))]
    for changed in ("input/given.txt", "input/another.txt", "stray.txt"):
        attempt(lambda: os.chmod("input", 0o700))
        attempt(lambda changed=changed: os.chmod(changed, 0o600))
        if attempt(lambda changed=changed: Path(changed).write_text("x")):
            written.append(changed)
    Path("output/mine.txt").write_text("x")
    Path("tmp/mine.txt").write_text("x")
    tell(written=written)


def run_programs():
    """Start another program, or another process."""
    tell(
        fork=attempt(os.fork),
        spawn=attempt(lambda: os.posix_spawn("/bin/true", ["true"], {})),
        execve=attempt(lambda: os.execve("/bin/echo", ["echo", "replaced"], {})),
    )


def spin(name):
    call_me(name)
    tell(started=True)
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def sleep(name):
    call_me(name)
    tell(started=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def survive(name):
    """Leave a grandchild in a session of its own behind, then wait or end."""
    call_me(name)
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            for descriptor in (0, 1, 2):
                os.close(descriptor)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(0.1)
    tell(started=True)
    if "stay" in sys.argv:
        sleep(name)


def fork_bomb():
    made = 0
    while True:
        try:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
        except OSError:
            break
        made += 1
        if made > 500:
            break
    tell(made=made)


def reserve(size):
    tell(got=len(bytearray(int(size))))


def touch_memory():
    held = []
    while True:
        held.append(bytearray(os.urandom(1 << 20) * 8))


def fill_disk(size):
    for index in range(10_000):
        Path(f"tmp/{index}").write_bytes(b"x" * int(size))
        time.sleep(0.001)


def fill_disk_unseen(how):
    """Write to files that no folder names any more, held by descriptors or by mappings alone."""
    held = []
    for index in range(40):
        name = f"tmp/{index}"
        with open(name, "w+b") as file:
            file.write(os.urandom(1 << 20) * 4)
            file.flush()
            os.unlink(name)
            held.append(mmap.mmap(file.fileno(), 4 << 20) if how == "mapped" else os.dup(file.fileno()))
        time.sleep(0.05)
    tell(written=sum(1 for _ in held))
    time.sleep(20)


def leave_traces(marker, *places):
    """Leave `marker` wherever a later run might look: files, environment, memory and queues that outlive a process."""
    os.environ["LEFT"] = marker
    left = [place for place in (*places, "tmp", "output", "input", ".")
            if attempt(lambda place=place: Path(place, f"left-{marker}").write_text(marker))]  # fmt: skip
    x86 = os.uname().machine == "x86_64"
    objects = {"shmget": (29, 194, 0x5EC4E7, 4096, 0o1666), "semget": (64, 190, 0x5EC4E7, 1, 0o1666),
               "msgget": (68, 186, 0x5EC4E7, 0o1666), "mq_open": (240, 180, b"/left", 0o102, 0o666, None),
               "memfd_create": (319, 279, b"left", 0), "add_key": (248, 217, b"user", b"x", b"x", 1, -3)}  # fmt: skip
    left += [name for name, (on_x86, elsewhere, *words) in objects.items()
             if LIBC.syscall(on_x86 if x86 else elsewhere, *words) >= 0]  # fmt: skip
    tell(left=left, user=os.getuid(), folder=os.getcwd())


def find_traces(marker, *places):
    """Everything that still holds `marker`, and every object of a kind that could carry one over."""
    found = [name for name, value in os.environ.items() if marker in value]
    for place in (*places, ".", "tmp", "output"):
        paths = Path(place).rglob("*") if attempt(lambda place=place: os.listdir(place)) else ()
        found += [str(path) for path in paths
                  if marker in path.name or attempt(lambda path=path: path.read_text().index(marker))]  # fmt: skip
    tell(found=found, user=os.getuid(), folder=os.getcwd())


def read_everything(*places):
    """Which of `places` can be looked into at all, and which files below / belong to no system folder."""
    system = ("usr", "lib", "lib64", "lib32", "bin", "sbin", "dev", "etc", "proc", "sys")
    top = [name for name in (os.listdir("/") if attempt(lambda: os.listdir("/")) else ()) if name not in system]
    tell(top=top, seen=[place for place in places if attempt(lambda place=place: os.stat(place))])


def trick_outputs(secret):
    """Give back links and odd files in place of results."""
    os.symlink(secret, "output/link.json")
    os.symlink("/etc", "output/folder")
    attempt(lambda: os.link(secret, "output/hard.json"))
    attempt(lambda: os.mkfifo("output/pipe.json"))
    Path("output/large.json").write_bytes(b"x" * (3 << 20))
    Path("output/good.json").write_text("{}")


def instruments():
    import numpy as np
    import onnxruntime

    tell(sum=float(np.ones((200, 200)).dot(np.ones((200, 200))).sum()), version=onnxruntime.__version__)


if __name__ == "__main__":
    globals()[sys.argv[1]](*(argument for argument in sys.argv[2:] if argument != "stay"))
