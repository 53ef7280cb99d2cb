import { expect, test } from 'vitest';
import { findListeningAddress } from '../../src/cli/systemd/socket-tables.ts';

const UNIX = `Num       RefCount Protocol Flags    Type St Inode Path
0000000019994f37: 00000003 00000000 00000000 0001 03 7853937
00000000be6d7101: 00000002 00000000 00010000 0001 01 101 /run/s3-helper/s3-helper.sock
00000000be6d7102: 00000002 00000000 00010000 0001 01 102 /run/a folder/of two words
00000000be6d7103: 00000003 00000000 00000000 0001 03 103 /run/connected.sock
00000000be6d7104: 00000002 00000000 00000000 0002 01 104 /run/datagrams.sock
00000000be6d7105: 00000002 00000000 00010000 0005 01 105 /run/packets.sock
00000000be6d7106: 00000002 00000000 00010000 0001 01 106 @abstract
`;
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 201 1 00000000b55bd793 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 202 1 000000000021779c 20 4 30 10 -1
   2: 0509A8C0:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 203 1 00000000cc921b02 100 0 0 10 0
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:AA49 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 301 1 000000004364eb34 100 0 0 10 0
   1: B80D01200000000000000000EFBEADDE:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 302 1 000000004364eb35 100 0 0 10 0
`;
const TABLES: Readonly<Record<string, string>> = { unix: UNIX, tcp: TCP, tcp6: TCP6 };

test.each([
  ['101', { kind: 'unix', path: '/run/s3-helper/s3-helper.sock' }],
  ['102', { kind: 'unix', path: '/run/a folder/of two words' }],
  ['201', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['203', { kind: 'tcp', host: '192.168.9.5', port: 80 }],
  ['301', { kind: 'tcp', host: '0:0:0:0:0:0:0:1', port: 43_593 }],
  ['302', { kind: 'tcp', host: '2001:db8:0:0:0:0:dead:beef', port: 80 }],
])('the socket %s listens', (inode, address) => {
  expect(findListeningAddress(inode, (name) => TABLES[name] ?? '')).toEqual(address);
});

test.each([
  ['a connection over unix', '103'],
  ['datagrams', '104'],
  ['packets', '105'],
  ['an abstract name', '106'],
  ['a connection over TCP', '202'],
  ['nothing that is known', '999'],
])('%s is nothing to listen on', (_, inode) => {
  expect(findListeningAddress(inode, (name) => TABLES[name] ?? '')).toBeUndefined();
});
