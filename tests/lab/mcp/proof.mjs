// Proofs of possession as a resource must check them (RFC 9449 sections 4.3, 7 and 9).
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, jwtVerify } from 'jose';
import { knobs, settings } from './settings.mjs';

const MOST_SECONDS = 60;
const NEVER_TAKEN = ['loop', 'silent', 'odd'];
const seen = new Set(); // jti of every proof that was taken
let nonce = randomUUID();

export class BadProof extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export const nextNonce = () => {
  nonce = randomUUID();
};

function require(condition, what) {
  if (!condition) throw new BadProof('invalid_dpop_proof', what);
}

/** Both in the form that section 4.3 compares. */
const isHere = (htu) => URL.canParse(htu) && new URL(htu).href === new URL(settings.resource).href
  && !htu.includes('?') && !htu.includes('#');

/** Of one header DPoP, without being believed. */
export function claimsOf(header) {
  try {
    return header === undefined ? undefined : decodeJwt(header);
  } catch {
    return {};
  }
}

/** Throws BadProof when the request's proof is not one of `token`'s holder for this very request. */
export async function checkProof(req, token, jkt) {
  require(req.headersDistinct.dpop?.length === 1, 'one header DPoP is wanted');
  const expected = { typ: 'dpop+jwt', algorithms: ['ES256'], maxTokenAge: MOST_SECONDS };
  const { payload, protectedHeader } = await jwtVerify(req.headers.dpop, EmbeddedJWK, expected).catch((error) => {
    throw new BadProof('invalid_dpop_proof', error.message);
  });
  require(protectedHeader.jwk.d === undefined, 'the private key');
  require(await calculateJwkThumbprint(protectedHeader.jwk) === jkt, 'another key');
  require(payload.htm === req.method, 'another method');
  require(isHere(payload.htu), 'another address');
  require(payload.ath === createHash('sha256').update(token).digest('base64url'), 'another token');
  require(typeof payload.jti === 'string' && payload.jti && !seen.has(payload.jti), 'used before');
  if (knobs.nonce && (payload.nonce !== nonce || NEVER_TAKEN.includes(knobs.nonce))) {
    throw new BadProof('use_dpop_nonce', 'another nonce is wanted');
  }
  seen.add(payload.jti);
}

/** What an answer brings for the next proof; `wanted`: this one was refused for want of it. */
export function nonceHeaders(wanted) {
  if (knobs.nonce === 'loop' || knobs.nonce === 'fresh') nextNonce();
  if (knobs.nonce === 'odd') return { 'dpop-nonce': 'a "b"' };
  const brings = knobs.nonce === 'fresh' || (wanted && knobs.nonce && knobs.nonce !== 'silent');
  return brings ? { 'dpop-nonce': nonce } : {};
}
