// Against a real broker: $KEYBEARER_BIN_DIR has its programs.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../index.js';
import { privateFolder } from '../support/fake-broker.js';
import { startRealBroker } from '../support/real-broker.js';

const CANARY = 'sk-proj-canary-0123456789';

let broker;
before(async () => {
  broker = await startRealBroker();
});
after(() => broker?.close());

async function connected(t, environment = {}, options = {}) {
  const client = await Client.connect({ environment: { ...broker.environment, ...environment }, ...options });
  t.after(() => client.close());
  return client;
}

// Each test has a tenant of its own, so that none needs another one to have run.
test('what is set is resolved, by any spelling of its name', async (t) => {
  const client = await connected(t);
  const set = await client.authSetCredential('openai', CANARY, { tenant: 'one' });
  assert.deepEqual(set.fields, ['api_key']);

  const found = await client.authResolve('gpt', { tenant: 'one' });
  assert.equal(found.provider, 'openai');
  assert.equal(found.values.api_key, CANARY);
  assert.equal(found.field('apiKey').value, CANARY);
  assert.equal(found.sources.api_key, 'store');
  assert.equal(found.field('nothing'), undefined);
});

test('the next value takes the place of the one in use, and a key gets another name', async (t) => {
  const client = await connected(t);
  const tenant = 'renamed';
  await client.authSetCredential('openai', CANARY, { tenant });
  await client.authSetCredential('openai', `${CANARY}-next`, { tenant, next: true });
  assert.deepEqual(await client.switch('gpt', { tenant }), { provider: 'openai' });
  assert.equal((await client.authResolve('openai', { tenant, purpose: 'a test' })).values.api_key, `${CANARY}-next`);
  assert.deepEqual(await client.rename('gpt', 'work', { tenant }), { provider: 'openai', tenant, name: 'work' });
  assert.equal((await client.authResolve('openai', { tenant, name: 'work' })).values.api_key, `${CANARY}-next`);
  await assert.rejects(client.rename('openai', 'other', { tenant }), { kind: 'no_credential' });
  await assert.rejects(client.rename('openai', 'no name', { tenant, name: 'work' }), { kind: 'invalid_value' });
  await assert.rejects(client.switch('groq', { tenant }), { kind: 'no_credential' });
});

test('the list shows a masked preview', async (t) => {
  const client = await connected(t);
  await client.authSetCredential('openai', CANARY, { tenant: 'two' });
  const { credentials } = await client.list({ tenant: 'two' });
  assert.equal(credentials.length, 1);
  const [field] = credentials[0].fields;
  assert.equal(field.field, 'api_key');
  assert.match(field.preview, /^sk-/);
  assert.ok(!JSON.stringify(credentials).includes(CANARY));
});

test('the environment wins over the store, and its value stays here', async (t) => {
  const client = await connected(t, { OPENAI_API_KEY: 'sk-environment-canary' });
  await client.authSetCredential('openai', CANARY, { tenant: 'three' });
  const found = await client.authResolve('openai', { tenant: 'three' });
  assert.equal(found.values.api_key, 'sk-environment-canary');
  assert.equal(found.sources.api_key, 'environment');
  assert.equal(found.field('api_key').from, 'OPENAI_API_KEY');
  assert.deepEqual(found.shadowed.map((place) => place.source), ['store']);
  assert.equal(found.warnings.length, 1);

  const stored = await client.authResolve('openai', { tenant: 'three', only: ['store'] });
  assert.equal(stored.values.api_key, CANARY);
});

test('the client\'s own credentials are the layer "instance", a call\'s win over them', async (t) => {
  const client = await connected(t, {}, { credentials: { gpt: { apiKey: 'sk-instance' } } });
  const found = await client.authResolve('openai', { tenant: 'four' });
  assert.equal(found.values.api_key, 'sk-instance');
  assert.equal(found.sources.api_key, 'instance');

  const called = await client.authResolve('openai', { tenant: 'four', call: { api_key: 'sk-call' } });
  assert.equal(called.values.api_key, 'sk-call');
  const absent = await client.authResolve('openai', { tenant: 'four', call: { api_key: undefined } });
  assert.equal(absent.values.api_key, 'sk-instance');
});

