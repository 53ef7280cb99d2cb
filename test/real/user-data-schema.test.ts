import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AjvDraft04 from 'ajv-draft-04';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../packaging/read-compose.ts';

/** Debian's cloud-init brings its schema. CI unpacks the package and does not install it, as it would run at each start. */
const SCHEMA =
  process.env['CLOUD_INIT_SCHEMA'] ??
  '/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json';
const hasSchema = existsSync(SCHEMA);
if (!hasSchema)
  console.log(`skipped: no schema of cloud-init at ${SCHEMA} (CLOUD_INIT_SCHEMA may name another place)`);

test.skipIf(!hasSchema)('the user data of config/ec2 is what the schema of cloud-init says', () => {
  const validate = new AjvDraft04.default({ strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
  );
  const text = readFileSync(join(PROJECT, 'config/ec2/user-data.yml'), 'utf8');
  const userData = parse(text) as Record<string, unknown>;
  expect(validate(userData), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...userData, runcmd: 'systemctl' })).toBe(false);
  expect(validate({ ...userData, write_files: [{ content: 'x' }] })).toBe(false);
});
