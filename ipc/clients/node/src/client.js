import { Connection } from './connection.js';
import { KeybearerError, invalidParams } from './errors.js';
import { accountParams } from './folder.js';
import { Lease } from './lease.js';
import { Login } from './login.js';
import { mask } from './masked.js';
import { folded, given, ownFields } from './names.js';
import { checkedPath, findSocket } from './paths.js';
import { resolved } from './resolve.js';
import { startBroker } from './start.js';
import { DpopProof, Token } from './token.js';
import { clientKeyOf, variablesSet } from './environment.js';

const DEFAULT_TIMEOUT_MS = 120_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1; // beyond it, Node's timers fire at once
const MAX_LIST_ENTRIES = 64;
const RESOLVE_OPTIONS = ['call', 'instance', 'name', 'tenant', 'only', 'next', 'fields', 'purpose', 'timeout'];
const TOKEN_OPTIONS = ['directory', 'minValid', 'scopes', 'resource', 'audience', 'purpose', 'refresh', 'timeout'];
const LOGIN_OPTIONS = ['account', 'clientId', 'clientSecret', 'redirect', 'scopes', 'issuer', 'addScopes', 'flow', 'expiresIn',
  'fresh', 'attended', 'timeout'];

/**
 * A connection to this user's broker. Every function fails with a {@link KeybearerError}; its `kind` is the one to
 * program against. Times are UTC seconds since 1970, the option `timeout` of every function is in milliseconds.
 */
export class Client {
  #connection;
  #environment;
  #credentials;
  #timeout;
  #open;

  /** Made by {@link Client.connect}. */
  constructor(connection, settings) {
    this.#connection = connection;
    this.#environment = settings.environment;
    this.#credentials = settings.credentials;
    this.#timeout = settings.timeout;
    this.#open = settings.open;
    /** Path of the socket. @type {string} */
    this.socket = settings.socket;
    mask(this, 'Client', () => ({ socket: this.socket }));
  }

  /**
   * Connects to the broker, and starts it with `keybearer daemon start` when none listens.
   * @param {object} [options]
   * @param {string} [options.socket] an absolute path; PROTOCOL.md's order of places when left out
   * @param {Record<string, Record<string, string>>} [options.credentials] provider to fields: the layer "instance" of
   *   every authResolve. The values stay in this process
   * @param {number} [options.timeout] milliseconds for each call; 120,000 when left out
   * @param {Record<string, string | undefined>} [options.environment] process.env when left out. A client key in it
   *   (KEYBEARER_CLIENT_KEY, or KEYBEARER_CLIENT_KEY_FILE with the path of a file) is shown on each connection
   * @returns {Promise<Client>}
   * @throws {KeybearerError} no_broker, unsafe, timeout, invalid_value (a path that cannot be used), denied (a client
   *   key that the broker does not take)
   */
  static async connect(options = {}) {
    const settings = {
      environment: process.env,
      credentials: {},
      timeout: DEFAULT_TIMEOUT_MS,
      ...given('connect', options, ['socket', 'credentials', 'timeout', 'environment']),
    };
    checkTimeout(settings.timeout);
    const environment = { ...settings.environment };
    if (settings.socket !== undefined) {
      // Should one have to be started, then where the caller looks.
      environment.KEYBEARER_SOCKET = checkedPath(settings.socket, 'socket');
    }
    settings.socket ??= findSocket(environment);
    settings.open = (timeout) => openWithKey(settings.socket, environment, timeout);
    return new Client(await settings.open(settings.timeout), settings);
  }

