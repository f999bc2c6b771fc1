// One signing key without a name, as a set with a single key may have it (OpenID Connect Core section 10.1).
import * as crypto from 'node:crypto';
import { knobs, now, patched, settings } from './settings.mjs';
import { record } from './store.mjs';

const newKey = () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const own = newKey();
const foreign = newKey();
export const ALGORITHM = 'ES256';

export const keySet = () => patched('keys', { keys: [{ ...own.publicKey.export({ format: 'jwk' }), use: 'sig' }] });

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signature(input) {
  if (knobs.sign === 'none') return '';
  const key = (knobs.sign === 'foreign' ? foreign : own).privateKey;
  return crypto.sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

/** OpenID Connect Core section 2. Names are in userinfo only. */
export function idToken(grant) {
  const claims = {
    iss: settings.issuer,
    sub: grant.sub,
    aud: [settings.clientId],
    azp: settings.clientId,
    iat: now(),
    exp: now() + knobs.idTtl,
    auth_time: grant.authTime,
    ...(grant.nonce ? { nonce: grant.nonce } : {}),
    x_plain_amr: [['pwd'], null],
  };
  const header = knobs.sign === 'none' ? { alg: 'none' } : { alg: ALGORITHM };
  const input = `${encode(header)}.${encode(patched('idToken', claims))}`;
  return record('id_token', `${input}.${signature(input)}`);
}
