"""Numbers of the system calls that the filter names, by processor.

Source: the kernel's `asm/unistd_64.h` (x86_64) and `asm-generic/unistd.h` (aarch64).
A call that a processor does not have is absent there.
"""

from __future__ import annotations

from typing import Final

# Anything that reaches another machine or another process through a socket; io_uring can make sockets too.
NETWORK: Final = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "getsockopt", "setsockopt",
    "shutdown", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "io_uring_setup",
    "io_uring_enter", "io_uring_register",
)  # fmt: skip

# Looking into, signalling or slowing down other processes.
OTHER_PROCESSES: Final = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "perf_event_open", "userfaultfd", "migrate_pages", "move_pages", "tkill",
    "rt_sigqueueinfo", "rt_tgsigqueueinfo", "setpriority", "ioprio_set",
)  # fmt: skip

# Changing the machine, the view of its files, or the rules themselves.
KERNEL: Final = (
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "bpf", "keyctl", "add_key",
    "request_key", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "iopl", "ioperm", "modify_ldt", "acct", "quotactl", "quotactl_fd", "settimeofday",
    "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname", "syslog", "vhangup",
    "lookup_dcookie", "mknod", "mknodat", "fanotify_init", "fanotify_mark", "uselib", "ustat", "sysfs",
    "personality",
)  # fmt: skip

# Memory and queues that outlive a process and that two runs could share.
SHARED_OBJECTS: Final = (
    "shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd", "msgrcv",
    "msgctl", "mq_open", "mq_unlink", "memfd_create", "memfd_secret",
)  # fmt: skip

# Later calls answer "not implemented": what they allow is not known here.
LAST_KNOWN: Final = 462

NUMBERS: Final[dict[str, dict[str, int]]] = {
    "x86_64": {
        "socket": 41, "socketpair": 53, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288,
        "getsockopt": 55, "setsockopt": 54, "shutdown": 48, "sendto": 44, "recvfrom": 45, "sendmsg": 46, "recvmsg": 47,
        "sendmmsg": 307, "recvmmsg": 299, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "process_madvise": 440, "kcmp": 312,
        "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal": 424, "perf_event_open": 298, "userfaultfd": 323,
        "migrate_pages": 256, "move_pages": 279, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
        "setpriority": 141, "ioprio_set": 251, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
        "unshare": 272, "setns": 308, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
        "fsmount": 432, "fspick": 433, "mount_setattr": 442, "name_to_handle_at": 303, "open_by_handle_at": 304,
        "bpf": 321, "keyctl": 250, "add_key": 248, "request_key": 249, "init_module": 175, "finit_module": 313,
        "delete_module": 176, "kexec_load": 246, "kexec_file_load": 320, "reboot": 169, "swapon": 167, "swapoff": 168,
        "iopl": 172, "ioperm": 173, "modify_ldt": 154, "acct": 163, "quotactl": 179, "quotactl_fd": 443,
        "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305, "sethostname": 170,
        "setdomainname": 171, "syslog": 103, "vhangup": 153, "lookup_dcookie": 212, "mknod": 133, "mknodat": 259,
        "fanotify_init": 300, "fanotify_mark": 301, "uselib": 134, "ustat": 136, "sysfs": 139, "personality": 135,
        "shmget": 29, "shmat": 30, "shmctl": 31, "shmdt": 67, "semget": 64, "semop": 65, "semctl": 66,
        "semtimedop": 220, "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "mq_open": 240, "mq_unlink": 241,
        "memfd_create": 319, "memfd_secret": 447, "seccomp": 317, "fork": 57, "vfork": 58, "clone": 56, "clone3": 435,
        "execve": 59, "execveat": 322, "kill": 62, "tgkill": 234, "prlimit64": 302, "ioctl": 16,
    },
    "aarch64": {
        "socket": 198, "socketpair": 199, "connect": 203, "bind": 200, "listen": 201, "accept": 202, "accept4": 242,
        "getsockopt": 209, "setsockopt": 208, "shutdown": 210, "sendto": 206, "recvfrom": 207, "sendmsg": 211,
        "recvmsg": 212, "sendmmsg": 269, "recvmmsg": 243, "io_uring_setup": 425, "io_uring_enter": 426,
        "io_uring_register": 427, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "process_madvise": 440, "kcmp": 272, "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal": 424,
        "perf_event_open": 241, "userfaultfd": 282, "migrate_pages": 238, "move_pages": 239, "tkill": 130,
        "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "setpriority": 140, "ioprio_set": 30, "mount": 40,
        "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "open_tree": 428,
        "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
        "name_to_handle_at": 264, "open_by_handle_at": 265, "bpf": 280, "keyctl": 219, "add_key": 217,
        "request_key": 218, "init_module": 105, "finit_module": 273, "delete_module": 106, "kexec_load": 104,
        "kexec_file_load": 294, "reboot": 142, "swapon": 224, "swapoff": 225, "acct": 89, "quotactl": 60,
        "quotactl_fd": 443, "settimeofday": 170, "clock_settime": 112, "adjtimex": 171, "clock_adjtime": 266,
        "sethostname": 161, "setdomainname": 162, "syslog": 116, "vhangup": 58, "lookup_dcookie": 18, "mknodat": 33,
        "fanotify_init": 262, "fanotify_mark": 263, "personality": 92, "shmget": 194, "shmat": 196, "shmctl": 195,
        "shmdt": 197, "semget": 190, "semop": 193, "semctl": 191, "semtimedop": 192, "msgget": 186, "msgsnd": 189,
        "msgrcv": 188, "msgctl": 187, "mq_open": 180, "mq_unlink": 181, "memfd_create": 279, "memfd_secret": 447,
        "seccomp": 277, "clone": 220, "clone3": 435, "execve": 221, "execveat": 281, "kill": 129, "tgkill": 131,
        "prlimit64": 261, "ioctl": 29,
    },
}  # fmt: skip
