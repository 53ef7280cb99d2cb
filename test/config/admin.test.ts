import { describe, expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const withAdmin = (yaml: string, more = ''): string =>
  `${BUCKET_AND_REGION}admin: {listen: ${yaml}}\n${more}`;
const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port });

describe('admin.listen', () => {
  test('is off where nobody writes it, and where it is empty', () => {
    expect(loadText(BUCKET_AND_REGION).admin).toEqual({ listen: undefined });
    expect(loadText(withAdmin('""')).admin).toEqual({ listen: undefined });
  });

  test.each([
    ['127.0.0.1:8081', tcp('127.0.0.1', 8081)],
    ['"[::1]:8081"', tcp('::1', 8081)],
    ['":8081"', tcp('127.0.0.1', 8081)],
    ['localhost:0', tcp('127.0.0.1', 0)],
    ['unix:/run/s3-helper-admin.sock', { kind: 'unix', path: '/run/s3-helper-admin.sock' }],
  ])('takes %s', (yaml, address) => {
    expect(loadText(withAdmin(yaml)).admin.listen).toEqual(address);
  });

  test('is taken from the environment and from a flag', () => {
    const environment = { S3_HELPER_ADMIN_LISTEN: ':8081' };
    expect(loadText(BUCKET_AND_REGION, { environment }).admin.listen).toEqual(tcp('127.0.0.1', 8081));
    const flags = { 'admin.listen': '[::1]:8082' };
    expect(loadText(BUCKET_AND_REGION, { environment, flags }).admin.listen).toEqual(tcp('::1', 8082));
  });

  test.each(['example.com:8081', '8081', '"unix:run/a.sock"', '":8081, :8082"', '[":8081"]'])(
    'refuses %s and says the accepted forms',
    (yaml) => {
      const mistakes = findMistakes(withAdmin(yaml));
      expect(mistakes).toHaveLength(1);
      expect(mistakes[0]).toMatch(
        /^admin\.listen: .+ is not accepted \(the-file\.yml\); write 127\.0\.0\.1:8081, \[::1\]:8081, :8081 \(loopback\) or unix:\/path/,
      );
    },
  );

  test('needs allow_remote for an address that others can reach', () => {
    expect(findMistakes(withAdmin('0.0.0.0:8081'))).toEqual([
      'admin.listen: 0.0.0.0 can be reached from other machines, which could then watch it; ' +
        'write a loopback address such as 127.0.0.1:8081, or set allow_remote: true if that is what you want',
    ]);
    expect(loadText(withAdmin('0.0.0.0:8081', 'allow_remote: true\n')).admin.listen).toEqual(
      tcp('0.0.0.0', 8081),
    );
  });

  test.each([
    ['127.0.0.1:8080', ''],
    ['":8081"', 'listen: [":80", "localhost:8081"]\n'],
    ['unix:/run/a.sock', 'listen: unix:/run/a.sock\n'],
  ])('is no address of the bucket: %s', (yaml, more) => {
    expect(findMistakes(withAdmin(yaml, more))).toEqual([
      'admin.listen: the bucket is served there (listen); write another address',
    ]);
  });

  test.each([
    ['"[::1]:8080"', ''],
    ['127.0.0.1:0', 'listen: 127.0.0.1:0\n'],
    ['unix:/run/b.sock', 'listen: unix:/run/a.sock\n'],
  ])('may be beside one: %s', (yaml, more) => {
    expect(findMistakes(withAdmin(yaml, more))).toEqual([]);
  });
});
