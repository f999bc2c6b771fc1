// Signing in, and a bound token, against a real broker and an authorization server (tests/clients/lab).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '../index.js';
import { binaries } from '../support/real-broker.js';

const LAB = fileURLToPath(new URL('../../../../tests/clients/lab', import.meta.url));

let lab;
let facts;
before(async () => {
  binaries();
  lab = spawn(LAB, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: lab.stdout }), 'line');
  facts = JSON.parse(line);
});
after(async () => {
  const ended = once(lab, 'exit');
  lab.stdin.end();
  await ended;
});

async function connected(t) {
  const client = await Client.connect({ socket: facts.socket, environment: {} });
  t.after(() => client.close());
  return client;
}

async function ask(headers) {
  const answer = await fetch(facts.resource, { headers });
  await answer.arrayBuffer();
  return answer;
}

test('a sign-in and a bound token', async (t) => {
  const client = await connected(t);
  const login = await client.login(facts.provider, { attended: true });
  t.after(() => login.close());
  assert.deepEqual([login.account, login.joined], [facts.account, false]);
  assert.equal(await login.wait(0), null);
  lab.stdin.write(`${await login.url()}\n`);
  const end = await login.wait();
  assert.deepEqual([end.account, end.subject], [facts.account, 'alice']);

  const token = await client.token(facts.account);
  assert.equal(token.tokenType, 'DPoP');
  assert.equal((await ask({ Authorization: `Bearer ${token.accessToken}` })).status, 401);

  const headersOf = async (method, options) =>
    (await client.dpopProof(method, facts.resource, facts.account, options)).headers();
  const first = await ask(await headersOf('GET'));
  assert.equal(first.status, 401);
  const nonce = first.headers.get('DPoP-Nonce');
  assert.equal((await ask(await headersOf('GET', { nonce }))).status, 200);
  assert.equal((await ask(await headersOf('POST', { nonce }))).status, 401);
});

test('a sign-in that is refused, and one that ends with its connection', async (t) => {
  const client = await connected(t);
  await assert.rejects(client.login('nobody'), { kind: 'unknown_provider' });
  await assert.rejects(client.login(facts.provider, { flow: 'pigeon' }), { kind: 'invalid_value' });
  await (await client.login(facts.provider, { attended: true })).close();
  const login = await client.login(facts.provider, { attended: true });
  t.after(() => login.close());
  assert.equal(login.joined, false);
});
