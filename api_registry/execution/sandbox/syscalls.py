"""Which system calls a runner may make, by name; the numbers are libseccomp's.

A list of what is allowed, not of what is forbidden: a system call that a newer kernel adds is
denied until somebody has read about it. Nothing here starts a process, reaches another one, opens
a connection or changes a file by its name.
"""

from dataclasses import dataclass

COMPUTING = (
    # memory
    "brk mmap mmap2 munmap mremap mprotect madvise msync mlock munlock mincore membarrier "
    "pkey_alloc pkey_free pkey_mprotect get_mempolicy "
    # threads and signals to this process
    "futex futex_time64 futex_waitv set_robust_list get_robust_list rseq set_tid_address "
    "arch_prctl set_thread_area get_thread_area exit exit_group restart_syscall sched_yield "
    "sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max "
    "sched_get_priority_min sched_rr_get_interval sched_getattr getcpu "
    "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait "
    "rt_sigtimedwait_time64 sigaction sigprocmask sigreturn sigaltstack signalfd4 signalfd pause "
    "wait4 waitid waitpid "
    # time
    "clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep "
    "clock_nanosleep_time64 nanosleep gettimeofday time times alarm setitimer getitimer "
    "timerfd_create timerfd_settime timerfd_gettime "
    # who and where this process is
    "getpid getppid gettid getpgid getpgrp getsid getuid geteuid getgid getegid getresuid "
    "getresgid getgroups capget getrlimit ugetrlimit getrusage getpriority sysinfo uname getcwd "
    "umask getrandom getuid32 geteuid32 getgid32 getegid32 getresuid32 getresgid32 getgroups32 "
    # reading files, and descriptors that are open
    "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek close "
    "close_range dup dup2 dup3 fsync fdatasync fadvise64 fadvise64_64 arm_fadvise64_64 readahead "
    "stat fstat lstat newfstatat statx stat64 fstat64 lstat64 fstatat64 statfs fstatfs statfs64 "
    "fstatfs64 access faccessat faccessat2 readlink readlinkat getdents getdents64 chdir fchdir "
    "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr sendfile sendfile64 "
    # waiting for descriptors
    "pipe pipe2 eventfd eventfd2 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait "
    "epoll_pwait epoll_pwait2 poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 "
    # a pair of sockets that are connected to each other: what an event loop wakes itself with
    "sendto recvfrom getsockopt setsockopt getsockname getpeername shutdown send recv"
).split()

WRITING_FILES = (
    "open openat openat2 creat truncate truncate64 ftruncate ftruncate64 fallocate mkdir mkdirat "
    "rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat chmod fchmod "
    "fchmodat utime utimes utimensat utimensat_time64 futimesat setxattr lsetxattr fsetxattr "
    "removexattr lremovexattr fremovexattr copy_file_range splice flock"
).split()

CONNECTING = "connect bind sendmsg recvmsg sendmmsg recvmmsg recvmmsg_time64".split()

_NEVER = (
    "fork vfork execve execveat ptrace process_vm_readv process_vm_writev pidfd_open "
    "pidfd_send_signal pidfd_getfd tkill rt_sigqueueinfo rt_tgsigqueueinfo kcmp "
    "listen accept accept4 socketcall mount umount2 pivot_root chroot unshare setns open_tree "
    "move_mount fsopen fsmount bpf perf_event_open keyctl add_key request_key userfaultfd "
    "io_uring_setup io_uring_enter io_uring_register memfd_create memfd_secret "
    "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset "
    "setsid setpgid reboot kexec_load init_module finit_module delete_module swapon swapoff "
    "settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname syslog acct "
    "quotactl inotify_init inotify_init1 inotify_add_watch fanotify_init open_by_handle_at "
    "name_to_handle_at shmget shmat shmctl msgget msgsnd msgrcv semget semop mq_open mq_unlink "
    "setpriority ioprio_set sched_setscheduler sched_setattr sched_setparam migrate_pages "
    "move_pages timer_create mknod mknodat chown fchown lchown fchownat personality iopl ioperm"
).split()

_CLONE_THREAD = 0x10000
_WRITE_FLAGS = 0o3 | 0o100 | 0o1000
"""O_WRONLY, O_RDWR, O_CREAT and O_TRUNC."""
_TMPFILE = 0o20000000
_STREAM_PAIR = 0xF
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16

