// Signing in, and tokens that are bound to a key, against a scripted broker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Client, Token } from '../index.js';
import { resultLine, startFakeBroker } from '../support/fake-broker.js';

const URL_OF_API = 'https://api.example/notes';
const BEGUN = {
  login_id: 'login-1',
  joined: true,
  screen_locked: true,
  account: 'work',
  provider: 'demo',
  issuer: 'https://as.example',
  resource: 'https://api.example/',
  scopes: ['openid'],
  authorization_url: 'https://as.example/one',
  redirect_uri: null,
  user_code: 'ABCD',
  verification_uri: 'https://as.example/device',
  url_expires_at: 1767225600,
  expires_at: 1767225900,
};

async function connected(t, answer) {
  const broker = await startFakeBroker(answer);
  t.after(() => broker.close());
  const client = await Client.connect({ socket: broker.socket, environment: {} });
  t.after(() => client.close());
  return { broker, client };
}

/** A sign-in whose questions are answered with these results, one after the other; null closes the connection. */
async function begun(t, ...results) {
  const { broker, client } = await connected(t, (_, index) => {
    const result = [BEGUN, ...results][index];
    return result === undefined ? [] : [result && resultLine(result)];
  });
  const login = await client.login('demo');
  t.after(() => login.close());
  return { broker, login };
}

test('a proof has the headers and shows no secret', async (t) => {
  const answer = { access_token: 'canary', token_type: 'DPoP', proof: 'canary.too', account: 'a' };
  const { client } = await connected(t, () => [resultLine(answer)]);
  const proof = await client.dpopProof('GET', URL_OF_API, 'a');
  assert.deepEqual(proof.headers(), { Authorization: 'DPoP canary', DPoP: 'canary.too' });
  assert.equal(proof.proof, 'canary.too');
  assert.ok(proof instanceof Token);
  assert.ok(!(inspect(proof, { showHidden: true }) + JSON.stringify(proof)).includes('canary'));
});

test('an answer without a proof or a token, and an option that does not exist', async (t) => {
  const answers = [{ access_token: 'at' }, { proof: 'p' }];
  const { client } = await connected(t, (_, index) => [resultLine(answers[index])]);
  await assert.rejects(client.dpopProof('GET', URL_OF_API, 'a'), { kind: 'connection_lost' });
  await assert.rejects(client.dpopProof('GET', URL_OF_API, 'a'), { kind: 'connection_lost' });
  await assert.rejects(client.token('a', { nonce: 'n' }), { kind: 'invalid_params' });
  await assert.rejects(client.login('demo', { expires_in: 60 }), { kind: 'invalid_params' });
});

test('what a sign-in says', async (t) => {
  const { login } = await begun(t);
  const { login_id: _, ...expected } = BEGUN;
  const camel = (name) => name.replace(/_(\w)/g, (_all, letter) => letter.toUpperCase());
  for (const [name, value] of Object.entries(expected)) {
    assert.deepEqual(login[camel(name)], value, name);
  }
  assert.deepEqual(login.toJSON(), { account: 'work', provider: 'demo' });
});

test('how a sign-in fails', async (t) => {
  const error = { kind: 'provider_error', message: 'it does not like us' };
  for (const [answer, expected] of [
    [{ state: 'failed', error }, error],
    [{ state: 'failed', error: null }, { kind: 'login_failed' }],
    [{ state: 'cancelled' }, { kind: 'login_cancelled' }],
    [{}, { kind: 'connection_lost' }],
    [null, { kind: 'connection_lost' }],
  ]) {
    const { login } = await begun(t, answer);
    await assert.rejects(login.wait(), expected);
  }
});

test('waiting in pieces, and for a time that is none', async (t) => {
  const { broker, login } = await begun(t, { state: 'exchanging' }, { state: 'done', account: 'work' });
  assert.equal(await login.wait(0), null);
  const end = { account: 'work', subject: null, label: null, scope: null, credential: null };
  assert.deepEqual(await login.wait(), end);
  assert.deepEqual(broker.requests.slice(1).map(({ params }) => [params.known_state, params.wait]), [
    ['waiting_for_browser', 0],
    ['exchanging', 60],
  ]);
  for (const seconds of [-1, NaN, '1']) {
    await assert.rejects(login.wait(seconds), { kind: 'invalid_params' });
  }
});

test('the address once more, and one from another machine', async (t) => {
  const again = { authorization_url: 'https://as.example/two', url_expires_at: null };
  const { broker, login } = await begun(t, again, { state: 'exchanging' });
  assert.equal(await login.url(), 'https://as.example/two');
  assert.deepEqual([login.authorizationUrl, login.urlExpiresAt], ['https://as.example/two', null]);
  await login.callback('http://127.0.0.1/callback?code=1');
  assert.deepEqual(broker.requests.slice(1).map(({ method, params }) => [method, params]), [
    ['account.login_url', { login_id: 'login-1' }],
    ['account.login_callback', { login_id: 'login-1', url: 'http://127.0.0.1/callback?code=1' }],
  ]);
});

test('a close ends a wait', async (t) => {
  const { login } = await begun(t);
  const waiting = login.wait();
  const refused = assert.rejects(waiting, { kind: 'connection_lost' });
  await login.close();
  await refused;
});
