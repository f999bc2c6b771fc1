// ISSUER/_lab/...: how a test steers this server.
//   GET  state                                    knobs, issuer
//   POST set {...}                                turns knobs (settings.mjs)
//   POST forward {seconds}                        puts this server's clock forward
//   POST revoke-all                               every grant and token ends
//   POST revoke-access                            every access token ends
//   POST reset                                    knobs, clock and log as at the start
//   GET  metadata                                 what it would publish, whether it does or not
//   GET  log                                      requests, oldest first
//   GET  tokens                                   every code and token that was ever issued: [{kind, value}]
//   GET  device?user_code=X&action=approve|deny   decides a device login
import { readBody, sendJson } from './answers.mjs';
import { decide } from './device.mjs';
import { metadata } from './metadata.mjs';
import { forward, knobs, resetKnobs, settings } from './settings.mjs';
import { endAccess, endGrants, issuedSecrets } from './store.mjs';

export const eventLog = [];

const actions = {
  state: () => ({ knobs, issuer: settings.issuer }),
  log: () => eventLog,
  metadata: () => metadata(),
  tokens: () => issuedSecrets(),
  set: (data) => Object.assign(knobs, data),
  forward: (data) => {
    forward(data.seconds);
    return {};
  },
  'revoke-all': () => {
    endGrants();
    return {};
  },
  'revoke-access': () => {
    endAccess();
    return {};
  },
  reset: () => {
    eventLog.length = 0;
    return resetKnobs();
  },
};

export async function control(req, res, name, query) {
  const data = req.method === 'POST' ? JSON.parse((await readBody(req)) || '{}') : {};
  if (name === 'device') {
    const done = decide(query.get('user_code'), query.get('action') === 'approve');
    return sendJson(res, done ? 200 : 404, { ok: done });
  }
  if (!Object.hasOwn(actions, name)) return sendJson(res, 404, { error: 'not_found' });
  return sendJson(res, 200, actions[name](data));
}
