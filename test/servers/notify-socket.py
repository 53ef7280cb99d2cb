"""A notify socket: prints each datagram as a JSON line, with the number of the process that sent it (unix(7), SCM_CREDENTIALS)."""

import json
import os
import socket
import struct
import sys

address = sys.argv[1]
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
server.bind("\0" + address[1:] if address.startswith("@") else address)
print(json.dumps({"listening": address}), flush=True)
while True:
    text, ancillary, _, _ = server.recvmsg(65536, 1024)
    pid = None
    for level, kind, payload in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid = struct.unpack("3i", payload[:12])[0]
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            # Who has sent BARRIER=1 waits for its descriptor to be closed.
            for (descriptor,) in struct.iter_unpack("i", payload):
                os.close(descriptor)
    if text != b"BARRIER=1":
        fields = dict(line.split("=", 1) for line in text.decode().split("\n") if line)
        print(json.dumps({"pid": pid, "fields": fields}), flush=True)
