import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Client } from '../index.js';
import { resultLine, startFakeBroker } from '../support/fake-broker.js';

async function connected(t, answer, options = {}) {
  const broker = await startFakeBroker(answer);
  t.after(() => broker.close());
  const client = await Client.connect({ socket: broker.socket, environment: {}, ...options });
  t.after(() => client.close());
  return { broker, client };
}

test('a call that is not answered ends in time, and its late answer harms no other', async (t) => {
  const late = [];
  const { client } = await connected(t, (request) => {
    late.push(`{"jsonrpc":"2.0","id":${request.id},"result":{"n":${request.id}}}`);
    return request.method === 'slow' ? [] : late.splice(0);
  });
  await assert.rejects(client.call('slow', {}, { timeout: 20 }), { kind: 'timeout' });
  assert.deepEqual(await client.call('quick'), { n: 2 });
});

test('the time of connect() holds for each call, 120 seconds when it was not given', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const [options, milliseconds] of [[{ timeout: 5000 }, 5000], [{}, 120_000]]) {
    const { client } = await connected(t, () => [], options);
    let ended = false;
    const call = assert.rejects(client.token('work'), { kind: 'timeout' }).then(() => (ended = true));
    t.mock.timers.tick(milliseconds - 1);
    await new Promise(setImmediate); // lets what is due happen
    assert.equal(ended, false);
    t.mock.timers.tick(1);
    await call;
  }
});

test('answers in another order than the questions', async (t) => {
  const held = [];
  const { client } = await connected(t, (request) => {
    held.unshift(`{"jsonrpc":"2.0","id":${request.id},"result":{"method":"${request.method}"}}`);
    return held.length === 3 ? held : [];
  });
  const answers = await Promise.all(['a', 'b', 'c'].map((method) => client.call(method)));
  assert.deepEqual(answers.map((answer) => answer.method), ['a', 'b', 'c']);
});

test('an answer that comes byte by byte, and two in one piece', async (t) => {
  const { client } = await connected(t, (request) => {
    const line = Buffer.from(`{"jsonrpc":"2.0","id":${request.id},"result":{"text":"\u2603 caf\u00e9"}}\n`);
    return request.method === 'two'
      ? [Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":77,"result":{}}\n'), line])]
      : Array.from(line, (byte) => Buffer.from([byte]));
  });
  assert.equal((await client.call('bytes')).text, '\u2603 caf\u00e9');
  assert.equal((await client.call('two')).text, '\u2603 caf\u00e9');
});

const LOST = {
  'the end of the connection': [null],
  'a line that is no JSON': ['{"secret": "sk-canary'],
  'JSON that is no object': ['[]'],
  'an answer without result and error': ['{"jsonrpc":"2.0","id":$ID}'],
  'a result that is no object': ['{"jsonrpc":"2.0","id":$ID,"result":"sk-canary"}'],
  'text that is not UTF-8': [Buffer.from([0x22, 0xff, 0x22, 0x0a])],
  'a line beyond 1 MiB': [Buffer.alloc(1024 * 1024 + 1, 0x20)],
};

for (const [what, answer] of Object.entries(LOST)) {
  test(`connection_lost: ${what}, for all calls and those that follow`, async (t) => {
    const { client } = await connected(t, (_, index) => (index === 1 ? answer : []));
    const calls = [client.call('a'), client.call('b')];
    for (const outcome of await Promise.allSettled(calls)) {
      assert.equal(outcome.reason?.kind, 'connection_lost');
      assert.ok(!outcome.reason.stack.includes('canary'));
    }
    await assert.rejects(client.call('c'), { kind: 'connection_lost' });
  });
}

test('an error without an id ends what is under way', async (t) => {
  const line = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no","data":{"kind":"parse_error"}}}';
  const { client } = await connected(t, () => [line, null]);
  await assert.rejects(client.call('a'), { kind: 'parse_error', message: 'no' });
});

const NOT_SENT = {
  'a request beyond 1 MiB': [{ text: 'x'.repeat(1024 * 1024) }, 'parse_error'],
  'a NUL': [{ text: 'sk-canary\0' }, 'parse_error'],
  'half a character': [{ text: 'sk-canary\ud800' }, 'parse_error'],
  'half a character in a name': [{ '\udc00': 1 }, 'parse_error'],
  'what JSON cannot hold': [{ number: 1n }, 'invalid_params'],
};

for (const [what, [params, kind]] of Object.entries(NOT_SENT)) {
  test(`${what} is refused here, and the connection goes on`, async (t) => {
    const { broker, client } = await connected(t, () => [resultLine({ fine: true })]);
    await assert.rejects(client.call('a', params), (error) => {
      assert.equal(error.kind, kind);
      assert.ok(!error.message.includes('canary'));
      return true;
    });
    assert.deepEqual(await client.call('b'), { fine: true });
    assert.equal(broker.requests.length, 1);
  });
}

test('what is misspelt or of no use is refused, and nothing is sent', async (t) => {
  const { broker, client } = await connected(t, () => [resultLine({})]);
  const refused = [
    client.authResolve('openai', { ony: ['store'] }),
    client.token('work', { min_valid: 60 }),
    client.call('a', {}, { timeout: 0 }),
    client.call('a', {}, { timeout: Infinity }),
    client.authSetCredential('openai', { api_key: undefined }),
    client.authSetCredential('openai', { api_key: 7 }),
    client.authSetCredential('openai', undefined),
    client.authSetCredential('openai', null),
  ];
  for (const outcome of await Promise.allSettled(refused)) {
    assert.equal(outcome.reason?.kind, 'invalid_params');
  }
  assert.equal(broker.requests.length, 0);
});

test('a provider without a main field wants its fields named', async (t) => {
  const { client } = await connected(t, () => [resultLine({ provider: 'bedrock', fields: [], main_field: null })]);
  await assert.rejects(client.authSetCredential('bedrock', 'sk-canary'), (error) => {
    assert.equal(error.kind, 'invalid_params');
    assert.match(error.message, /bedrock/);
    assert.ok(!error.message.includes('canary'));
    return true;
  });
});

test('an answer that leaves a value out is not taken for a credential', async (t) => {
  for (const source of ['store', 'call', 'later']) {
    const fields = [{ field: 'api_key', source, from: '', secret: true, file: false }];
    const { client } = await connected(t, () => [resultLine({ provider: 'openai', fields })]);
    await assert.rejects(client.authResolve('openai'), { kind: 'connection_lost', message: /no value of api_key/ });
  }
});

test('close ends what is under way, and may be called twice', async (t) => {
  const { client } = await connected(t, () => []);
  const call = assert.rejects(client.call('a'), { kind: 'connection_lost' });
  await client.close();
  await client.close();
  await call;
  await assert.rejects(client.call('b'), { kind: 'connection_lost' });
});

test('Symbol.asyncDispose closes', { skip: !Symbol.asyncDispose }, async (t) => {
  const { client } = await connected(t, () => []);
  await client[Symbol.asyncDispose]();
  await assert.rejects(client.call('a'), { kind: 'connection_lost' });
});

test('a connection that was not closed does not keep a program running', async (t) => {
  const broker = await startFakeBroker(() => [resultLine({ fine: true })]);
  t.after(() => broker.close());
  const program = `
    import { Client } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
    await Client.connect({ socket: process.argv[1] }); // never used
    const client = await Client.connect({ socket: process.argv[1] });
    console.log((await client.call('a')).fine);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program, broker.socket],
    { timeout: 20_000 },
  );
  assert.equal(stdout, 'true\n');
});
