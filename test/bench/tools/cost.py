"""Runs a program with its output thrown away and prints seconds from exec to exit, CPU seconds, peak KiB, exit status."""

import os
import sys
import time

began = time.perf_counter()
pid = os.fork()
if pid == 0:
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(silence, descriptor)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
