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
    /** "Bearer". @type {string} */
    this.tokenType = answer.token_type ?? 'Bearer';
    mask(this, 'Token', () => ({ accessToken: MASK, ...this }));
  }

  /** The token itself: a secret. @returns {string} */
  get accessToken() {
    return this.#accessToken;
  }
}
