#!/usr/bin/env python3
"""A check worker: asked by a line of JSON on its input, it answers by a line on its output, and ends when its input ends.

misc_path "/usr/local/sbin/check-worker.py ADDRESS PORT TEXT"
misc_worker

This one passes when the server sends TEXT within the time given. Each question has a thread, so that a slow server
holds up no other. Status 0 is healthy; with misc_dynamic 2 to 255 sets the weight to status - 2.
"""
import json
import socket
import sys
import threading

lock = threading.Lock()


def check(arguments, timeout):
    address, port, text = arguments
    try:
        with socket.create_connection((address, int(port)), timeout=timeout) as server:
            server.settimeout(timeout)
            return 0 if text.encode() in server.recv(4096) else 1
    except OSError:
        return 1


def answer(question):
    status = check(question["arguments"], question["timeout"])
    with lock:
        print(json.dumps({"id": question["id"], "status": status}), flush=True)


for line in sys.stdin:
    threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()
