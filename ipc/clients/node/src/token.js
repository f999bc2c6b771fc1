import { connectionLost } from './errors.js';
import { MASK, mask } from './masked.js';

/** An access token. Printed, logged or turned into JSON it shows no secret; `accessToken` has it. */
export class Token {
  #accessToken;

  /** @param {any} answer the result of token.get */
  constructor(answer) {
    this.#accessToken = answer.access_token;
    /** UTC seconds since 1970, or null when the provider does not say. @type {number | null} */
    this.expiresAt = answer.expires_at ?? null;
    /** The granted scopes, with spaces between. @type {string} */
    this.scope = answer.scope ?? '';
    /** @type {string} */
    this.account = answer.account;
    /** @type {string} */
    this.issuer = answer.issuer ?? '';
    /** "cache" or "refresh". @type {string} */
    this.source = answer.source ?? '';
    /** "Bearer", or "DPoP" for one that is good with a proof alone (`Client.dpopProof`). @type {string} */
    this.tokenType = answer.token_type ?? 'Bearer';
    mask(this, 'Token', () => ({ accessToken: MASK, ...this }));
  }

  /** The token itself: a secret. @returns {string} */
  get accessToken() {
    return this.#accessToken;
  }
}

/**
 * A token that is bound to a key, and the proof for one request with it (RFC 9449). Printed, logged or turned into JSON it
 * shows neither.
 */
export class DpopProof extends Token {
  #proof;

  /** @param {any} answer the result of dpop.proof */
  constructor(answer) {
    super(answer);
    if (typeof answer.proof !== 'string' || typeof answer.access_token !== 'string') {
      throw connectionLost('its answer has no proof, or no token');
    }
    this.#proof = answer.proof;
  }

  /** The value of the header DPoP: good once, and soon. @returns {string} */
  get proof() {
    return this.#proof;
  }

  /** The two headers of that request, in plain text. @returns {{ Authorization: string, DPoP: string }} */
  headers() {
    return { Authorization: `DPoP ${this.accessToken}`, DPoP: this.#proof };
  }
}
