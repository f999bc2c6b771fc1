// What a resolution says, and what it takes from the caller.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Field, Resolution } from '../index.js';
import { resultLine, startFakeBroker } from '../support/fake-broker.js';

async function connected(t, answer, options = {}) {
  const broker = await startFakeBroker(answer);
  t.after(() => broker.close());
  const client = await Client.connect({ socket: broker.socket, environment: {}, ...options });
  t.after(() => client.close());
  return { broker, client };
}

test('variables are named by field, the catalogue\'s before those of config.toml, each once', async (t) => {
  const fields = [
    {
      configured_path_variables: ['D'],
      configured_variables: ['C', 'A'],
      path_variables: ['B'],
      variables: ['A'],
    },
    { variables: ['E'] }, // as an older broker has it
  ];
  const environment = { A: '1', B: '1', C: '1', D: '1', E: '1' };
  const { broker, client } = await connected(t, ({ method }) => [
    resultLine({ provider: 'openai', fields: method === 'provider.describe' ? fields : [] }),
  ], { environment });
  await client.authResolve('openai');
  assert.deepEqual(broker.requests[1].params.environment, ['A', 'B', 'C', 'D', 'E']);
});

async function resolveItem(t, item, options) {
  const field = { field: 'api_key', source: 'call', from: '', secret: true, file: false, ...item };
  const { client } = await connected(t, () => [resultLine({ provider: 'openai', fields: [field], version: '0123' })]);
  return client.authResolve('openai', options);
}

test('a name that config.toml gives to a value of the call is that name exactly', async (t) => {
  const found = await resolveItem(t, { from: 'customer_key' }, {
    call: { customerKey: 'sk-near', api_key: 'sk-field', customer_key: 'sk-customer' },
  });
  assert.equal(found.values.api_key, 'sk-customer');
  assert.equal(found.field('api_key').from, 'customer_key');
  for (const call of [{ customerKey: 'sk-canary' }, { api_key: 'sk-canary' }, undefined]) {
    await assert.rejects(resolveItem(t, { from: 'customer_key' }, { call }), (error) => {
      assert.equal(error.kind, 'connection_lost');
      assert.ok(!error.message.includes('canary'));
      return true;
    });
  }
});

test('without a name it is the field\'s, in any spelling', async (t) => {
  const found = await resolveItem(t, {}, { call: { customer_key: 'sk-customer', apiKey: 'sk-field' } });
  assert.equal(found.values.api_key, 'sk-field');
});

test('a value of the call is not taken for one of the instance', async (t) => {
  const options = { call: { api_key: 'sk-canary' } };
  await assert.rejects(resolveItem(t, { source: 'instance' }, options), { kind: 'connection_lost' });
});

test('a field says when it ends, a resolution which version it is', async (t) => {
  const ending = await resolveItem(t, { source: 'oauth', value: 'token', expires_at: 1800000000 });
  assert.equal(ending.field('api_key').expiresAt, 1800000000);
  assert.equal(ending.version, '0123');
  const lasting = await resolveItem(t, { source: 'store', value: 'sk' });
  assert.equal(lasting.field('api_key').expiresAt, null);
  assert.equal(new Resolution({ provider: 'openai' }, []).version, '');
});

function resolution(provider, values) {
  const fields = Object.entries(values).map(([field, value]) => new Field({ field, source: 'store' }, value));
  return new Resolution({ provider }, fields);
}

test('a credential of its own type: names in camelCase, what is absent is left out', () => {
  const found = resolution('bedrock', { access_key_id: 'AKIA', secret_access_key: 'secret', region: 'eu-west-1' });
  const bedrock = found.as('bedrock');
  assert.deepEqual({ ...bedrock }, { accessKeyId: 'AKIA', secretAccessKey: 'secret', region: 'eu-west-1' });
  const vertex = resolution('vertex', { service_account_key: '{}', project_id: 'p' }).as('vertex');
  assert.deepEqual({ ...vertex }, { projectId: 'p', serviceAccountKey: '{}' });
});

test('a credential has no type of another provider, and not with a part missing', () => {
  const parts = resolution('bedrock', { region: 'eu-west-1', secret_access_key: 'canary' });
  assert.throws(() => parts.as('bedrock'), { kind: 'no_credential', message: /access_key_id/ });
  assert.throws(() => parts.as('sagemaker'), { kind: 'invalid_params', message: /of bedrock, not of sagemaker/ });
  assert.throws(() => resolution('openai', {}).as('openai'), { kind: 'invalid_params', message: /azure, bedrock/ });
  assert.throws(() => parts.as('constructor'), { kind: 'invalid_params' });
});
