import assert from 'node:assert/strict';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../index.js';
import { privateFolder, startFakeBroker } from '../support/fake-broker.js';

const file = new URL('../../../vectors/vectors.json', import.meta.url);
const cases = JSON.parse(await readFile(file, 'utf8'));

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

const DOES = {
  call: (client, { method, params }) => client.call(method, params),
  token: (client, { account, min_valid: minValid, ...rest }) => client.token(account, { minValid, ...rest }),
  dpop_proof: (client, { method, url, account, min_valid: minValid, ...rest }) =>
    client.dpopProof(method, url, account, { minValid, ...rest }),
  auth_status: (client, { provider, ...rest }) => client.authStatus(provider, rest),
  auth_set_credential: (client, { provider, value, ...rest }) => client.authSetCredential(provider, value, rest),
  auth_resolve: (client, { provider, ...rest }) => client.authResolve(provider, rest),
  lease: leaseOnce,
  login: signIn,
  list: (client, rest) => client.list(rest),
  remove: (client, { provider, ...rest }) => client.remove(provider, rest),
  rename: (client, { provider, new_name: newName, ...rest }) => client.rename(provider, newName, rest),
  switch: (client, { provider, ...rest }) => client.switch(provider, rest),
  rotate: (client, { provider, ...rest }) => client.rotate(provider, rest),
};

async function leaseOnce(client, { provider, wait, ...rest }) {
  const lease = await client.authLease(provider, rest);
  try {
    const event = await lease.wait(wait);
    return { event, values: lease.credential.values, sources: lease.credential.sources };
  } finally {
    await lease.close();
  }
}

async function signIn(client, { provider, ...rest }) {
  const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => [camel(name), value]));
  const login = await client.login(provider, options);
  try {
    return await login.wait();
  } finally {
    await login.close();
  }
}

async function environmentOf(one, folder) {
  for (const [name, content] of Object.entries(one.files ?? {})) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
  for (const name of one.open ?? []) {
    await chmod(join(folder, name), 0o644);
  }
  return Object.fromEntries(Object.entries(one.environment ?? {}).map(([name, value]) => [
    name,
    value.replaceAll('$DIR', folder),
  ]));
}

const OURS = ['token', 'dpop_proof'];

/** Every member of the wanted result is there with its value. What is an object of ours is told by its own names. */
function checkResult(result, wanted, does) {
  for (const [name, value] of Object.entries(wanted)) {
    const got = result[OURS.includes(does) ? camel(name) : name];
    if (name === 'values' || name === 'sources') {
      for (const [field, expected] of Object.entries(value)) {
        assert.equal(got[field], expected, `${name}.${field}`);
      }
    } else {
      assert.deepEqual(got, value, name);
    }
  }
}

function checkError(error, wanted) {
  assert.equal(error.name, 'KeybearerError');
  assert.equal(error.kind, wanted.kind);
  (wanted.has ?? []).forEach((text) => assert.ok(error.message.includes(text), `${error.message} lacks ${text}`));
  (wanted.lacks ?? []).forEach((text) => assert.ok(!error.message.includes(text), 'the message has a secret'));
  return true;
}

test('there are cases', () => assert.ok(cases.length >= 34));

for (const one of cases) {
  test(one.name, async (t) => {
    const folder = await privateFolder();
    t.after(() => rm(folder, { recursive: true }));
    const broker = await startFakeBroker((_, index) => one.exchange[index]?.answer ?? [null]);
    t.after(() => broker.close());
    const environment = await environmentOf(one, folder);
    const perform = async () => {
      const client = await Client.connect({ socket: broker.socket, environment });
      t.after(() => client.close());
      return DOES[one.does](client, one.arguments);
    };

    const done = perform();
    if (one.error) {
      await assert.rejects(done, (error) => checkError(error, one.error));
    } else {
      checkResult(await done, one.result, one.does);
    }
    assert.deepEqual(
      broker.requests.map(({ method, params }) => ({ method, params: params ?? {} })),
      one.exchange.map(({ method, params }) => ({ method, params })),
    );
  });
}