  /**
   * Any method of PROTOCOL.md. The result is as it came: what is secret in it shows when it is printed.
   * @param {string} method
   * @param {object} [params]
   * @param {{ timeout?: number }} [options] milliseconds
   * @returns {Promise<any>}
   * @throws {KeybearerError}
   */
  async call(method, params = {}, options = {}) {
    const { timeout = this.#timeout } = given('call', options, ['timeout']);
    checkTimeout(timeout);
    return this.#connection.call(method, params, timeout);
  }

  /**
   * An access token of an account.
   * @param {string | null} [account] when left out, the one that the current folder or the nearest one above it is
   *   bound to (`keybearer account bind`), else the only one
   * @param {object} [options]
   * @param {string} [options.directory] in the place of the current folder; not beside an account
   * @param {number} [options.minValid] seconds that it must live at least, 0 to 86400; 60 when left out
   * @param {string[]} [options.scopes] a part of the granted scopes
   * @param {string} [options.resource] what it is for (RFC 8707)
   * @param {string} [options.audience] whom it is for: got by token exchange (RFC 8693)
   * @param {string} [options.purpose] what it is for, in words for a person who is asked
   * @param {boolean} [options.refresh] a new one even if the cached one is good
   * @param {number} [options.timeout] milliseconds
   * @returns {Promise<Token>}
   * @throws {KeybearerError} unknown_account, login_required, denied, provider_unreachable, invalid_value (a directory
   *   that is no folder, or one beside an account), ...
   */
  async token(account, options = {}) {
    const { timeout, params } = tokenParams(account, given('token', options, TOKEN_OPTIONS));
    return new Token(await this.call('token.get', params, { timeout }));
  }

  /**
   * A token that is bound to a key, and the proof for one request with it (RFC 9449). The key stays in the broker.
   * @param {string} method the request's, as "GET"
   * @param {string} url its URL, https, or http to this machine; query and fragment stay out of the proof
   * @param {string | null} [account] as in token
   * @param {object} [options] those of token, and:
   * @param {string} [options.nonce] what the server's header DPoP-Nonce said last: after a 401 that brings one, ask again
   *   with it
   * @returns {Promise<DpopProof>}
   * @throws {KeybearerError} those of token, unsupported (the account's tokens are bound to no key), invalid_value (a
   *   method, URL or nonce that no proof can hold)
   */
  async dpopProof(method, url, account, options = {}) {
    const { timeout, params } = tokenParams(account, given('dpopProof', options, [...TOKEN_OPTIONS, 'nonce']));
    return new DpopProof(await this.call('dpop.proof', { htm: method, htu: url, ...params }, { timeout }));
  }

  /**
   * Begins a sign-in, on a connection of its own, which {@link Client#close} does not end.
   * @param {string} provider a provider's name, an account's, or a URL: an issuer's or a protected resource's (RFC 9728)
   * @param {object} [options] where `clientId`, `clientSecret`, `redirect` and `scopes` stand in the place of the
   *   provider's own
   * @param {string} [options.account] a name for the account
   * @param {string} [options.clientId]
   * @param {string} [options.clientSecret]
   * @param {string} [options.redirect]
   * @param {string[]} [options.scopes]
   * @param {string} [options.issuer] which one of a resource's several
   * @param {string[]} [options.addScopes] beside those that the provider has and the account was granted
   * @param {string} [options.flow] "browser" or "device" (RFC 8628)
   * @param {number} [options.expiresIn] seconds until it is given up, 10 to 3600; 300 when left out
   * @param {boolean} [options.fresh] cancels one for the same account that is under way
   * @param {boolean} [options.attended] a person asked for it just now; without it nothing begins while nobody would see it
   * @param {number} [options.timeout] milliseconds for each question
   * @returns {Promise<Login>}
   * @throws {KeybearerError} those of connect, unknown_provider, login_required (not attended: it waits for the person in
   *   `keybearer status`), client_id_required, rate_limited, provider_unreachable, ...
   */
  async login(provider, options = {}) {
    const { timeout = this.#timeout, clientId, clientSecret, addScopes, expiresIn, ...rest } =
      given('login', options, LOGIN_OPTIONS);
    checkTimeout(timeout);
    const renamed = { client_id: clientId, client_secret: clientSecret, add_scopes: addScopes, timeout: expiresIn };
    const params = { provider, ...rest, ...given('login', renamed, Object.keys(renamed)) };
    return Login.open({ connect: () => this.#open(timeout), timeout }, params);
  }

  /**
   * What a program could use right now: the row of one provider, or all rows.
   * @param {string | null} [provider]
   * @param {object} [options]
   * @param {string} [options.tenant] "default" when left out
   * @param {number} [options.timeout] milliseconds for each of the questions
   * @returns {Promise<any>} a row of provider.status, or a list of them when no provider is given
   * @throws {KeybearerError} unknown_provider, ...
   */
  async authStatus(provider, options = {}) {
    const { timeout, ...params } = given('authStatus', options, ['tenant', 'timeout']);
    const one = provider !== undefined && provider !== null;
    const names = one ? [provider] : await this.#providerNames(timeout);
    const environment = new Set();
    for (const name of names) {
      const described = await this.call('provider.describe', { provider: name }, { timeout });
      variablesSet(described, this.#environment).forEach((variable) => environment.add(variable));
    }
    params.environment = [...environment].slice(0, MAX_LIST_ENTRIES); // the broker refuses more
    const answer = await this.call('provider.status', one ? { provider, ...params } : params, { timeout });
    const rows = answer.providers ?? [];
    if (one && rows.length === 0) {
      throw new KeybearerError('internal', 'the broker gave no status of the provider');
    }
    return one ? rows[0] : rows;
  }

  /**
   * Stores a credential: all of its values or none.
   * @param {string} provider
   * @param {string | Record<string, string>} value the key (the provider's main field), or field to value
   * @param {object} [options]
   * @param {string} [options.name] which of several; "default" when left out
   * @param {string} [options.tenant] "default" when left out
   * @param {boolean} [options.shared] for every tenant
   * @param {boolean} [options.next] as what is to follow the one in use
   * @param {number} [options.timeout] milliseconds
   * @returns {Promise<any>} the result of credential.set
   * @throws {KeybearerError} unknown_provider, invalid_value, keychain_locked, ...
   */
  async authSetCredential(provider, value, options = {}) {
    const { timeout, ...rest } =
      given('authSetCredential', options, ['name', 'tenant', 'shared', 'next', 'timeout']);
    const fields = typeof value === 'string'
      ? { [await this.#mainField(provider, timeout)]: value }
      : wholeFields(value);
    return this.call('credential.set', { provider, fields, ...rest }, { timeout });
  }

  /**
   * A provider's credential, each field from the strongest place that has it. Own values (call, instance, environment)
   * never leave this process: the broker gets their names.
   * @param {string} provider
   * @param {object} [options]
   * @param {Record<string, string | undefined>} [options.call] what this request brings: fields, and names that
   *   config.toml gives a meaning
   * @param {Record<string, string | undefined>} [options.instance] in the place of what connect() was given
   * @param {string} [options.name] which of several; "default" when left out
   * @param {string} [options.tenant] "default" when left out
   * @param {string[]} [options.only] the only layers that may be looked at
   * @param {boolean} [options.next] the stored value that is to follow the one in use
   * @param {string[]} [options.fields] only these
   * @param {string} [options.purpose] what it is for, in words for a person who is asked
   * @param {number} [options.timeout] milliseconds for each of the two questions
   * @returns {Promise<import('./resolution.js').Resolution>}
   * @throws {KeybearerError} unknown_provider, no_credential (`data.looked_at`), invalid_value (a variable's file), ...
   */
  async authResolve(provider, options = {}) {
    const { timeout, ...question } = given('authResolve', options, RESOLVE_OPTIONS);
    const ask = (method, params) => this.call(method, params, { timeout });
    return resolved(ask, await this.#planOf(ask, provider, question));
  }

  /**
   * A provider's credential to hold for long: the lease tells when it has become another one. It has a connection of
   * its own, which starts a broker when none listens and which {@link Client#close} does not end.
   * @param {string} provider
   * @param {object} [options] those of authResolve
   * @returns {Promise<Lease>}
   * @throws {KeybearerError} those of connect and of authResolve
   */
  async authLease(provider, options = {}) {
    const { timeout = this.#timeout, ...question } = given('authLease', options, RESOLVE_OPTIONS);
    checkTimeout(timeout);
    const link = { connect: () => this.#open(timeout), timeout };
    return Lease.open(link, (ask) => this.#planOf(ask, provider, question));
  }

  /**
   * What is stored, with masked previews.
   * @param {{ tenant?: string, timeout?: number }} [options] timeout in milliseconds
   * @returns {Promise<any>} the result of credential.list
   * @throws {KeybearerError}
   */
  async list(options = {}) {
    const { timeout, ...params } = given('list', options, ['tenant', 'timeout']);
    return this.call('credential.list', params, { timeout });
  }

  /**
   * Takes a credential, or one field of it, out of the vault.
   * @param {string} provider
   * @param {object} [options]
   * @param {string} [options.field] all of them when left out
   * @param {string} [options.name] which of several; "default" when left out
   * @param {string} [options.tenant] "default" when left out
   * @param {boolean} [options.shared] from what every tenant falls back to
   * @param {number} [options.timeout] milliseconds
   * @returns {Promise<any>} the result of credential.remove
   * @throws {KeybearerError}
   */
  async remove(provider, options = {}) {
    const { timeout, ...rest } = given('remove', options, ['field', 'name', 'tenant', 'shared', 'timeout']);
    return this.call('credential.remove', { provider, ...rest }, { timeout });
  }

  /**
   * Gives a stored credential another name; grants, client keys and config.toml go by the name and do not follow.
   * @param {string} provider
   * @param {string} newName
   * @param {object} [options]
   * @param {string} [options.name] its present name; "default" when left out
   * @param {string} [options.tenant] "default" when left out
   * @param {boolean} [options.shared] in what every tenant falls back to
   * @param {number} [options.timeout] milliseconds
   * @returns {Promise<any>} the result of credential.rename
   * @throws {KeybearerError} no_credential, invalid_value (a name that is taken, or cannot be one), consent_required, ...
   */
  async rename(provider, newName, options = {}) {
    const { timeout, ...rest } = given('rename', options, ['name', 'tenant', 'shared', 'timeout']);
    return this.call('credential.rename', { provider, new_name: newName, ...rest }, { timeout });
  }

  /**
   * Puts the next values in the place of those in use, which are the next ones then.
   * @param {string} provider
   * @param {object} [options]
   * @param {string} [options.name] which of several; "default" when left out
   * @param {string} [options.tenant] "default" when left out
   * @param {boolean} [options.shared] in what every tenant falls back to
   * @param {number} [options.timeout] milliseconds
   * @returns {Promise<any>} the result of credential.switch
   * @throws {KeybearerError} no_credential (there are no next values), ...
   */
  async switch(provider, options = {}) {
    const { timeout, ...rest } = given('switch', options, ['name', 'tenant', 'shared', 'timeout']);
    return this.call('credential.switch', { provider, ...rest }, { timeout });
  }

  /**
   * A new data key for a tenant's vault.
   * @param {string | null} [provider] seals only this provider's values anew; all of the tenant when left out
   * @param {object} [options]
   * @param {string} [options.tenant] "default" when left out
   * @param {boolean} [options.shared] what every tenant falls back to
   * @param {number} [options.timeout] milliseconds
   * @returns {Promise<any>} the result of credential.rotate
   * @throws {KeybearerError}
   */
  async rotate(provider, options = {}) {
    const { timeout, ...rest } = given('rotate', options, ['tenant', 'shared', 'timeout']);
    return this.call('credential.rotate', { ...given('rotate', { provider }, ['provider']), ...rest }, { timeout });
  }

  /** Ends the connection; calls that are under way fail with "connection_lost". @returns {Promise<void>} */
  close() {
    return this.#connection.close();
  }

  /** What the broker is to be asked, and what the caller has of it. */
  async #planOf(ask, provider, { call, instance, ...rest }) {
    const described = await ask('provider.describe', { provider });
    const own = {
      call: ownFields(call),
      instance: ownFields(instance ?? this.#credentialsOf(provider, described)),
      offered: variablesSet(described, this.#environment),
    };
    const params = { provider, ...rest, environment: own.offered };
    for (const layer of ['call', 'instance']) {
      if (own[layer].length > 0) {
        params[layer] = own[layer].map(([name]) => name);
      }
    }
    return { params, own, environment: this.#environment };
  }

  async #providerNames(timeout) {
    const answer = await this.call('provider.list', {}, { timeout });
    return (answer.providers ?? []).map((row) => row.provider);
  }

  async #mainField(provider, timeout) {
    const described = await this.call('provider.describe', { provider }, { timeout });
    if (typeof described.main_field !== 'string') {
      throw invalidParams(`${described.provider} has no field that is "the key"; name the fields`);
    }
    return described.main_field;
  }

  /** The caller may have named the provider by any of its names. */
  #credentialsOf(provider, described) {
    const names = new Set([provider, described.provider ?? provider, ...(described.aliases ?? [])].map(folded));
    return Object.entries(this.#credentials).find(([name]) => names.has(folded(name)))?.[1];
  }
}

if (Symbol.asyncDispose) {
  Object.defineProperty(Client.prototype, Symbol.asyncDispose, { value: Client.prototype.close });
}

async function openWithKey(socket, environment, timeout) {
  const key = await clientKeyOf(environment);
  const connection = await openOrStart(socket, environment, timeout);
  if (key === undefined) {
    return connection;
  }
  try {
    await connection.call('system.authenticate', { key }, timeout);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function openOrStart(socket, environment, timeout) {
  try {
    return await Connection.open(socket, timeout);
  } catch (error) {
    if (error.kind !== 'no_broker') {
      throw error;
    }
  }
  const problem = await startBroker(environment);
  try {
    return await Connection.open(socket, timeout);
  } catch (error) {
    if (error.kind !== 'no_broker') {
      throw error;
    }
    const why = problem === null ? error.message : `${error.message}, and ${problem}`;
    throw new KeybearerError('no_broker', `${why}; run: keybearer daemon start`);
  }
}

/** Of token.get and dpop.proof. */
function tokenParams(account, { timeout, minValid, directory, ...rest }) {
  const params = { ...accountParams(account, directory), ...rest };
  return { timeout, params: minValid === undefined ? params : { ...params, min_valid: minValid } };
}

/** Unlike in authResolve, where a field without a value is one that is not given, here it is a mistake. */
function wholeFields(value) {
  const fields = ownFields(value ?? null);
  if (fields.length !== Object.keys(value).length) {
    throw invalidParams('a field of the credential has no value');
  }
  return Object.fromEntries(fields);
}

function checkTimeout(timeout) {
  if (!(typeof timeout === 'number' && timeout > 0 && timeout <= MAX_TIMEOUT_MS)) {
    throw invalidParams(`timeout is a number of milliseconds, more than 0 and at most ${MAX_TIMEOUT_MS}`);
  }
}