test('what was removed is no credential any more', async (t) => {
  const client = await connected(t);
  await client.authSetCredential('openai', { api_key: CANARY }, { tenant: 'five' });
  assert.equal((await client.remove('openai', { tenant: 'five' })).removed, 1);
  await assert.rejects(client.authResolve('openai', { tenant: 'five' }), (error) => {
    assert.equal(error.kind, 'no_credential');
    assert.ok(error.data.looked_at.includes('store'));
    return true;
  });
});

test('a rotated vault still opens', async (t) => {
  const client = await connected(t);
  await client.authSetCredential('openai', CANARY, { tenant: 'six' });
  assert.equal((await client.rotate(null, { tenant: 'six' })).sealed, 1);
  assert.equal((await client.authResolve('openai', { tenant: 'six' })).values.api_key, CANARY);
});

test('values of a resolution can be stored again: the masks are not what is sent', async (t) => {
  const client = await connected(t);
  await client.authSetCredential('openai', CANARY, { tenant: 'seven' });
  const { values } = await client.authResolve('openai', { tenant: 'seven', fields: ['api_key'] });
  await client.authSetCredential('openai', values, { tenant: 'seven', name: 'copy' });
  const copy = await client.authResolve('openai', { tenant: 'seven', name: 'copy' });
  assert.equal(copy.values.api_key, CANARY);
});

test('without a grant a program has what it brings, and nothing else', async (t) => {
  const asking = await startRealBroker('', [], 'ask');
  t.after(() => asking.close());
  const file = join(asking.home, 'key');
  await writeFile(file, CANARY, { mode: 0o600 });
  await asking.keybearer('provider', 'set', 'openai', '--file', file);
  const socket = join(asking.home, 'run', 'broker.sock');
  const client = await Client.connect({ socket, environment: {} });
  t.after(() => client.close());
  await assert.rejects(client.authResolve('openai'), (error) => {
    assert.equal(error.kind, 'consent_required');
    assert.match(error.data.allow_with, /^keybearer grant allow /);
    return true;
  });
  const own = await Client.connect({ socket, environment: { OPENAI_API_KEY: 'sk-environment' } });
  t.after(() => own.close());
  assert.equal((await own.authResolve('openai')).sources.api_key, 'environment');
});

test('an unknown provider: the error names the nearest', async (t) => {
  const client = await connected(t);
  await assert.rejects(client.authResolve('opnai'), (error) => {
    assert.equal(error.kind, 'unknown_provider');
    assert.match(error.message, /openai/);
    return true;
  });
});

test('status of one provider and of all', async (t) => {
  const client = await connected(t, { OPENAI_API_KEY: 'sk-environment', ANTHROPIC_API_KEY: 'sk-ant-environment' });
  const row = await client.authStatus('openai');
  assert.equal(row.status, 'authenticated');
  assert.equal(row.from, 'OPENAI_API_KEY');
  const rows = await client.authStatus();
  const from = Object.fromEntries(rows.map((one) => [one.provider, one.from]));
  assert.equal(from.openai, 'OPENAI_API_KEY');
  assert.equal(from.anthropic, 'ANTHROPIC_API_KEY');
});

test('a value that is refused is not repeated', async (t) => {
  const client = await connected(t);
  await assert.rejects(client.authSetCredential('openai', `${CANARY} two`, { tenant: 'eight' }), (error) => {
    assert.equal(error.kind, 'invalid_value');
    assert.ok(!error.message.includes(CANARY));
    return true;
  });
});

test('many calls at once on one connection', async (t) => {
  const client = await connected(t);
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.call('system.hello')));
  assert.ok(answers.every((answer) => answer.protocol === 1));
});

test('a broker is started when none listens', async (t) => {
  const home = await privateFolder();
  await mkdir(join(home, 'config'), { mode: 0o700 });
  await writeFile(join(home, 'config', 'config.toml'), 'policy = "allow"\n', { mode: 0o600 }); // this test stops it
  const environment = { ...broker.environment, KEYBEARER_HOME: home };
  const client = await Client.connect({ environment });
  t.after(async () => {
    await client.call('system.stop');
    await client.close();
    await rm(home, { recursive: true });
  });
  assert.equal(client.socket, `${home}/run/broker.sock`);
  assert.equal((await client.call('system.hello')).broker, 'keybearerd');
});
