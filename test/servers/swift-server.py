"""Runs one Swift server, as Debian's swift-*-server programs do, with what a test needs changed.

usage: swift-server.py SWIFT_DIR CONFIG_FILE APP_SECTION
Writes a line to file descriptor 3 and closes it when the server listens.
"""
import ctypes
import os
import signal
import sys

# A test process that is killed has no time to end its servers: the kernel does it then (prctl(2), PR_SET_PDEATHSIG).
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

from swift.common.utils import set_swift_dir

swift_dir, config_file, app_section = sys.argv[1:]
# Swift reads /etc/swift/swift.conf by a fixed name, and its storage policies at import: so this comes first.
set_swift_dir(swift_dir)

import eventlet
from swift.common import wsgi

READY_FD = 3


def listen(*args, **options):
    # eventlet shares a port with other listeners (SO_REUSEPORT) unless told not to; two test runs must not mix.
    listener = eventlet.listen(*args, **options, reuse_port=False)
    os.write(READY_FD, b'listening\n')
    os.close(READY_FD)
    return listener


wsgi.listen = listen
sys.exit(wsgi.run_wsgi(config_file, app_section, verbose=True))
