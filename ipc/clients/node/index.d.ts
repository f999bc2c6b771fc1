/// <reference lib="esnext.disposable" />

/** Fields of a credential by name, however that is spelled. One without a value is one that is not given. */
export type OwnFields = Record<string, string | null | undefined>;

export type Layer =
  | 'call'
  | 'instance'
  | 'environment'
  | 'store'
  | 'shared'
  | 'broker_environment'
  | 'oauth'
  | 'file'
  | 'command'
  | 'aws_sdk'
  | 'none'
  | 'default';

/** A name that this version knows, or one that a later broker adds. */
type OrLater<T extends string> = T | (string & {});

export interface CallOptions {
  /** Milliseconds for each question to the broker; that of connect() when left out. */
  timeout?: number;
}

export interface ConnectOptions {
  /** Absolute path of the socket; PROTOCOL.md's order of places when left out. */
  socket?: string;
  /** Provider to fields: the layer "instance" of every authResolve. The values stay in this process. */
  credentials?: Record<string, OwnFields>;
  /** Milliseconds for each call; 120,000 when left out. */
  timeout?: number;
  /**
   * process.env when left out. A client key in it (KEYBEARER_CLIENT_KEY, or KEYBEARER_CLIENT_KEY_FILE with the path of a
   * file) is shown on each connection.
   */
  environment?: Record<string, string | undefined>;
}

export interface TokenOptions extends CallOptions {
  /** Whose account is meant, in the place of the current folder; not beside an account. */
  directory?: string;
  /** Seconds that the token must live at least, 0 to 86400; 60 when left out. */
  minValid?: number;
  /** A part of the granted scopes; all of them when left out. */
  scopes?: string[];
  /** What the token is for (RFC 8707). */
  resource?: string;
  /** Whom the token is for: got by token exchange (RFC 8693). */
  audience?: string;
  /** What it is for, in words for a person who is asked. */
  purpose?: string;
  /** A new token even if the cached one is good. */
  refresh?: boolean;
}

export interface ProofOptions extends TokenOptions {
  /** What the server's header DPoP-Nonce said last. */
  nonce?: string;
}

export interface LoginOptions extends CallOptions {
  /** A name for the account; the provider's when left out. */
  account?: string;
  /** In the place of the provider's own, as are the next three. */
  clientId?: string;
  clientSecret?: string;
  redirect?: string;
  scopes?: string[];
  /** For a resource with several authorization servers: the one to use. */
  issuer?: string;
  /** Beside the provider's scopes and those that the account was granted before. */
  addScopes?: string[];
  /** "browser" when left out. */
  flow?: 'browser' | 'device';
  /** Seconds until it is given up, 10 to 3600; 300 when left out. */
  expiresIn?: number;
  /** Cancels a sign-in for the same account that is under way. */
  fresh?: boolean;
  /** A person asked for it just now. Without it nothing begins while nobody would see it. */
  attended?: boolean;
}

export interface TenantOptions extends CallOptions {
  /** "default" when left out. */
  tenant?: string;
}

export interface RotateOptions extends TenantOptions {
  /** What every tenant falls back to; `tenant` is left out then. */
  shared?: boolean;
}

export interface NameOptions extends RotateOptions {
  /** Which of several keys of the provider; "default" when left out. */
  name?: string;
}

export interface SetOptions extends RotateOptions {
  /** Which of several keys of the provider; "default" when left out. */
  name?: string;
  /** As the value that is to follow the one in use. */
  next?: boolean;
}

export interface RemoveOptions extends RotateOptions {
  /** Which of several keys of the provider; "default" when left out. */
  name?: string;
  /** One field; the whole credential when left out. */
  field?: string;
}

export interface ResolveOptions extends TenantOptions {
  /** What this request brings: fields, and names that config.toml gives a meaning. The values stay in this process. */
  call?: OwnFields;
  /** In the place of what connect() was given for the provider; the values stay in this process. */
  instance?: OwnFields;
  /** Which of several keys of the provider; "default" when left out. */
  name?: string;
  /** The only layers that may be looked at; all of them when left out. */
  only?: Layer[];
  /** The stored value that is to follow the one in use. */
  next?: boolean;
  /** Only these fields; all that are found when left out. */
  fields?: string[];
  /** What it is for, in words for a person who is asked. */
  purpose?: string;
}

/** A row of provider.status, as it came. */
export interface ProviderStatus {
  provider: string;
  display_name: string;
  status: OrLater<'authenticated' | 'not_authenticated' | 'not_required' | 'needs_login' | 'locked' | 'expiring'>;
  source: OrLater<Layer> | null;
  from: string | null;
  auth_methods: string[];
  /** UTC seconds, or null. */
  expires_at: number | null;
  /** Why a place could not be looked at. */
  detail: string | null;
}

export interface SetResult {
  provider: string;
  tenant: string;
  name: string;
  fields: string[];
  warnings: string[];
}

export interface StoredField {
  field: string;
  slot: OrLater<'current' | 'next'>;
  /** Masked where it is a secret; null where it cannot be opened. */
  preview: string | null;
  /** UTC seconds. */
  set_at: number;
}

