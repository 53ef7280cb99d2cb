"""Makes the storage of a Swift of one device: its directory, and the rings that say where each server listens.

usage: swift-storage.py DEVICES_DIR SWIFT_DIR account=PORT container=PORT object=PORT
"""
import os
import sys

from swift.common.ring import RingBuilder

devices, swift_dir, *servers = sys.argv[1:]
device = os.path.join(devices, 'sdb1')
os.makedirs(device)
try:
    os.setxattr(device, 'user.swift.probe', b'1')
except OSError as error:
    sys.exit(f'{device}: Swift needs a file system with user extended attributes ({error}); set TMPDIR to one')

for server in servers:
    name, port = server.split('=')
    # As `swift-ring-builder FILE create 4 1 1`, `add` and `rebalance`: 16 partitions, one replica, no waiting hours.
    builder = RingBuilder(4, 1, 1)
    address = {'ip': '127.0.0.1', 'port': int(port), 'replication_ip': '127.0.0.1', 'replication_port': int(port)}
    builder.add_dev({'region': 1, 'zone': 1, 'device': 'sdb1', 'weight': 1.0, 'meta': '', **address})
    builder.rebalance()
    builder.get_ring().save(os.path.join(swift_dir, f'{name}.ring.gz'))
