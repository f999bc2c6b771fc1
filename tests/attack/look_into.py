"""look_into.py WHAT PID: tries to look into a process, and prints "open" or the name of the error."""
import ctypes
import os
import sys

PTRACE_ATTACH, PTRACE_DETACH = 16, 17
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def look(what, pid):
    if what == "ptrace":
        check(libc.ptrace(PTRACE_ATTACH, pid, 0, 0))
        os.waitpid(pid, 0)
        libc.ptrace(PTRACE_DETACH, pid, 0, 0)
    elif what == "process_vm_readv":
        piece = (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.create_string_buffer(8)), 8)
        check(libc.process_vm_readv(pid, piece, 1, piece, 1, 0))
    elif what in ("fd", "map_files"):
        os.listdir(f"/proc/{pid}/{what}")
    else:
        open(f"/proc/{pid}/{what}", "rb").close()


try:
    look(sys.argv[1], int(sys.argv[2]))
    print("open")
except OSError as error:
    print(type(error).__name__)
