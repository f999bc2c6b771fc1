import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, KeybearerError, Lease } from '../index.js';
import { errorLine, resultLine, startFakeBroker } from '../support/fake-broker.js';

const LIMIT = { timeout: 30_000 }; // a loop that does not end would hold the run up

function resolution(version) {
  const field = { field: 'api_key', source: 'store', from: 'default/default', secret: true, value: `sk-${version}` };
  return resultLine({ provider: 'openai', fields: [field], version });
}

const event = (name) => resultLine({ event: name, version: null });

/**
 * A lease at a broker that answers with what is scripted for each method, in that order; after its end it does not
 * answer. A function is called first. The version of the lease is "one".
 */
async function leased(t, { resolve = [], watch = [], options = {} }) {
  const script = {
    'provider.describe': [resultLine({ provider: 'openai', fields: [] })],
    'credential.resolve': [resolution('one'), ...resolve],
    'credential.watch': watch,
    other: [resultLine({ fine: true })],
  };
  const broker = await startFakeBroker(({ method }) => {
    const next = script[method].shift();
    const answer = typeof next === 'function' ? next() : next;
    return answer === undefined ? [] : [answer];
  });
  t.after(() => broker.close());
  const client = await Client.connect({ socket: broker.socket, environment: {} });
  t.after(() => client.close());
  const lease = await client.authLease('openai', options);
  t.after(() => lease.close());
  return { broker, client, lease, count: (method) => broker.requests.filter((one) => one.method === method).length };
}

async function eventsOf(events) {
  const seen = [];
  for await (const one of events) {
    seen.push(one);
  }
  return seen;
}

test('a lease waits on a connection of its own, and calls of the client go on', LIMIT, async (t) => {
  const { broker, client, lease } = await leased(t, {});
  const waiting = assert.rejects(lease.wait(300), { kind: 'connection_lost' });
  assert.deepEqual(await client.call('other'), { fine: true });
  assert.equal(broker.accepted(), 2);
  await client.close(); // ends no lease
  await lease.close();
  await waiting;
});

test('the question has the parameters of the resolution, its version and the time', LIMIT, async (t) => {
  const options = { tenant: 'one', call: { apiKey: 'sk-canary' }, fields: ['api_key'] };
  const { broker, lease } = await leased(t, { watch: [event('none'), event('none')], options });
  assert.equal(await lease.wait(), 'none');
  assert.equal(await lease.wait(0), 'none');
  const asked = broker.requests.slice(1).map(({ params }) => params);
  const params = { provider: 'openai', tenant: 'one', call: ['apiKey'], fields: ['api_key'], environment: [] };
  assert.deepEqual(asked, [
    params,
    { ...params, version: 'one', wait: 60 },
    { ...params, version: 'one', wait: 0 },
  ]);
});

test('a time that cannot be waited for is refused, and nothing is sent', LIMIT, async (t) => {
  const { count, lease } = await leased(t, {});
  for (const seconds of [1.5, '30', NaN, null]) {
    await assert.rejects(lease.wait(seconds), { kind: 'invalid_params' });
  }
  for (const seconds of [-1, 301]) {
    await assert.rejects(lease.wait(seconds), { kind: 'invalid_value' });
  }
  assert.equal(count('credential.watch'), 0);
});

test('the answer may come 40 seconds after the time that was waited for', LIMIT, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { lease } = await leased(t, { options: { timeout: 1000 } });
  let ended = false;
  const waiting = assert.rejects(lease.wait(300), { kind: 'timeout' }).then(() => (ended = true));
  t.mock.timers.tick(339_999);
  await new Promise(setImmediate); // lets what is due happen
  assert.equal(ended, false);
  t.mock.timers.tick(1);
  await waiting;
});

test('what was taken from a lease stays when it is renewed', LIMIT, async (t) => {
  const { lease } = await leased(t, { resolve: [resolution('two')], watch: [event('renewed')] });
  const before = lease.credential;
  assert.equal(await lease.wait(), 'renewed');
  assert.equal(before.values.api_key, 'sk-one');
  assert.equal(lease.credential.values.api_key, 'sk-two');
});

test('a loop passes over "none" and ends after "removed"', LIMIT, async (t) => {
  const watch = ['none', 'renewed', 'none', 'removed'].map(event);
  const { broker, count, lease } = await leased(t, { resolve: [resolution('two')], watch });
  assert.deepEqual(await eventsOf(lease), ['renewed', 'removed']);
  assert.equal(lease.credential.version, 'two');
  assert.equal(count('provider.describe'), 1);
  assert.equal(broker.accepted(), 2);
});

