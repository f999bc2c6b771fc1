// Device authorization (RFC 8628).
import * as crypto from 'node:crypto';
import { OAuthError, readForm, sendError, sendJson } from './answers.mjs';
import { knobs, now, patched, settings, style } from './settings.mjs';
import { checkScope, newGrant, random, record } from './store.mjs';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Section 6.1: no vowels, so that no word comes out. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
/** Section 3.2, where the server says nothing; and by how much slow_down lengthens it (section 3.5). */
const DEFAULT_INTERVAL = 5;

const devices = new Map(); // device_code: {userCode, scope, state, interval, polledAt, expiresAt}

const folded = (userCode) => (userCode ?? '').toUpperCase().replace(/[^A-Z]/g, '');

function newUserCode() {
  const letters = Array.from({ length: 8 }, () => LETTERS[crypto.randomInt(LETTERS.length)]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

export async function deviceAuthorization(req, res, checkClient) {
  try {
    const form = await readForm(req);
    checkClient(req, form);
    const scope = checkScope(form.scope);
    const userCode = newUserCode();
    const code = record('device_code', random());
    const interval = knobs.interval ?? DEFAULT_INTERVAL;
    devices.set(code, { userCode, scope, state: 'pending', interval, polledAt: null, expiresAt: now() + knobs.deviceTtl });
    const page = `${settings.origin}${style.path}/device`;
    return sendJson(res, 200, patched('device', {
      device_code: code,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${userCode}`,
      expires_in: knobs.deviceTtl,
      ...(knobs.interval === null ? {} : { interval: knobs.interval }),
      x_plain: { qr: null },
    }));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return sendError(res, error);
  }
}

const isWaiting = (userCode) => (device) => folded(device.userCode) === folded(userCode) && device.state === 'pending'
  && now() < device.expiresAt;

/** What the person at the page decides: true when there was something to decide. */
export function decide(userCode, approved) {
  const device = [...devices.values()].find(isWaiting(userCode));
  if (!device) return false;
  device.state = approved ? 'approved' : 'denied';
  device.sub = knobs.sub; // whoever sits there now
  return true;
}

/** Too early, or told so by the test. */
function isTooQuick(device) {
  if (knobs.slowDown > 0) {
    knobs.slowDown -= 1;
    return true;
  }
  return device.polledAt !== null && now() - device.polledAt < device.interval;
}

/** The grant of an approved code, once; else one of the answers of section 3.5. */
export function redeemDevice(form) {
  const device = devices.get(form.device_code);
  if (!device || device.state === 'used') throw new OAuthError('invalid_grant', 'no such device_code');
  if (now() >= device.expiresAt) throw new OAuthError('expired_token');
  if (device.state === 'denied') throw new OAuthError('access_denied');
  if (device.state === 'pending') {
    const quick = isTooQuick(device);
    device.polledAt = now();
    if (!quick) throw new OAuthError('authorization_pending');
    device.interval += DEFAULT_INTERVAL; // for this and all later polls
    throw new OAuthError('slow_down');
  }
  device.state = 'used';
  return newGrant(device.sub, device.scope);
}
