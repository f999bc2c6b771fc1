import { KeybearerError, invalidParams, invalidValue } from './errors.js';
import { mask } from './masked.js';
import { given } from './names.js';
import { resolved } from './resolve.js';

const DEFAULT_WAIT = 60;
const MAX_WAIT = 300;
// For the answer to a question that has waited to its end: the broker may just have begun to renew a token, and gives
// the provider 15 seconds for each of its requests.
const GRACE_MS = 40_000;

/**
 * A credential that a program holds for long, on a connection of its own. Made by `Client.authLease`. It can be
 * iterated: see {@link Lease#events}.
 */
export class Lease {
  #link;
  #connection;
  #plan;
  #credential;
  #closed = false;
  /** The reconnection that is under way: all loops over this lease share it. @type {Promise<string> | null} */
  #mending = null;

  /** Made by {@link Lease.open}. */
  constructor(link, connection, plan, credential) {
    this.#link = link;
    this.#connection = connection;
    this.#plan = plan;
    this.#credential = credential;
    mask(this, 'Lease', () => ({ credential: this.#credential }));
  }

  /**
   * @param {{ connect: () => Promise<import('./connection.js').Connection>, timeout: number }} link
   * @param {(ask: Function) => Promise<any>} makePlan asks what the credential can come from; done only once
   * @returns {Promise<Lease>}
   */
  static async open(link, makePlan) {
    const connection = await link.connect();
    const ask = askOn(connection, link.timeout);
    try {
      const plan = await makePlan(ask);
      return new Lease(link, connection, plan, await resolved(ask, plan));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** What is held now. What was taken from it before stays as it is. @returns {import('./resolution.js').Resolution} */
  get credential() {
    return this.#credential;
  }

  /**
   * Waits until something happens to the credential. After "renewed", `credential` is the new one; after "removed" it
   * is still the old one.
   * @param {number} [seconds] at most, 0 to 300
   * @returns {Promise<string>} "renewed", "removed", or "none": nothing happened in that time
   * @throws {KeybearerError} connection_lost (open another lease), ...
   */
  async wait(seconds = DEFAULT_WAIT) {
    checkWait(seconds);
    const question = { ...this.#plan.params, version: this.#credential.version, wait: seconds };
    const answer = await this.#connection.call('credential.watch', question, seconds * 1000 + GRACE_MS);
    if (answer.event === 'renewed') {
      return this.#resolveAgain();
    }
    return answer.event === 'removed' ? 'removed' : 'none';
  }

  /**
   * "renewed" and "removed" as they happen, until "removed", {@link Lease#close} or the abort of the signal. After a
   * connection that breaks it connects and resolves once more before it fails.
   * @param {{ signal?: AbortSignal }} [options] the signal closes the lease
   * @returns {AsyncGenerator<string, void, void>}
   * @throws {KeybearerError} connection_lost (`cause`: why the second try failed too), ...
   */
  async *events(options = {}) {
    const { signal } = given('events', options, ['signal']);
    const onAbort = () => void this.close();
    signal?.addEventListener('abort', onAbort);
    try {
      if (signal?.aborted) {
        await this.close();
      }
      while (!this.#closed) {
        const event = await this.#next();
        if (event !== 'none' && !this.#closed) {
          yield event;
        }
        if (event === 'removed') {
          return;
        }
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** @returns {AsyncGenerator<string, void, void>} */
  [Symbol.asyncIterator]() {
    return this.events();
  }

  /** Ends the loops over this lease; its credential stays. @returns {Promise<void>} */
  close() {
    this.#closed = true;
    return this.#connection.close();
  }

  async #next() {
    try {
      return await this.wait();
    } catch (error) {
      if (this.#closed) {
        return 'none';
      }
      if (error.kind !== 'connection_lost') {
        throw error;
      }
      this.#mending ??= this.#reconnect(error).finally(() => {
        this.#mending = null;
      });
      return this.#mending;
    }
  }

  /** What has happened to the credential since the connection broke. */
  async #reconnect(lost) {
    const { version } = this.#credential;
    try {
      await this.#connection.close(); // an answer that was of no use leaves it open
      if (this.#closed) {
        return 'none'; // and starts no broker
      }
      const connection = await this.#link.connect();
      if (this.#closed) {
        await connection.close();
        return 'none';
      }
      this.#connection = connection;
      const event = await this.#resolveAgain();
      return event === 'renewed' && this.#credential.version === version ? 'none' : event;
    } catch (error) {
      if (this.#closed) {
        return 'none';
      }
      throw isNoConnection(error) ? becauseOf(lost, error) : error;
    }
  }

  async #resolveAgain() {
    try {
      this.#credential = await resolved(askOn(this.#connection, this.#link.timeout), this.#plan);
      return 'renewed';
    } catch (error) {
      if (error.kind === 'no_credential') {
        return 'removed'; // since the broker said that there is another one, or while it was away
      }
      throw error;
    }
  }
}

if (Symbol.asyncDispose) {
  Object.defineProperty(Lease.prototype, Symbol.asyncDispose, { value: Lease.prototype.close });
}

function askOn(connection, timeout) {
  return (method, params) => connection.call(method, params, timeout);
}

function checkWait(seconds) {
  if (!Number.isInteger(seconds)) {
    throw invalidParams('wait takes a whole number of seconds');
  }
  if (seconds < 0 || seconds > MAX_WAIT) {
    throw invalidValue(`wait takes 0 to ${MAX_WAIT} seconds`);
  }
}

function isNoConnection(error) {
  return error.kind === 'no_broker' || error.kind === 'connection_lost';
}

function becauseOf(lost, cause) {
  const error = new KeybearerError(lost.kind, lost.message, lost.data);
  error.cause = cause;
  return error;
}
