import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes } from './load-text.ts';

test('every mistake is told at once: its key, what was written, where, and the accepted form', () => {
  const text = `
listen: example.com:8080
socket_mode: rw-rw----
s3:
  bucket: a
  region: Ireland
  endpoint: ftp://storage.example.net
timeouts: {connect: 10}
log: {level: verbose}
`;
  const written = [
    ['listen', '"example.com:8080"', '127.0.0.1:8080'],
    ['socket_mode', '"rw-rw----"', '0660'],
    ['s3.bucket', '"a"', 'a bucket name'],
    ['s3.region', '"Ireland"', 'eu-west-1'],
    ['s3.endpoint', '"ftp://storage.example.net"', 'https://host[:port]'],
    ['timeouts.connect', '"10"', '500ms, 3s or 1m30s'],
    ['log.level', '"verbose"', 'trace, debug, info'],
  ];
  const mistakes = findMistakes(text, { environment: { S3_HELPER_S3_FIPS: 'yes' } });
  for (const [name, quoted, form] of written) {
    const mistake = mistakes.find((sentence) => sentence.startsWith(`${name}: `));
    expect(mistake).toContain(`${quoted} is not accepted (the-file.yml); write `);
    expect(mistake).toContain(form);
  }
  expect(mistakes).toContain(
    's3.fips: "yes" is not accepted (environment S3_HELPER_S3_FIPS); write true or false',
  );
  expect(mistakes).toHaveLength(8);
});

test('mistaken names and mistaken values are told together', () => {
  const mistakes = findMistakes(`${BUCKET_AND_REGION}log: {levle: info}\ntimeouts: {connect: soon}\n`, {
    environment: { S3_HELPER_LOG_IDENTITY: 'x' },
    flags: { 'timeouts.drain': '-1s' },
  });
  expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
    'log.levle',
    'S3_HELPER_LOG_IDENTITY',
    'timeouts.connect',
    'timeouts.drain',
  ]);
  expect(mistakes[3]).toContain('(flag --timeouts-drain)');
});

test('a mistake causes no second sentence about what follows from it', () => {
  expect(findMistakes('s3: {bucket: media, region: "?"}\nroutes: [{path: /a/}]\n')).toHaveLength(1);
  expect(findMistakes('s3: {bucket: "?", region: eu-west-1}\n')).toHaveLength(1);
  expect(findMistakes('routes: [{path: /a/, bucket: "?", region: eu-west-1}]\n')).toHaveLength(1);
});

test('a missing bucket is one sentence that says the three places to write it', () => {
  const [mistake, ...others] = findMistakes('listen: 127.0.0.1:8080\n');
  expect(mistake).toBe(
    's3.bucket: is missing; write the name of the bucket in the file, in S3_HELPER_S3_BUCKET or after --s3-bucket',
  );
  expect(others).toEqual([]);
});

test.each(['s3: {bucket: [media]}', 's3: {bucket: [[media], [{}]]}', 'log: {level: [info, warn]}'])(
  'a list where a value is due is not accepted: %s',
  (text) => {
    expect(findMistakes(text).filter((mistake) => mistake.includes('is not accepted'))).toHaveLength(1);
  },
);

test('a long value is quoted in part', () => {
  const [mistake] = findMistakes(`${BUCKET_AND_REGION}log: {level: ${'x'.repeat(500)}}\n`);
  expect(mistake).toMatch(/^log\.level: "x{79}… is not accepted/);
});
