// What was issued: grants, codes and tokens, in memory.
import * as crypto from 'node:crypto';
import { OAuthError } from './answers.mjs';
import { knobs, now, style } from './settings.mjs';

const LONG = 7000;
/** RFC 6750 section 2.1: all that a bearer token may hold. */
const BEARER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/';
/** The rest of what codes and refresh tokens may hold (RFC 6749 appendix A.11 and A.17), but the space. */
export const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const issued = []; // {kind, value}: whatever was ever given out
const access = new Map(); // token: {grant, scope, audience, expiresAt}
const refresh = new Map(); // token: {grant}
let grants = new Set();

export const random = (bytes = 24) => crypto.randomBytes(bytes).toString('base64url');
export const issuedSecrets = () => issued;

export function record(kind, value) {
  issued.push({ kind, value });
  return value;
}

const longText = (alphabet, length) =>
  Array.from(crypto.randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('');

/** What a person has agreed to. */
export function newGrant(sub, scope, more = {}) {
  const grant = { sub, scope, alive: true, authTime: now(), ...more };
  grants.add(grant);
  return grant;
}

export function endGrants() {
  for (const grant of grants) grant.alive = false;
  grants = new Set();
}

export function newAccessToken(grant, scope, audience = null) {
  const token = record('access_token', `${random()}${longText(BEARER, LONG)}==`);
  access.set(token, { grant, scope, audience, expiresAt: now() + knobs.atTtl });
  return token;
}

export function newRefreshToken(grant) {
  const space = knobs.spaces ? ' ' : '';
  const token = record('refresh_token', `${random()}${PUNCTUATION}${space}${longText(BEARER, LONG)}`);
  refresh.set(token, { grant });
  return token;
}

export const endAccess = () => access.clear();

/** The access token's facts; undefined unless it is good. */
export function findAccess(token) {
  const found = access.get(token);
  return found?.grant.alive && now() < found.expiresAt ? found : undefined;
}

export function findRefresh(token) {
  const found = refresh.get(token);
  return found?.grant.alive ? found : undefined;
}

export const spendRefresh = (token) => refresh.delete(token);

/** The requested scope where the server has it all, else an error: so no answer ever has to name another one. */
export function checkScope(text, allowed = style.scopes) {
  const scope = (text ?? '').split(' ').filter(Boolean);
  if (!scope.every((name) => allowed.includes(name))) throw new OAuthError('invalid_scope', 'an unknown or wider scope');
  return scope;
}
