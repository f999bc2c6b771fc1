// The folder that chooses an account, when token() is given none.
import assert from 'node:assert/strict';
import { mkdir, realpath, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../index.js';
import { privateFolder, resultLine, startFakeBroker } from '../support/fake-broker.js';
import { startRealBroker } from '../support/real-broker.js';

const HERE = process.cwd();

/** A folder with "work" and a "link" to it, and a client whose broker keeps what it is asked. */
async function started(t) {
  const broker = await startFakeBroker(() => [resultLine({ access_token: 'at-1', account: 'work' })]);
  const made = await privateFolder();
  t.after(async () => {
    process.chdir(HERE);
    await broker.close();
    await rm(made, { recursive: true });
  });
  const folder = await realpath(made);
  const work = join(folder, 'work');
  await mkdir(work);
  await symlink(work, join(folder, 'link'));
  const client = await Client.connect({ socket: broker.socket, environment: {} });
  t.after(() => client.close());
  return { folder, work, client, sent: () => broker.requests.map(({ params }) => params) };
}

async function assertRefused(started, account, directory, message) {
  await assert.rejects(started.client.token(account, { directory }), { kind: 'invalid_value', message });
  assert.deepEqual(started.sent(), []);
}

test('without an account the real path of the current folder is sent', async (t) => {
  const { folder, work, client, sent } = await started(t);
  process.chdir(join(folder, 'link'));
  assert.equal((await client.token()).account, 'work');
  await client.token(null, { minValid: 600 });
  await client.token(undefined, { directory: null, refresh: true });
  assert.deepEqual(sent(), [{ directory: work }, { directory: work, min_valid: 600 }, { directory: work, refresh: true }]);
});

test('with an account nothing else is sent', async (t) => {
  const { client, sent } = await started(t);
  await client.token('work');
  await client.token('work', { directory: undefined });
  await client.token(''); // the broker says that there is none of that name; it is not the folder's
  assert.deepEqual(sent(), [{ account: 'work' }, { account: 'work' }, { account: '' }]);
});

test('a current folder that was deleted is left out', async (t) => {
  const fake = await started(t);
  process.chdir(fake.work);
  assert.equal(process.cwd(), fake.work); // which it remembers
  await rmdir(fake.work);
  await assertRefused(fake, null, '.', '"." is no folder');
  await fake.client.token();
  assert.deepEqual(fake.sent(), [{}]);
});

test('a current folder whose name is no text is left out', async (t) => {
  const fake = await started(t);
  const odd = Buffer.concat([Buffer.from(`${fake.folder}/`), Buffer.from([0xff])]);
  await mkdir(odd);
  // A link, because chdir() takes no bytes.
  await symlink(odd, join(fake.folder, 'odd'));
  process.chdir(join(fake.folder, 'odd'));
  await assertRefused(fake, null, '.', /not UTF-8/);
  await fake.client.token();
  assert.deepEqual(fake.sent(), [{}]);
});

test('another folder is made absolute and real', async (t) => {
  const { folder, work, client, sent } = await started(t);
  process.chdir(folder);
  await mkdir(join(work, 'deep'));
  await symlink(join(work, 'deep'), 'far');
  const given = [work, join(folder, 'link'), 'link', 'work/', 'work/.././link/.', 'far/..'];
  for (const directory of given) {
    await client.token(null, { directory });
  }
  await client.token(null, { directory: '/' });
  assert.deepEqual(sent(), [...given.map(() => ({ directory: work })), { directory: '/' }]);
});

test('what is no folder is refused before anything is sent', async (t) => {
  const fake = await started(t);
  process.chdir(fake.folder);
  await writeFile('file', '');
  await symlink('loop', 'loop');
  for (const directory of ['', 'missing', 'missing/..', 'file', 'file/..', 'loop', 'a\0b']) {
    await assertRefused(fake, null, directory, `${JSON.stringify(directory)} is no folder`);
  }
  await assertRefused(fake, null, 1n, /must be a string/);
});

test('both an account and a directory are refused before anything is sent', async (t) => {
  const fake = await started(t);
  await assertRefused(fake, 'work', fake.work, /not both/);
});

test('a real broker chooses the account of the nearest bound folder', async (t) => {
  const broker = await startRealBroker('', ['work', 'private']);
  t.after(() => broker.close());
  t.after(() => process.chdir(HERE));
  const deep = join(broker.home, 'customers', 'one');
  await mkdir(deep, { recursive: true });
  await broker.keybearer('account', 'bind', join(broker.home, 'customers'), 'work');
  const client = await Client.connect({ environment: broker.environment });
  t.after(() => client.close());
  for (const [current, account, options, kind, chosen] of [
    [deep, null, {}, 'login_required', 'work'],
    [deep, 'private', {}, 'login_required', 'private'],
    [broker.home, null, {}, 'unknown_account', undefined],
    [broker.home, null, { directory: 'customers/one' }, 'login_required', 'work'],
  ]) {
    process.chdir(current);
    await assert.rejects(client.token(account, options), (error) => {
      assert.deepEqual([error.kind, error.data.account], [kind, chosen]);
      return true;
    });
  }
});
