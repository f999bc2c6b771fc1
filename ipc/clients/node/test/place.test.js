// Where the socket is looked for, and what is refused before anything is sent.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../index.js';
import { findSocket } from '../src/paths.js';
import { privateFolder, startFakeBroker } from '../support/fake-broker.js';

const ABSENT = '/nonexistent/run';

const ALL = {
  KEYBEARER_SOCKET: '/s/own.sock',
  KEYBEARER_HOME: '/kb',
  XDG_RUNTIME_DIR: '/xdg',
  HOME: '/h',
};

const PLACES = [
  ['KEYBEARER_SOCKET first', ALL, '/s/own.sock'],
  ['then KEYBEARER_HOME', { ...ALL, KEYBEARER_SOCKET: '' }, '/kb/run/broker.sock'],
  ['a home with a slash at its end', { KEYBEARER_HOME: '/kb/' }, '/kb/run/broker.sock'],
  ['then XDG_RUNTIME_DIR', { XDG_RUNTIME_DIR: '/xdg', HOME: '/h' }, '/xdg/keybearer/broker.sock'],
  ['a relative XDG_RUNTIME_DIR is ignored', { XDG_RUNTIME_DIR: 'xdg', HOME: '/h' },
    '/h/.local/state/keybearer/run/broker.sock'],
  ['HOME last', { HOME: '/h' }, '/h/.local/state/keybearer/run/broker.sock'],
];

for (const [name, environment, expected] of PLACES) {
  test(name, () => assert.equal(findSocket(environment, ABSENT), expected));
}

test('the run folder of the user stands before HOME, when it is one', async (t) => {
  const folder = await privateFolder();
  t.after(() => rm(folder, { recursive: true }));
  assert.equal(findSocket({ HOME: '/h' }, folder), `${folder}/keybearer/broker.sock`);
  const link = join(folder, 'link');
  await symlink(folder, link);
  assert.equal(findSocket({ HOME: '/h' }, link), '/h/.local/state/keybearer/run/broker.sock');
});

const REFUSED = [
  ['a relative KEYBEARER_SOCKET', { KEYBEARER_SOCKET: 'own.sock' }, /KEYBEARER_SOCKET must be an absolute path/],
  ['a relative KEYBEARER_HOME', { KEYBEARER_HOME: 'kb' }, /KEYBEARER_HOME must be an absolute path/],
  ['a relative HOME', { HOME: 'h' }, /HOME is not set to an absolute path/],
  ['a path that is longer than the system allows', { KEYBEARER_HOME: `/${'x'.repeat(100)}` }, /bytes long/],
];

for (const [name, environment, message] of REFUSED) {
  test(`${name} is refused`, () => {
    assert.throws(() => findSocket(environment, ABSENT), { kind: 'invalid_value', message });
  });
}

test('a socket with a NUL or without a slash is refused', async () => {
  for (const socket of ['', 'own.sock', '\0abstract', '/tmp/a\0b']) {
    await assert.rejects(Client.connect({ socket }), { kind: 'invalid_value' });
  }
});

async function listening(t) {
  const broker = await startFakeBroker(() => []);
  t.after(() => broker.close());
  return broker;
}

async function assertUnsafe(broker, socket, message) {
  await assert.rejects(Client.connect({ socket, environment: {} }), { kind: 'unsafe', message });
  assert.equal(broker.accepted(), 0);
}

for (const mode of [0o755, 0o750, 0o701]) {
  test(`a folder of mode ${mode.toString(8)} is refused`, async (t) => {
    const broker = await listening(t);
    await chmod(broker.folder, mode);
    await assertUnsafe(broker, broker.socket, /chmod 700/);
  });
}

test('a folder that changes while the connection is made is refused', async (t) => {
  const broker = await listening(t);
  // connect() has looked at the folder when it returns its promise, and looks again when the connection is there.
  const connecting = Client.connect({ socket: broker.socket, environment: {} });
  chmodSync(broker.folder, 0o755);
  await assert.rejects(connecting, { kind: 'unsafe' });
  assert.equal(broker.requests.length, 0);
});

test('a folder that is a symbolic link is refused', async (t) => {
  const broker = await listening(t);
  const link = join(broker.folder, 'link');
  await symlink(broker.folder, link);
  await assertUnsafe(broker, join(link, 'broker.sock'), /symbolic link/);
});

test('a socket that is a symbolic link or a file is refused', async (t) => {
  const broker = await listening(t);
  const inner = join(broker.folder, 'inner');
  await mkdir(inner, { mode: 0o700 });
  await symlink(broker.socket, join(inner, 'broker.sock'));
  await assertUnsafe(broker, join(inner, 'broker.sock'), /not a socket/);
  await writeFile(join(inner, 'file'), '');
  await assertUnsafe(broker, join(inner, 'file'), /not a socket/);
});

test('a folder that is a file is refused', async (t) => {
  const broker = await listening(t);
  await writeFile(join(broker.folder, 'file'), '');
  await assertUnsafe(broker, join(broker.folder, 'file', 'broker.sock'), /is not a folder/);
});

test('no broker: the message names the path and what to run', async (t) => {
  const folder = await privateFolder();
  t.after(() => rm(folder, { recursive: true }));
  for (const socket of [join(folder, 'broker.sock'), join(folder, 'absent', 'broker.sock')]) {
    await assert.rejects(Client.connect({ socket, environment: {} }), (error) => {
      assert.equal(error.kind, 'no_broker');
      assert.ok(error.message.includes(socket));
      assert.ok(error.message.includes('keybearer daemon start'));
      return true;
    });
  }
});

test('a socket that nobody listens on any more is no broker', async (t) => {
  const broker = await startFakeBroker(() => []);
  const folder = await privateFolder();
  t.after(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'left.sock');
  await rename(broker.socket, socket);
  await broker.close();
  await assert.rejects(Client.connect({ socket, environment: {} }), { kind: 'no_broker', message: /ECONNREFUSED/ });
});
