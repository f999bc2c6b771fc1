import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { Client, Field, Lease, Resolution, Token } from '../index.js';
import { resultLine, startFakeBroker } from '../support/fake-broker.js';

const CANARY = 'sk-canary-0123456789';

const secret = new Field({ field: 'api_key', source: 'store', from: 'default/default', secret: true }, CANARY);
const open = new Field({ field: 'base_url', source: 'default', from: '', secret: false }, 'https://api.example');
const unsaid = new Field({ field: 'key_id', source: 'store', from: '' }, CANARY);
const resolution = new Resolution({ provider: 'openai' }, [secret, open, unsaid]);
const token = new Token({ access_token: CANARY, expires_at: null, scope: 'a b', account: 'work' });

const lease = new Lease({}, {}, { own: { call: [['api_key', CANARY]] } }, resolution);
const aws = [new Field({ field: 'access_key_id' }, CANARY), new Field({ field: 'secret_access_key' }, CANARY)];

const SHOWN = {
  secret,
  unsaid,
  resolution,
  values: resolution.values,
  bedrock: new Resolution({ provider: 'bedrock' }, aws).as('bedrock'),
  lease,
  token,
  nested: { deep: [resolution, lease, token] },
};

const WAYS = {
  inspect: (object) => inspect(object, { depth: null }),
  'inspect with hidden members': (object) => inspect(object, { depth: null, showHidden: true }),
  '%o': (object) => format('%o', object),
  '%O': (object) => format('%O', object),
  '%s': (object) => format('%s', object),
  '%j': (object) => format('%j', object),
  JSON: (object) => JSON.stringify(object),
  String: (object) => String(object),
};

for (const [what, object] of Object.entries(SHOWN)) {
  for (const [way, show] of Object.entries(WAYS)) {
    test(`${what} shown by ${way} has no secret`, () => assert.ok(!show(object).includes(CANARY)));
  }
}

test('without the custom inspection there is none either', () => {
  for (const object of [secret, resolution, lease, token]) {
    assert.ok(!inspect(object, { customInspect: false, depth: null, showHidden: true }).includes(CANARY));
  }
});

test('what is no secret is shown, and the secrets are there for who asks', () => {
  assert.match(inspect(resolution), /https:\/\/api\.example/);
  assert.match(inspect(token), /^Token \{.*work/s);
  assert.equal(resolution.values.api_key, CANARY);
  assert.equal({ ...resolution.values }.api_key, CANARY);
  assert.equal(token.accessToken, CANARY);
  assert.deepEqual(Object.keys(resolution.values), ['api_key', 'base_url', 'key_id']);
});

test('a field with the name of a member of every object is a field like others', () => {
  const item = { field: '__proto__', source: 'store', secret: true };
  const odd = new Resolution({ provider: 'x' }, [new Field(item, CANARY)]);
  assert.deepEqual(Object.entries(odd.values), [['__proto__', CANARY]]);
  assert.ok(!inspect(odd).includes(CANARY));
});

test('a client shows neither credentials nor environment', async (t) => {
  const broker = await startFakeBroker(() => []);
  t.after(() => broker.close());
  const credentials = { openai: { api_key: CANARY } };
  const client = await Client.connect({ socket: broker.socket, credentials, environment: { X: CANARY } });
  t.after(() => client.close());
  for (const show of Object.values(WAYS)) {
    assert.ok(!show(client).includes(CANARY));
  }
});

test('masks are never sent in the place of secrets', async (t) => {
  const broker = await startFakeBroker(() => [resultLine({})]);
  t.after(() => broker.close());
  const client = await Client.connect({ socket: broker.socket });
  t.after(() => client.close());
  await assert.rejects(client.call('credential.set', { provider: 'x', fields: resolution.values }), {
    kind: 'invalid_params',
    message: /^fields would be sent with masks/,
  });
  assert.equal(broker.requests.length, 0);
});