export interface StoredCredential {
  provider: string;
  tenant: string;
  name: string;
  /** UTC seconds, or null. */
  used_at: number | null;
  fields: StoredField[];
}

export interface Place {
  field: string;
  source: OrLater<Layer>;
  from: string;
}

export interface IgnoredPlace extends Place {
  why: OrLater<'incomplete' | 'secrets_come_from_elsewhere'>;
}

/** The broker's `data.kind`, or one of the connection's: the first four. A later broker may add some. */
export type ErrorKind = OrLater<
  | 'no_broker'
  | 'connection_lost'
  | 'timeout'
  | 'unsafe'
  | 'parse_error'
  | 'invalid_params'
  | 'invalid_value'
  | 'internal'
  | 'unknown_provider'
  | 'unknown_account'
  | 'unsupported'
  | 'login_required'
  | 'login_failed'
  | 'login_cancelled'
  | 'no_credential'
  | 'denied'
  | 'rate_limited'
  | 'keychain_unset'
  | 'keychain_locked'
  | 'keychain_unavailable'
  | 'storage_error'
  | 'key_missing'
  | 'vault_damaged'
  | 'location_failed'
  | 'provider_unreachable'
  | 'provider_error'
  | 'overloaded'
  | 'broker_replaced'
>;

/** What every function fails with. The message holds no secret. */
export class KeybearerError extends Error {
  constructor(kind: ErrorKind, message: string, data?: Record<string, unknown>);
  kind: ErrorKind;
  /** What the broker said besides, as `looked_at`, or `retry_after` in seconds. */
  data: Record<string, unknown>;
}

/** An access token; printed, logged or turned into JSON it shows no secret. */
export class Token {
  protected constructor();
  /** A secret. */
  get accessToken(): string;
  /** UTC seconds, or null when the provider does not say. */
  expiresAt: number | null;
  scope: string;
  account: string;
  issuer: string;
  source: OrLater<'cache' | 'refresh'>;
  /** "DPoP": it is good with a proof alone, see Client.dpopProof. */
  tokenType: OrLater<'Bearer' | 'DPoP'>;
  toJSON(): object;
}

/** A token that is bound to a key, with the proof for one request; printed, logged or turned into JSON it shows neither. */
export class DpopProof extends Token {
  private constructor();
  /** The value of the header DPoP: good once, and soon. */
  get proof(): string;
  /** The two headers of that request, in plain text. */
  headers(): { Authorization: string; DPoP: string };
}

/** How a sign-in ended. */
export interface SignedIn {
  /** The account's name. */
  account: string;
  /** Who signed in. */
  subject: string | null;
  /** Their mail address or name. */
  label: string | null;
  /** What was granted, with spaces between. */
  scope: string | null;
  /** `provider/name` of the key that was made in the place of an account. */
  credential: string | null;
}

/** A sign-in on a connection of its own. Show `authorizationUrl` to the person, or open it in their browser, and wait. */
export class Login {
  private constructor();
  /** Name that the account will have. */
  account: string;
  provider: string;
  issuer: string;
  /** What the tokens will be for, or null. */
  resource: string | null;
  scopes: string[];
  authorizationUrl: string;
  /** UTC seconds until which `authorizationUrl` opens; null: it stays good. */
  urlExpiresAt: number | null;
  /** Where the broker listens; null for the flow "device". */
  redirectUri: string | null;
  /** For the flow "device": what the person enters, and where. */
  userCode: string | null;
  verificationUri: string | null;
  /** UTC seconds: when the broker gives up. */
  expiresAt: number;
  /** The same sign-in is under way, and its page is open: only wait. */
  joined: boolean;
  /** Nobody would see a page that opens now. */
  screenLocked: boolean;