test('what goes away before it was resolved again is removed', LIMIT, async (t) => {
  const { lease } = await leased(t, { resolve: [errorLine('no_credential')], watch: [event('renewed')] });
  assert.equal(await lease.wait(), 'removed');
  assert.equal(lease.credential.version, 'one');
});

test('wait() fails with connection_lost and does not connect again', LIMIT, async (t) => {
  const { broker, lease } = await leased(t, { watch: [() => null] });
  await assert.rejects(lease.wait(), { kind: 'connection_lost' });
  await assert.rejects(lease.wait(), { kind: 'connection_lost' });
  assert.equal(broker.accepted(), 2);
});

test('a loop connects again after each break, and tells when the version is another one', LIMIT, async (t) => {
  const { broker, count, lease } = await leased(t, {
    resolve: [resolution('one'), resolution('two')],
    watch: [() => null, () => null, event('removed')],
  });
  assert.deepEqual(await eventsOf(lease), ['renewed', 'removed']);
  assert.equal(lease.credential.values.api_key, 'sk-two');
  assert.equal(broker.accepted(), 4);
  assert.equal(count('provider.describe'), 1);
});

test('what went away while the broker was away is removed', LIMIT, async (t) => {
  const { lease } = await leased(t, { resolve: [errorLine('no_credential')], watch: [() => null] });
  assert.deepEqual(await eventsOf(lease), ['removed']);
});

test('a second try that fails too is connection_lost, with its own failure as the cause', LIMIT, async (t) => {
  const { broker, lease } = await leased(t, { resolve: [() => null], watch: [() => null] });
  await assert.rejects(eventsOf(lease), (error) => {
    assert.equal(error.kind, 'connection_lost');
    assert.equal(error.cause.kind, 'connection_lost');
    return true;
  });
  assert.equal(broker.accepted(), 3);
});

test('no broker any more is connection_lost, and the cause says what to run', LIMIT, async (t) => {
  const { broker, lease } = await leased(t, { watch: [() => void broker.close()] });
  await assert.rejects(eventsOf(lease), (error) => {
    assert.equal(error.kind, 'connection_lost');
    assert.equal(error.cause.kind, 'no_broker');
    assert.match(error.cause.message, /keybearer daemon start/);
    return true;
  });
});

test('what the broker says at the second try is the error', LIMIT, async (t) => {
  const { lease } = await leased(t, { resolve: [errorLine('keychain_locked')], watch: [() => null] });
  await assert.rejects(eventsOf(lease), { kind: 'keychain_locked' });
});

test('any other error ends a loop at once', LIMIT, async (t) => {
  const { broker, lease } = await leased(t, { watch: [errorLine('location_failed')] });
  await assert.rejects(eventsOf(lease), { kind: 'location_failed' });
  assert.equal(broker.accepted(), 2);
});

test('loops over one lease share the new connection', LIMIT, async (t) => {
  const watch = [() => undefined, () => null, event('removed'), event('removed')];
  const { broker, lease } = await leased(t, { resolve: [resolution('two')], watch });
  const seen = await Promise.all([eventsOf(lease), eventsOf(lease)]);
  assert.deepEqual(seen, [['renewed', 'removed'], ['renewed', 'removed']]);
  assert.equal(broker.accepted(), 3);
});

test('what cannot be used is asked for on another connection, and that one is closed', LIMIT, async (t) => {
  const useless = resultLine({ provider: 'openai', fields: [{ field: 'api_key', source: 'call' }] });
  const { broker, lease } = await leased(t, {
    resolve: [useless, useless],
    watch: [event('renewed')],
  });
  const left = broker.leftLast();
  await assert.rejects(eventsOf(lease), { kind: 'connection_lost', message: /no value of api_key/ });
  await left;
});

const ENDS = {
  close: (lease) => void lease.close(),
  'the signal': (_, controller) => controller.abort(),
};

