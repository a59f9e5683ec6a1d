#!/usr/bin/python3 -SEs
"""Stands for `aws`: has its call made by aws-fork-server.py at AWS_FORK_SOCKET, or by /usr/bin/aws where there is none.

A caller with a home of its own gets a process of its own: awscli looks up where its caches are when it is imported.
"""

import os
import sys

path = os.environ.get("AWS_FORK_SOCKET")
if not path or os.environ.get("HOME") != os.environ.get("AWS_FORK_HOME"):
    os.execv("/usr/bin/aws", ["aws", *sys.argv[1:]])

import _socket as raw
import array
import json

connection = raw.socket(raw.AF_UNIX, raw.SOCK_STREAM)
connection.connect(path)
body = json.dumps({"args": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd()}).encode()
message = b"%d\n%s" % (len(body), body)
sent = connection.sendmsg([message], [(raw.SOL_SOCKET, raw.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
while sent < len(message):
    sent += connection.send(message[sent:])
code = connection.recv(16)
sys.exit(int(code) % 256 if code else 255)
