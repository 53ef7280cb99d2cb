import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findExcess, findTrustExcess, type Policy } from './find-excess.ts';
import { PROJECT } from './read-compose.ts';

const read = (file: string): Policy =>
  JSON.parse(readFileSync(join(PROJECT, 'config', file), 'utf8')) as Policy;

describe('The permissions of the role', () => {
  test('are to read the objects of one bucket', () => {
    const policy = read('ec2/read-objects.json');
    expect(policy.Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      ['s3:GetObject', 'arn:aws:s3:::my-media/*'],
    ]);
    expect(findExcess(policy)).toEqual([]);
  });

  test('are, where missing keys shall be 404, to list that bucket too, in a policy of its own', () => {
    const policy = read('ec2/list-bucket.json');
    expect(policy.Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      ['s3:ListBucket', 'arn:aws:s3:::my-media'],
    ]);
    expect(findExcess(policy)).toEqual([]);
  });
});

test.each([
  ['ec2/trust-policy.json'],
  ['ecs/trust-policy.json'],
  ['kubernetes/trust-policy-irsa.json'],
  ['kubernetes/trust-policy-pod-identity.json'],
])('%s lets one kind of holder take the role, under conditions that keep others out', (file) => {
  expect(findTrustExcess(read(file))).toEqual([]);
});

describe('What is too much would be noticed:', () => {
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::my-media/*' } as const;
  test.each([
    [{ Action: 's3:*' }, 'Action s3:*'],
    [{ Action: ['s3:GetObject', 's3:PutObject'] }, 'Action s3:PutObject'],
    [{ Action: 's3:Get*' }, 'Action s3:Get*'],
    [{ Resource: '*' }, 'Resource *'],
    [{ Resource: 'arn:aws:s3:::*/*' }, 'Resource arn:aws:s3:::*/*'],
    [{ Resource: 'arn:aws:s3:::my-media*' }, 'Resource arn:aws:s3:::my-media*'],
    [{ Action: 's3:ListBucket' }, 'Resource arn:aws:s3:::my-media/*'],
    [{ NotAction: 's3:PutObject' }, 'NotAction'],
    [{ NotResource: 'x' }, 'NotResource'],
  ])('%j', (change, expected) => {
    const policy = { Version: '2012-10-17', Statement: [{ ...statement, ...change }] };
    expect(findExcess(policy as unknown as Policy)).toContain(expected);
  });

  test.each([
    [{ Principal: '*' }, 'Principal'],
    [{ Principal: { AWS: '*' } }, 'Principal'],
    [{ Condition: undefined }, 'Condition'],
    [{ Condition: { StringLike: { 'a:sub': 'system:serviceaccount:*:*' } } }, 'Condition'],
    [{ Action: 'sts:*' }, 'Action sts:*'],
  ])('in trust: %j', (change, expected) => {
    const policy = read('kubernetes/trust-policy-irsa.json');
    const changed = { ...policy, Statement: [{ ...policy.Statement[0]!, ...change }] };
    expect(findTrustExcess(changed as Policy)).toContain(expected);
  });
});
