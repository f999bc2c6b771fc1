// Leases, and the places of config.toml, against a real broker: $KEYBEARER_BIN_DIR has its programs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../index.js';
import { startRealBroker } from '../support/real-broker.js';
import { TYPED } from '../src/typed.js';

const LIMIT = { timeout: 60_000 }; // a lease that hears of nothing would hold the run up

const CONFIG = `
[locations]
openai = ["dynamic::customer_key", "env::MY_OPENAI_KEY", "store::"]
`;

let broker;
before(async () => {
  broker = await startRealBroker(CONFIG);
});
after(() => broker?.close());

async function connectedTo(t, one, environment = {}) {
  const client = await Client.connect({ environment: { ...one.environment, ...environment } });
  t.after(() => client.close());
  return client;
}

const connected = (t, environment) => connectedTo(t, broker, environment);

/** A lease of what another client has stored. Each test has a tenant of its own. */
async function leased(t, tenant, one = broker) {
  const other = await connectedTo(t, one);
  await other.authSetCredential('openai', 'sk-old', { tenant });
  const lease = await (await connectedTo(t, one)).authLease('openai', { tenant });
  t.after(() => lease.close());
  return { lease, other };
}

test('nothing happens', LIMIT, async (t) => {
  const { lease } = await leased(t, 'one');
  assert.equal(await lease.wait(0), 'none');
  assert.equal(lease.credential.values.api_key, 'sk-old');
});

test('another client sets another value', LIMIT, async (t) => {
  const { lease, other } = await leased(t, 'two');
  const before = lease.credential;
  const waiting = lease.wait(50);
  await other.authSetCredential('openai', 'sk-new', { tenant: 'two' });
  assert.equal(await waiting, 'renewed');
  assert.equal(lease.credential.values.api_key, 'sk-new');
  assert.notEqual(lease.credential.version, before.version);
  assert.equal(before.values.api_key, 'sk-old');
  assert.equal(await lease.wait(0), 'none');
});

test('another client removes it', LIMIT, async (t) => {
  const { lease, other } = await leased(t, 'three');
  const waiting = lease.wait(50);
  await other.remove('openai', { tenant: 'three' });
  assert.equal(await waiting, 'removed');
  assert.equal(lease.credential.values.api_key, 'sk-old');
});

test('a loop tells of both', LIMIT, async (t) => {
  const { lease, other } = await leased(t, 'four');
  await other.authSetCredential('openai', 'sk-new', { tenant: 'four' });
  const seen = [];
  for await (const event of lease) {
    seen.push([event, lease.credential.values.api_key]);
    if (event === 'renewed') {
      await other.remove('openai', { tenant: 'four' });
    }
  }
  assert.deepEqual(seen, [['renewed', 'sk-new'], ['removed', 'sk-new']]);
});

test('a loop goes on when the broker is another process', LIMIT, async (t) => {
  const own = await startRealBroker();
  t.after(() => own.close());
  const { lease } = await leased(t, 'default', own);
  await own.keybearer('daemon', 'stop');
  const next = lease.events().next(); // starts the broker
  const other = await connectedTo(t, own);
  await other.authSetCredential('openai', 'sk-new');
  assert.deepEqual(await next, { done: false, value: 'renewed' });
  assert.equal(lease.credential.values.api_key, 'sk-new');
});

test('a name that config.toml gives to a value of the call', LIMIT, async (t) => {
  const client = await connected(t, { MY_OPENAI_KEY: 'sk-mine' });
  const found = await client.authResolve('openai', { tenant: 'five', call: { customer_key: 'sk-customer' } });
  assert.equal(found.values.api_key, 'sk-customer');
  assert.equal(found.sources.api_key, 'call');
  assert.equal(found.field('api_key').from, 'customer_key');

  const lease = await client.authLease('openai', { tenant: 'five', call: { customer_key: 'sk-customer' } });
  t.after(() => lease.close());
  assert.equal(await lease.wait(0), 'none');
  assert.equal(lease.credential.values.api_key, 'sk-customer');
});

test('a variable that config.toml names', LIMIT, async (t) => {
  const client = await connected(t, { MY_OPENAI_KEY: 'sk-mine', OPENAI_API_KEY: 'sk-not-in-the-list' });
  const found = await client.authResolve('openai', { tenant: 'six' });
  assert.equal(found.values.api_key, 'sk-mine');
  assert.equal(found.sources.api_key, 'environment');
  assert.equal(found.field('api_key').from, 'MY_OPENAI_KEY');
});

test('a name that config.toml does not have is refused by the broker', LIMIT, async (t) => {
  const client = await connected(t);
  await assert.rejects(client.authResolve('openai', { call: { other_key: 'sk-canary' } }), (error) => {
    assert.equal(error.kind, 'invalid_value');
    assert.ok(!error.message.includes('canary'));
    return true;
  });
});

test('the typed credentials have the fields of the catalogue', LIMIT, async (t) => {
  const client = await connected(t);
  for (const [provider, { needed, more }] of Object.entries(TYPED)) {
    const described = await client.call('provider.describe', { provider });
    assert.deepEqual([...needed, ...more].sort(), described.fields.map(({ field }) => field).sort(), provider);
    assert.ok(described.needs.every((way) => needed.every((name) => way.includes(name))), provider);
  }
});

test('a stored credential of several fields, by its type', LIMIT, async (t) => {
  const client = await connected(t);
  const keys = { access_key_id: 'AKIAEXAMPLE', secret_access_key: 'canary' };
  await client.authSetCredential('aws-bedrock', keys, { tenant: 'seven' });
  const found = await client.authResolve('aws-bedrock', { tenant: 'seven' });
  assert.deepEqual({ ...found.as('bedrock') }, { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'canary' });
});
