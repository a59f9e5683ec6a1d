"""The aws CLI without its start-up: a process that has imported Debian's awscli once, and forks for each call.

Usage: aws-fork-server.py SOCKET. A call is one message on the socket, JSON of `args`, `env` and `cwd`, with the caller's
standard input, output and error as file descriptors (aws-fork-client.py sends it). What runs is awscli's own `main`, with
the caller's environment; the answer is its exit code. A caller that goes away ends its call. Ends with its standard input.
"""

import json
import os
import select
import signal
import socket
import sys

import awscli.botocore.args
import awscli.botocore.auth
import awscli.botocore.client
import awscli.botocore.endpoint
import awscli.botocore.httpsession
import awscli.botocore.parsers
import awscli.botocore.serialize
import awscli.botocore.session
import awscli.botocore.signers
import awscli.clidriver
import awscli.handlers

MESSAGE_BYTES = 4 * 1024 * 1024


def run_call(message, descriptors):
    """Never returns."""
    call = json.loads(message)
    os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.chdir(call["cwd"])
    # awscli says by its environment where its own files are.
    own = {name: os.environ[name] for name in ("AWS_DATA_PATH",) if name in os.environ}
    os.environ.clear()
    os.environ.update({**own, **call["env"]})
    sys.argv = ["aws", *call["args"]]
    lines = 1 if "PYTHONUNBUFFERED" in os.environ else -1
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, os.fdopen(number, mode, buffering=lines, encoding="utf-8", closefd=False))
    code = 255
    try:
        code = awscli.clidriver.main() or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def read_call(connection):
    """A message that is longer than one read is told by its first line: the number of its bytes."""
    first, descriptors, _flags, _address = socket.recv_fds(connection, MESSAGE_BYTES, 3)
    length, _, body = first.partition(b"\n")
    while len(body) < int(length):
        body += connection.recv(MESSAGE_BYTES)
    return body, descriptors


def serve(connection):
    """Never returns."""
    message, descriptors = read_call(connection)
    worker = os.fork()
    if worker == 0:
        connection.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        run_call(message, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    ended = os.pidfd_open(worker)
    ready, _, _ = select.select([ended, connection], [], [])
    if ended not in ready:
        os.killpg(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    try:
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    except BrokenPipeError:
        pass
    os._exit(0)


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    # Children are nobody's concern: the kernel forgets them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(connection)
        connection.close()


main()
