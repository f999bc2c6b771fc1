// Signing keys, and ID tokens signed wrongly on purpose.
import * as crypto from 'node:crypto';
import { now } from './settings.mjs';

const privateJwk = (type, options, extra) => ({
  ...crypto.generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  ...extra,
  use: 'sig',
  kid: crypto.randomUUID(),
});

const newKeys = () => [
  privateJwk('rsa', { modulusLength: 2048 }, { alg: 'RS256' }),
  privateJwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256' }),
  privateJwk('ed25519', {}, {}),
];

let keys = newKeys();
export const signingKeys = () => keys;

/** New keys; `retire` takes the old ones out of the published set. */
export function rotateKeys(retire) {
  keys = retire ? newKeys() : [...newKeys(), ...keys];
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** Sets members; null removes one, "now-60" is a time relative to now. */
function merge(target, changes) {
  for (const [name, value] of Object.entries(changes ?? {})) {
    if (value === null) delete target[name];
    else if (typeof value === 'string' && /^now[+-]\d+$/.test(value)) target[name] = now() + Number(value.slice(3));
    else target[name] = value;
  }
  return target;
}

function sign(input, jwk) {
  const key = crypto.createPrivateKey({ key: jwk, format: 'jwk' });
  return crypto.sign(jwk.kty === 'OKP' ? null : 'sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

/**
 * The same ID token with other claims or header, signed again.
 * fault = {claims, header, alg, sign: "same" | "none" | "bad" | "foreign" | "hs256", secret: of hs256}
 */
export function forgeIdToken(token, fault) {
  const [header, payload] = token.split('.').slice(0, 2).map(decode);
  const how = fault.sign ?? 'same';
  merge(payload, fault.claims);
  if (how === 'none') {
    header.alg = 'none';
    delete header.kid;
  }
  if (how === 'hs256') header.alg = 'HS256';
  if (fault.alg) {
    header.alg = fault.alg;
    header.kid = keys.find((key) => key.alg === fault.alg).kid;
  }
  let jwk = keys.find((key) => key.kid === header.kid) ?? keys[0];
  merge(header, fault.header);

  const input = `${encode(header)}.${encode(payload)}`;
  if (how === 'none') return `${input}.`;
  if (how === 'hs256') {
    return `${input}.${crypto.createHmac('sha256', fault.secret ?? 'guessable').update(input).digest('base64url')}`;
  }
  if (how === 'foreign') jwk = newKeys().find((key) => key.alg === jwk.alg);
  const signature = sign(input, jwk);
  if (how === 'bad') signature[10] ^= 0xff;
  return `${input}.${signature.toString('base64url')}`;
}

/** Claims of a JWT that one of our keys signed with SHA-256; throws otherwise. */
export function verifyJwt(token) {
  const [header, payload, signature] = token.split('.');
  const jwk = keys.find((key) => key.kid === decode(header).kid);
  const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
  const good = crypto.verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'));
  if (!good) throw new Error('bad signature');
  return decode(payload);
}
