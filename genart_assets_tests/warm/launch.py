"""Stands for a process that ``server.py`` forks, as an interpreter: ``launch.py EXECUTABLE SOCKET -m MODULE …``.

It passes its streams on and the signals that it gets, and ends as the process ends; killed, it takes the process along.
"""

import json
import os
import signal
import socket
import sys


def main(executable: str, address: str, *arguments: str) -> None:
    if arguments[:1] not in (("-m",), ("-c",)):
        os.execv(sys.executable, [sys.executable, *arguments])
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        request = {
            "arguments": arguments,
            "environment": dict(os.environ),
            "directory": os.getcwd(),
            "executable": executable,
        }
        content = json.dumps(request).encode()
        socket.send_fds(connection, [len(content).to_bytes(8, "big")], [0, 1, 2])
        connection.sendall(content)
        answers = connection.makefile("r")
        if (started := answers.readline()) == "cold\n":
            os.execv(sys.executable, [sys.executable, *arguments])
        pid = int(started)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: os.kill(pid, number))
        status = int(answers.readline())
    if status < 0:
        if -status != signal.SIGKILL:
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


main(*sys.argv[1:])
