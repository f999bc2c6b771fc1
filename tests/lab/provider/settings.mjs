// Command line and the knobs that a test can turn while the server runs.
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' }, // 0: one that the system chooses
    host: { type: 'string', default: '127.0.0.1' },
    name: { type: 'string' }, // the host in the issuer, where it is not the address
    'tls-dir': { type: 'string' }, // folder made by make-ca.sh; serves https
    'tls-name': { type: 'string', default: 'server' }, // NAME.pem and NAME.key in it
    clients: { type: 'string', default: '[]' }, // JSON array of further clients
  },
});

export const settings = {
  port: Number(values.port),
  host: values.host,
  name: values.name,
  tlsDir: values['tls-dir'],
  tlsName: values['tls-name'],
  extraClients: JSON.parse(values.clients),
  issuer: undefined, // known once the port is
};

const DEFAULTS = {
  decision: 'approve', // approve, deny, manual, or the name of an OAuth error
  sub: 'alice', // who signs in
  rotate: 'always', // refresh tokens: always, never, default
  atTtl: 300, // seconds that an access token lives
  rtTtl: 86400,
  idTtl: 300,
  codeTtl: 60,
  deviceTtl: 600,
  alwaysRefresh: true, // a refresh token without offline_access
  dpopNonce: false,
  par: 'unsaid', // pushed authorization requests, in the metadata: unsaid, offered, required
  iss: true, // RFC 9207 parameter in the authorization response
  resources: {}, // further RFC 8707 resources: URL -> its scopes
  delayMs: 0, // before every answer
};

export const knobs = { ...DEFAULTS };
export const resetKnobs = () => Object.assign(knobs, DEFAULTS);
export const now = () => Math.floor(Date.now() / 1000);
