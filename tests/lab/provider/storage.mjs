// What the server remembers: in memory, and outside the Provider object so that it outlives a change of keys.
import { now } from './settings.mjs';

const entries = new Map(); // "Model:id" -> {payload, end}
const GRACE_SECONDS = 120; // an ended entry is found a while longer: "expired", not "unknown"

const issued = []; // every secret that ever left this server: {kind, value}

/** Remembers a secret so that a test can look for it where it must not be. */
export function recordIssued(kind, value) {
  if (value) issued.push({ kind, value });
}
export const issuedSecrets = () => issued;
export const storedCount = () => entries.size;

/** Every token, grant and session ends at once, as if an administrator had revoked them. */
export function revokeAll() {
  for (const key of [...entries.keys()]) {
    if (/^(AccessToken|RefreshToken|Grant|Session):/.test(key)) entries.delete(key);
  }
}

const clientKeys = () => [...entries.keys()].filter((key) => /^(Client|RegistrationAccessToken):/.test(key));

/** Secrets of the clients that are registered now. */
export const clientSecrets = () => clientKeys().map((key) => entries.get(key).payload.client_secret).filter(Boolean);

/** As if an administrator had removed every client that was registered. */
export function forgetClients() {
  for (const key of clientKeys()) entries.delete(key);
  return {};
}

/** The storage interface that oidc-provider asks for. */
export class Adapter {
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload, expiresIn) {
    if (/^(AuthorizationCode|AccessToken|RefreshToken|DeviceCode|RegistrationAccessToken)$/.test(this.model) && !entries.has(`${this.model}:${id}`)) {
      recordIssued(this.model, id);
    }
    if (this.model === 'Client') recordIssued('client_secret', payload.client_secret);
    entries.set(`${this.model}:${id}`, { payload, end: expiresIn ? now() + expiresIn + GRACE_SECONDS : Infinity });
  }

  async find(id) {
    const entry = entries.get(`${this.model}:${id}`);
    return entry && entry.end >= now() ? entry.payload : undefined;
  }

  #findBy(member, value) {
    for (const [key, entry] of entries) {
      if (key.startsWith(`${this.model}:`) && entry.payload[member] === value) return entry.payload;
    }
    return undefined;
  }

  async findByUserCode(code) {
    return this.#findBy('userCode', code);
  }

  async findByUid(uid) {
    return this.#findBy('uid', uid);
  }

  async consume(id) {
    const entry = entries.get(`${this.model}:${id}`);
    if (entry) entry.payload.consumed = now();
  }

  async destroy(id) {
    entries.delete(`${this.model}:${id}`);
  }

  async revokeByGrantId(grantId) {
    for (const [key, entry] of entries) {
      if (entry.payload.grantId === grantId) entries.delete(key);
    }
  }
}