for (const [what, end] of Object.entries(ENDS)) {
  const loop = (lease, controller) => eventsOf(lease.events({ signal: controller.signal }));

  test(`${what} ends a loop that waits`, LIMIT, async (t) => {
    const controller = new AbortController();
    const { lease } = await leased(t, { watch: [() => end(lease, controller)] });
    assert.deepEqual(await loop(lease, controller), []);
    assert.equal(lease.credential.values.api_key, 'sk-one');
    await assert.rejects(lease.wait(), { kind: 'connection_lost' });
  });

  test(`${what} ends a loop before its first question`, LIMIT, async (t) => {
    const controller = new AbortController();
    const { count, lease } = await leased(t, {});
    end(lease, controller);
    assert.deepEqual(await loop(lease, controller), []);
    assert.equal(count('credential.watch'), 0);
    await assert.rejects(lease.wait(), { kind: 'connection_lost' });
  });

  test(`${what} ends a loop that resolves again after a break`, LIMIT, async (t) => {
    const controller = new AbortController();
    const { lease } = await leased(t, { resolve: [() => end(lease, controller)], watch: [() => null] });
    assert.deepEqual(await loop(lease, controller), []);
  });

  test(`${what} within a loop is its last turn`, LIMIT, async (t) => {
    const controller = new AbortController();
    const { lease, count } = await leased(t, { resolve: [resolution('two')], watch: [event('renewed')] });
    for await (const one of lease.events({ signal: controller.signal })) {
      assert.equal(one, 'renewed');
      end(lease, controller);
    }
    assert.equal(count('credential.watch'), 1);
  });
}

// Moments that a broker cannot choose: the connection is one of the test's own.
async function loopOver(call, whileConnecting = async () => {}, whileClosing = async () => {}) {
  const closed = [];
  let connects = 0;
  const connection = (name) => ({
    call: (method) => call(method, lease),
    close: async () => {
      if (closed.push(name) === 1) {
        await whileClosing(lease);
      }
    },
  });
  const connect = async () => {
    connects += 1;
    await whileConnecting(lease);
    return connection('second');
  };
  const plan = { params: {}, own: {}, environment: {} };
  const lease = new Lease({ connect, timeout: 1000 }, connection('first'), plan, { version: 'one' });
  return { seen: await eventsOf(lease), closed, connects };
}

const breaks = () => Promise.reject(new KeybearerError('connection_lost', 'it broke'));

test('a connection that is made while the lease is closed is closed as well', LIMIT, async () => {
  const { seen, closed } = await loopOver(breaks, (lease) => lease.close());
  assert.deepEqual(seen, []);
  assert.equal(closed.at(-1), 'second');
});

test('a lease that is closed at the break does not connect again', LIMIT, async () => {
  const { seen, closed } = await loopOver(async (_, lease) => {
    await lease.close();
    return breaks();
  });
  assert.deepEqual(seen, []);
  assert.deepEqual(closed, ['first']);
});

test('a lease that is closed after the break does not connect again', LIMIT, async () => {
  const { seen, connects } = await loopOver(breaks, undefined, (lease) => lease.close());
  assert.deepEqual(seen, []);
  assert.equal(connects, 0); // which would start a broker
});

test('what comes when the lease has been closed is not told any more', LIMIT, async () => {
  const { seen } = await loopOver(async (method, lease) => {
    if (method === 'credential.watch') {
      return { event: 'renewed' };
    }
    await lease.close();
    return { provider: 'openai', fields: [], version: 'two' };
  });
  assert.deepEqual(seen, []);
});

test('a loop that was left takes its listener from the signal, and the lease goes on', LIMIT, async (t) => {
  const controller = new AbortController();
  const watch = [event('renewed'), event('none')];
  const { lease } = await leased(t, { resolve: [resolution('two')], watch });
  for await (const one of lease.events({ signal: controller.signal })) {
    assert.equal(one, 'renewed');
    break;
  }
  controller.abort();
  assert.equal(await lease.wait(), 'none');
});

test('Symbol.asyncDispose closes', { ...LIMIT, skip: !Symbol.asyncDispose }, async (t) => {
  const { lease } = await leased(t, {});
  await lease[Symbol.asyncDispose]();
  await assert.rejects(lease.wait(), { kind: 'connection_lost' });
});

test('a lease that cannot be opened leaves no connection', LIMIT, async (t) => {
  const broker = await startFakeBroker(() => [errorLine('unknown_provider')]);
  t.after(() => broker.close());
  const client = await Client.connect({ socket: broker.socket, environment: {} });
  t.after(() => client.close());
  await assert.rejects(client.authLease('opnai'), { kind: 'unknown_provider' });
  assert.equal(broker.accepted(), 2);
  await broker.leftLast();
});

test('misspelt options are refused', LIMIT, async (t) => {
  const { broker, client, lease } = await leased(t, {});
  await assert.rejects(client.authLease('openai', { wait: 30 }), { kind: 'invalid_params' });
  await assert.rejects(client.authLease('openai', { timeout: 0 }), { kind: 'invalid_params' });
  await assert.rejects(eventsOf(lease.events({ abort: 1 })), { kind: 'invalid_params' });
  assert.equal(broker.accepted(), 2);
});
