// Command line and the knobs that a test can turn while the server runs.
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' }, // 0: one that the system chooses
    host: { type: 'string', default: '127.0.0.1' },
    name: { type: 'string' }, // the host in the resource's URL, where it is not the address
    path: { type: 'string', default: '/mcp' },
    issuer: { type: 'string', multiple: true, default: [] }, // authorization servers; their keys are taken from /jwks
    'tls-dir': { type: 'string' }, // folder made by make-ca.sh; serves https
    'tls-name': { type: 'string', default: 'server' }, // NAME.pem and NAME.key in it
  },
});

export const settings = {
  port: Number(values.port),
  host: values.host,
  name: values.name,
  path: values.path,
  tlsDir: values['tls-dir'],
  tlsName: values['tls-name'],
  origin: undefined, // known once the port is
  resource: undefined, // origin and path: what tokens must be for
};

const DEFAULTS = {
  challenge: true, // WWW-Authenticate in a 401 or 403
  challengeMetadata: true, // resource_metadata in it
  challengeScope: 'mcp:read', // scope in a 401; null leaves it out
  metadata: 'plain', // at the well-known address: plain, none, redirect, huge, html, notjson
  metadataTo: null, // where metadata = 'redirect' sends
  resource: null, // the metadata's `resource`; null is the true one
  authorizationServers: values.issuer,
  scopesSupported: ['mcp:read', 'mcp:write', 'mcp:admin'], // null leaves it out
  audience: true, // a token must be for this resource
  schemes: ['Bearer'], // of the tokens that are taken, Bearer or DPoP; each challenge names all
  dpopRequired: null, // dpop_bound_access_tokens_required in the metadata; null leaves it out
  nonce: null, // that proofs must hold (proof.mjs): kept (till /_lab/nonce), fresh (each answer brings another), loop (none is
  // ever taken), silent (none is given), odd (one that no proof can hold)
  badProof: false, // every proof is told to be bad
  unauthorized: 0, // so many requests for the endpoint get a 401, whatever they bring; -1: all
  forbidden: null, // scope that every tools/call is told to lack, whatever the token has
  status: null, // {status, headers, body}: the answer to every POST, or to those of the method `to`; `open` leaves
  // it without an end
  json: false, // answers as JSON instead of event streams
  sessions: true, // sessions and a stream of the server's own, for protocol revisions that have them
  resumable: false, // events have ids, and are kept to be sent again
  refuseGets: [], // statuses that the next GETs get
  slowMs: 0, // before every answer to a POST
};

export const knobs = { ...DEFAULTS };
export const resetKnobs = () => Object.assign(knobs, DEFAULTS);