  /** Until the sign-in ends, or `seconds` have passed: null then. Fails with login_failed, login_cancelled, ... */
  wait(): Promise<SignedIn>;
  wait(seconds?: number): Promise<SignedIn | null>;
  /** The page's address once more: one that opens now. */
  url(): Promise<string>;
  /** The address that a browser on another machine ended at, in the place of its request. */
  callback(url: string): Promise<void>;
  /** Gives the sign-in up, unless it is done or another program waits for it too. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  toJSON(): object;
}

/** A field of a credential; printed, logged or turned into JSON it shows no secret. */
export class Field {
  private constructor();
  field: string;
  source: OrLater<Layer>;
  /** A variable's name, `tenant/name`, the name in `call` that config.toml gives it, or empty. */
  from: string;
  secret: boolean;
  /** UTC seconds, or null when the value is not known to end. */
  expiresAt: number | null;
  get value(): string;
  toJSON(): object;
}

/** Of Azure OpenAI. */
export interface AzureCredential {
  apiKey: string;
  endpoint?: string;
  resourceName?: string;
  deploymentName?: string;
  apiVersion?: string;
}

/** As the AWS SDK takes it. */
export interface BedrockCredential {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  region?: string;
}

export interface SagemakerCredential extends BedrockCredential {
  endpoint?: string;
}

/** With a service account's key, or its address and private key, or an API key. */
export interface VertexCredential {
  projectId?: string;
  location?: string;
  apiKey?: string;
  serviceAccountKey?: string;
  clientEmail?: string;
  privateKey?: string;
}

/** The types of `Resolution.as`, by the provider's name. */
export interface ProviderCredentials {
  azure: AzureCredential;
  bedrock: BedrockCredential;
  sagemaker: SagemakerCredential;
  vertex: VertexCredential;
  'vertex-anthropic': VertexCredential;
}

/** A provider's credential; printed, logged or turned into JSON it shows no secret. */
export class Resolution {
  private constructor();
  provider: string;
  tenant: string;
  name: string;
  /** Another one whenever the values are others; empty from a broker that has none. */
  version: string;
  fields: Field[];
  /** Field to value. Masked when printed; a copy (`{ ...values }`) is not. */
  get values(): Record<string, string>;
  /** Field to layer. */
  sources: Record<string, OrLater<Layer>>;
  warnings: string[];
  shadowed: Place[];
  ignored: IgnoredPlace[];
  /** By name however that is spelled: "apiKey" is "api_key". */
  field(name: string): Field | undefined;
  /**
   * The values as an object of the provider's own type, without what is not there. Masked when printed; a copy is not.
   * Fails with invalid_params (another provider's) or no_credential (a field that is needed was left out).
   */
  as<P extends keyof ProviderCredentials>(provider: P): ProviderCredentials[P];
  toJSON(): object;
}

export type LeaseEvent = 'renewed' | 'removed';

/** A credential that a program holds for long, on a connection of its own; printed it shows no secret. */
export class Lease implements AsyncIterable<LeaseEvent> {
  private constructor();
  /** What is held now. What was taken from it before stays as it is. */
  get credential(): Resolution;

  /**
   * Waits until something happens to the credential, at most `seconds` (0 to 300; 60 when left out). After "renewed",
   * `credential` is the new one; after "removed" it is still the old one; "none": nothing happened in that time.
   */
  wait(seconds?: number): Promise<LeaseEvent | 'none'>;

  /**
   * Events as they happen, until "removed", close() or the abort of the signal, which closes the lease. After a
   * connection that breaks it connects and resolves once more before it fails.
   */
  events(options?: { signal?: AbortSignal }): AsyncGenerator<LeaseEvent, void, void>;
  [Symbol.asyncIterator](): AsyncGenerator<LeaseEvent, void, void>;

  /** Ends the loops over this lease; its credential stays. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  toJSON(): object;
}

/** A connection to this user's broker. Many calls may be under way at once. */
export class Client {
  private constructor();
  /** Path of the socket. */
  socket: string;

  /** Connects, and starts the broker when none listens. Fails with no_broker, unsafe, timeout or invalid_value. */
  static connect(options?: ConnectOptions): Promise<Client>;

  /** Any method of PROTOCOL.md; the result is as it came, with its secrets. */
  call(method: string, params?: object, options?: CallOptions): Promise<Record<string, any>>;

  /** Without an account: of the one that the folder or the nearest one above it is bound to, else of the only one. */
  token(account?: string | null, options?: TokenOptions): Promise<Token>;

  /**
   * A token that is bound to a key, and the proof for one request with it (RFC 9449). The key stays in the broker. Fails
   * as token does, and with unsupported for an account whose tokens are bound to no key.
   */
  dpopProof(method: string, url: string, account?: string | null, options?: ProofOptions): Promise<DpopProof>;

  /** Begins a sign-in at a provider, or at the URL of an issuer or of a protected resource (RFC 9728). */
  login(provider: string, options?: LoginOptions): Promise<Login>;

  /** The row of one provider. */
  authStatus(provider: string, options?: TenantOptions): Promise<ProviderStatus>;
  /** All rows. */
  authStatus(provider?: null, options?: TenantOptions): Promise<ProviderStatus[]>;

  /** A string is the provider's main field. All values are stored or none. */
  authSetCredential(
    provider: string,
    value: string | Record<string, string>,
    options?: SetOptions,
  ): Promise<SetResult>;

  /** Each field from the strongest place that has it. Own values never leave this process. */
  authResolve(provider: string, options?: ResolveOptions): Promise<Resolution>;

  /** A credential to hold for long; the lease has a connection of its own, which close() of the client does not end. */
  authLease(provider: string, options?: ResolveOptions): Promise<Lease>;

  /** What is stored, with masked previews. */
  list(options?: TenantOptions): Promise<{ credentials: StoredCredential[] }>;

  remove(provider: string, options?: RemoveOptions): Promise<{ provider: string; removed: number }>;

  /** Another name for a stored credential; grants, client keys and config.toml do not follow. */
  rename(
    provider: string,
    newName: string,
    options?: NameOptions,
  ): Promise<{ provider: string; tenant: string; name: string }>;

  /** Puts the next values in the place of those in use, which are the next ones then. */
  switch(provider: string, options?: NameOptions): Promise<{ provider: string }>;

  /** A new data key; seals only this provider's values anew, or all of the tenant. */
  rotate(provider?: string | null, options?: RotateOptions): Promise<{ tenant: string; sealed: number }>;

  /** Calls that are under way fail with connection_lost. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  toJSON(): object;
}
