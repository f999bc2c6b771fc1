// Variables that name a file, and the start of a broker.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Client } from '../index.js';
import { readNamedFile } from '../src/environment.js';
import { privateFolder } from '../support/fake-broker.js';

async function folderOf(t) {
  const folder = await privateFolder();
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const KEPT = [
  ['line feeds at the end are cut', 'a\nb\r\n\n', 'a\nb'],
  ['64 KiB are allowed', 'x'.repeat(65536), 'x'.repeat(65536)],
  ['nothing but line feeds is empty', '\n\n', ''],
  ['a byte order mark stays', '\ufeffa', '\ufeffa'],
];

for (const [name, content, expected] of KEPT) {
  test(name, async (t) => {
    const path = join(await folderOf(t), 'key');
    await writeFile(path, content, { mode: 0o600 });
    assert.equal(await readNamedFile('KEY_FILE', path), expected);
  });
}

const REFUSED = {
  'longer than 64 KiB': [(path) => writeFile(path, 'canary'.repeat(11000), { mode: 0o600 }), /longer than 64 KiB/],
  'readable by the group': [(path) => writeFile(path, 'canary', { mode: 0o640 }), /open to other users/],
  'a folder': [(path) => mkdir(path, { mode: 0o700 }), /not a regular file/],
  'a pipe': [async (path) => execFileSync('mkfifo', ['-m', '600', path]), /not a regular file/],
  'not UTF-8': [(path) => writeFile(path, Buffer.from([0x63, 0xff]), { mode: 0o600 }), /not UTF-8/],
  'a link to nothing': [(path) => symlink('/nonexistent/canary', path), /cannot be read \(ENOENT\)/],
  absent: [async () => {}, /cannot be read \(ENOENT\)/],
};

for (const [what, [make, message]] of Object.entries(REFUSED)) {
  test(`a file that is ${what} is refused without its content or path`, async (t) => {
    const path = join(await folderOf(t), 'canary.key');
    await make(path);
    await assert.rejects(readNamedFile('KEY_FILE', path), (error) => {
      assert.equal(error.kind, 'invalid_value');
      assert.match(error.message, message);
      assert.match(error.message, /KEY_FILE/);
      assert.ok(!inspect(error, { showHidden: true }).includes('canary'));
      return true;
    });
  });
}

test('the secret itself in the place of a path is not repeated', async () => {
  for (const value of ['{"private_key": "canary"}', 'canary\0']) {
    await assert.rejects(readNamedFile('KEY_FILE', value), (error) => {
      assert.equal(error.kind, 'invalid_value');
      assert.ok(!inspect(error, { showHidden: true }).includes('canary'));
      return true;
    });
  }
});

test('the start is tried once, with the socket that was asked for', async (t) => {
  const folder = await folderOf(t);
  const script = '#!/bin/sh\necho "$*|$KEYBEARER_SOCKET" >>"${0%/*}/runs"\nexit 3\n';
  await writeFile(join(folder, 'keybearer'), script, { mode: 0o700 });
  const socket = join(folder, 'broker.sock');
  const fromHere = relative(process.cwd(), folder);
  await assert.rejects(Client.connect({ socket, environment: { PATH: fromHere } }), {
    kind: 'no_broker',
    message: /not found in PATH/, // a relative entry is passed over
  });
  await assert.rejects(Client.connect({ socket, environment: { PATH: `:${fromHere}:${folder}` } }), {
    kind: 'no_broker',
    message: /ended with 3; run: keybearer daemon start$/,
  });
  assert.equal(await readFile(join(folder, 'runs'), 'utf8'), `daemon start|${socket}\n`);
});

test('a client key whose file is gone starts no broker', async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, 'keybearer'), '#!/bin/sh\n>"${0%/*}/run"\n', { mode: 0o700 });
  const environment = { PATH: folder, KEYBEARER_CLIENT_KEY_FILE: join(folder, 'gone') };
  await assert.rejects(Client.connect({ socket: join(folder, 'broker.sock'), environment }), {
    kind: 'invalid_value',
    message: /KEYBEARER_CLIENT_KEY_FILE/,
  });
  await assert.rejects(readFile(join(folder, 'run')), { code: 'ENOENT' });
});
