// /_lab/...: how a test steers this server.
//   GET  /_lab/state                           knobs, faults that wait, issuer
//   POST /_lab/set {...}                       turns knobs (settings.mjs)
//   POST /_lab/fault {path, kind, times, ...}  a wrong answer for the next requests (faults.mjs)
//   POST /_lab/release                         requests that a `late` fault holds go on
//   POST /_lab/auth-response {set, append}     tampers with the next redirect to the client; a null value removes
//   POST /_lab/rotate-keys {retire}            new signing keys
//   POST /_lab/certificate {name}              shows another certificate of --tls-dir
//   POST /_lab/revoke-all                      every token and session ends
//   POST /_lab/reset                           knobs, faults and log as at the start
//   GET  /_lab/log                             requests and errors, oldest first
//   GET  /_lab/tokens                          every code and token that was ever issued: [{kind, value}]
//   GET  /_lab/device?user_code=X&action=approve|deny   decides a device login
//   POST /_lab/publish {...}                   a client ID metadata document, at /_lab/client.json from then on
//   POST /_lab/forget-clients                  no client that was registered is known any more
//   GET  /_lab/client-secrets                  of those that are registered now
import * as crypto from 'node:crypto';
import { resourceServers } from './clients.mjs';
import { addFault, clearFaults, pendingFaults, release } from './faults.mjs';
import { rotateKeys, signingKeys } from './keys.mjs';
import { changeCertificate } from './listener.mjs';
import { sendJson } from './pages.mjs';
import { eventLog, PUBLISHED, rebuild, server } from './server.mjs';
import { knobs, now, resetKnobs, settings } from './settings.mjs';
import { clientSecrets, forgetClients, issuedSecrets, revokeAll, storedCount } from './storage.mjs';

export const authResponseChanges = [];

export async function readJson(req) {
  let body = '';
  for await (const chunk of req) body += chunk;
  return JSON.parse(body || '{}');
}

async function approveDevice(provider, code) {
  const { scope, nonce, resource } = code.params ?? {};
  const grant = new provider.Grant({ clientId: code.clientId, accountId: knobs.sub });
  if (scope) grant.addOIDCScope(scope);
  for (const name of resource ? [resource].flat() : []) {
    grant.addResourceScope(name, resourceServers()[name]?.scope ?? '');
  }
  const decided = { scope, nonce, resource, accountId: knobs.sub, authTime: now(), claims: {} };
  Object.assign(code, decided, { grantId: await grant.save(), sessionUid: crypto.randomUUID() });
}

async function decideDevice(res, query) {
  const { provider } = server();
  const userCode = (query.get('user_code') ?? '').replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  const code = await provider.DeviceCode.findByUserCode(userCode);
  if (!code) return sendJson(res, 404, { error: 'no such user_code' });
  if (query.get('action') === 'deny') Object.assign(code, { error: 'access_denied', errorDescription: 'End-User denied' });
  else await approveDevice(provider, code);
  await code.save();
  return sendJson(res, 200, { ok: true });
}

let published;

/** The document under the address that it gets here; server.mjs knows where that is. */
function publish(document) {
  published = { ...document, client_id: PUBLISHED };
  return { url: PUBLISHED };
}

const actions = {
  state: () => ({ knobs, faults: pendingFaults(), issuer: settings.issuer, stored: storedCount() }),
  log: () => eventLog,
  tokens: () => issuedSecrets(),
  'client.json': () => published,
  publish,
  'client-secrets': () => clientSecrets(),
  'forget-clients': () => forgetClients(),
  set: (data) => Object.assign(knobs, data),
  fault: (data) => {
    addFault(data);
    return pendingFaults();
  },
  release: () => release(),
  'auth-response': (data) => {
    authResponseChanges.push(data);
    return authResponseChanges;
  },
  reset: () => {
    clearFaults();
    authResponseChanges.length = 0;
    eventLog.length = 0;
    return resetKnobs();
  },
  'revoke-all': () => {
    revokeAll();
    return {};
  },
  certificate: (data) => {
    changeCertificate(data.name);
    return {};
  },
  'rotate-keys': (data) => {
    rotateKeys(data.retire);
    rebuild();
    return { kids: signingKeys().map((key) => key.kid) };
  },
};

export async function control(req, res, url) {
  const data = req.method === 'POST' ? await readJson(req) : {};
  const name = url.pathname.slice('/_lab/'.length);
  if (name === 'device') return decideDevice(res, url.searchParams);
  if (!Object.hasOwn(actions, name)) return sendJson(res, 404, { error: 'not_found' });
  return sendJson(res, 200, actions[name](data));
}