OWN_PID = 0x5EC0C0DE
"""Stands in the program for the runner's process id, larger than any: put in after the fork."""


@dataclass(frozen=True)
class Argument:
    """What one argument of a system call must be: this value, in the bits of the mask."""

    index: int
    value: int
    mask: int | None = None
    other: bool = False
    """It must be any other value; without a mask."""


Rule = tuple[str, tuple[Argument, ...]]

_PRCTL = {"PR_GET_DUMPABLE": 3, "PR_SET_NAME": 15, "PR_GET_NAME": 16, "PR_GET_SECCOMP": 21,
          "PR_CAPBSET_READ": 23, "PR_GET_NO_NEW_PRIVS": 39, "PR_SET_VMA": 0x53564D41}  # fmt: skip
_IOCTL = {"TCGETS": 0x5401, "TIOCGWINSZ": 0x5413, "FIONREAD": 0x541B, "FIONBIO": 0x5421,
          "FIONCLEX": 0x5450, "FIOCLEX": 0x5451}  # fmt: skip
_FCNTL = {"F_DUPFD": 0, "F_GETFD": 1, "F_SETFD": 2, "F_GETFL": 3, "F_SETFL": 4, "F_GETLK": 5,
          "F_SETLK": 6, "F_SETLKW": 7, "F_OFD_GETLK": 36, "F_OFD_SETLK": 37, "F_OFD_SETLKW": 38,
          "F_DUPFD_CLOEXEC": 1030, "F_SETPIPE_SZ": 1031, "F_GETPIPE_SZ": 1032,
          "F_GET_SEALS": 1034}  # fmt: skip
"""Not F_SETOWN: it sends signals to whom it names."""


def allowed_rules(*, read_only: bool, files: bool, network: bool) -> list[Rule]:
    """What runners may do.

    Args:
        read_only: Deny also to open files for writing; else that is somebody else's job.
        files: Calls may change files.
        network: Calls may open connections to the internet.
    """
    rules: list[Rule] = [(name, ()) for name in COMPUTING]
    for name in ("kill", "tgkill"):  # `abort` and `raise` are signals to oneself
        rules.append((name, (Argument(0, OWN_PID),)))
    rules.append(("clone", (Argument(0, _CLONE_THREAD, _CLONE_THREAD),)))
    rules.append(("prlimit64", (Argument(0, 0),)))
    rules.append(("setrlimit", ()))
    rules.append(("sched_setaffinity", (Argument(0, 0),)))
    rules += [("prctl", (Argument(0, option),)) for option in _PRCTL.values()]
    rules += [("ioctl", (Argument(1, request),)) for request in _IOCTL.values()]
    for name in ("fcntl", "fcntl64"):
        rules += [(name, (Argument(1, command),)) for command in _FCNTL.values()]
    # Not datagrams: they can be sent to any path, connected or not.
    rules.append(("socketpair", (Argument(0, _AF_UNIX), Argument(1, 1, _STREAM_PAIR))))
    if files:
        rules += [(name, ()) for name in WRITING_FILES]
    elif read_only:
        rules.append(("open", (Argument(1, 0, _WRITE_FLAGS | _TMPFILE),)))
        rules.append(("openat", (Argument(2, 0, _WRITE_FLAGS | _TMPFILE),)))
    else:
        rules += [("open", ()), ("openat", ())]
    if network:
        rules += [(name, ()) for name in CONNECTING]
        for family in (_AF_INET, _AF_INET6, _AF_NETLINK):
            rules.append(("socket", (Argument(0, family),)))
    return rules


def refused_rules(*, files: bool, network: bool) -> list[Rule]:
    """What is answered "operation not permitted", which makes a readable error.

    Whatever is in neither list is "not implemented", so that a library that tries a new system
    call falls back on an old one; `clone3` is such a case, for its arguments cannot be looked at.
    """
    rules: list[Rule] = [(name, ()) for name in _NEVER]
    rules += [(name, (Argument(0, OWN_PID, other=True),)) for name in ("kill", "tgkill")]
    rules.append(("clone", (Argument(0, 0, _CLONE_THREAD),)))
    if not files:
        rules += [(name, ()) for name in WRITING_FILES if not name.startswith("open")]
    if network:
        rules.append(("socket", (Argument(0, _AF_UNIX),)))
    else:
        rules += [(name, ()) for name in ("socket", *CONNECTING)]
    return rules
