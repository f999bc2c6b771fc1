import { KeybearerError, connectionLost, invalidParams } from './errors.js';
import { mask } from './masked.js';

const STEP = 60; // seconds that one question waits; the broker refuses more than 300
const GRACE_MS = 40_000; // for the answer to one that has waited to its end

/**
 * A sign-in that this program has begun, on a connection of its own. Made by `Client.login`. The program shows
 * `authorizationUrl` to the person, or opens it in their browser, and waits. The broker keeps what comes of it.
 */
export class Login {
  #connection;
  #timeout;
  #id;
  #state = 'waiting_for_browser';

  /** Made by {@link Login.open}. */
  constructor(connection, timeout, answer) {
    this.#connection = connection;
    this.#timeout = timeout;
    this.#id = answer.login_id;
    /** Name that the account will have. @type {string} */
    this.account = answer.account ?? '';
    /** @type {string} */
    this.provider = answer.provider ?? '';
    /** What the person signs in to. @type {string} */
    this.issuer = answer.issuer ?? '';
    /** What the tokens will be for, or null. @type {string | null} */
    this.resource = answer.resource ?? null;
    /** @type {string[]} */
    this.scopes = answer.scopes ?? [];
    /** To be opened in the person's browser. @type {string} */
    this.authorizationUrl = answer.authorization_url ?? '';
    /** UTC seconds until which `authorizationUrl` opens, or null. @type {number | null} */
    this.urlExpiresAt = answer.url_expires_at ?? null;
    /** Where the broker listens; null for the flow "device". @type {string | null} */
    this.redirectUri = answer.redirect_uri ?? null;
    /** What the person enters, for the flow "device". @type {string | null} */
    this.userCode = answer.user_code ?? null;
    /** The page to enter it at. @type {string | null} */
    this.verificationUri = answer.verification_uri ?? null;
    /** UTC seconds: when the broker gives up. @type {number} */
    this.expiresAt = answer.expires_at ?? 0;
    /** The same sign-in is under way, and its page is open: only wait. @type {boolean} */
    this.joined = answer.joined === true;
    /** Nobody would see a page that opens now. @type {boolean} */
    this.screenLocked = answer.screen_locked === true;
    mask(this, 'Login', () => ({ account: this.account, provider: this.provider }));
  }

  /**
   * @param {{ connect: () => Promise<import('./connection.js').Connection>, timeout: number }} link
   * @param {object} params of account.login
   * @returns {Promise<Login>}
   */
  static async open(link, params) {
    const connection = await link.connect();
    try {
      const answer = await connection.call('account.login', params, link.timeout);
      if (typeof answer.login_id !== 'string') {
        throw connectionLost('its answer names no login');
      }
      return new Login(connection, link.timeout, answer);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Waits until the sign-in ends, which it does at `expiresAt` at the latest.
   * @param {number} [seconds] at most so long; then it gives null, and may be called again
   * @returns {Promise<object | null>} `account`, and `subject`, `label`, `scope` and `credential` or null
   * @throws {KeybearerError} login_failed, login_cancelled (also when nobody finished it in time), the provider's, the
   *   keychain's; connection_lost when the broker went away, or after close(): begin another one
   */
  async wait(seconds = Infinity) {
    if (!(typeof seconds === 'number' && seconds >= 0)) {
      throw invalidParams('wait takes a number of seconds, 0 or more');
    }
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const wait = Math.min(STEP, Math.max(0, Math.ceil((deadline - performance.now()) / 1000)));
      const question = { login_id: this.#id, known_state: this.#state, wait };
      const answer = await this.#connection.call('account.login_status', question, wait * 1000 + GRACE_MS);
      const end = endOf(answer);
      if (end) {
        return end;
      }
      this.#state = answer.state;
      if (performance.now() >= deadline) {
        return null;
      }
    }
  }

  /**
   * The page's address once more: one that opens now, for a page that is opened later, or a second time, where
   * `urlExpiresAt` is not null. `authorizationUrl` and `urlExpiresAt` are the new ones afterwards.
   * @returns {Promise<string>}
   * @throws {KeybearerError}
   */
  async url() {
    const answer = await this.#call('account.login_url', { login_id: this.#id });
    this.authorizationUrl = answer.authorization_url;
    this.urlExpiresAt = answer.url_expires_at ?? null;
    return this.authorizationUrl;
  }

  /**
   * The address that a browser on another machine ended at, in the place of its request; `wait` goes on.
   * @param {string} url
   * @returns {Promise<void>}
   * @throws {KeybearerError} invalid_value for one that is not this sign-in's, which changes nothing
   */
  async callback(url) {
    await this.#call('account.login_callback', { login_id: this.#id, url });
  }

  /**
   * Gives the sign-in up, unless it is done or another program waits for it too. A `wait` that is under way fails with
   * "connection_lost".
   * @returns {Promise<void>}
   */
  close() {
    return this.#connection.close();
  }

  #call(method, params) {
    return this.#connection.call(method, params, this.#timeout);
  }
}

if (Symbol.asyncDispose) {
  Object.defineProperty(Login.prototype, Symbol.asyncDispose, { value: Login.prototype.close });
}

/** What it ended with, or null. */
function endOf(answer) {
  switch (answer.state) {
    case 'done':
      return {
        account: answer.account,
        subject: answer.subject ?? null,
        label: answer.label ?? null,
        scope: answer.scope ?? null,
        credential: answer.credential ?? null,
      };
    case 'failed':
      throw new KeybearerError(answer.error?.kind ?? 'login_failed', answer.error?.message ?? 'the sign-in failed');
    case 'cancelled':
      throw new KeybearerError('login_cancelled', 'the sign-in was given up before anybody finished it');
    default:
      if (!answer.state) {
        throw connectionLost('its answer does not say how the sign-in stands');
      }
      return null;
  }
}
