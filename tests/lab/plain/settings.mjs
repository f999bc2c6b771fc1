// Command line, the two styles of this server, and the knobs that a test can turn while it runs.
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    style: { type: 'string' }, // "oauth" or "openid"
    redirect: { type: 'string', multiple: true, default: [] }, // registered, compared byte for byte, port included
  },
});

/** What differs between the two; README.md has the whole list. */
const STYLES = {
  oauth: {
    path: '/tenants/one',
    wellKnown: '/.well-known/oauth-authorization-server/tenants/one', // RFC 8414 section 3.1, and nowhere else
    openId: false,
    iss: false,
    emptyErrors: true,
    query: '?tenant=one', // RFC 6749 section 3.1: it must be kept
    jsonType: 'Application/JSON; Charset="utf-8"', // RFC 9110 section 8.3.1: a type has no case
    scopes: ['read', 'write', 'offline'],
  },
  openid: {
    path: '/realms/two',
    wellKnown: '/realms/two/.well-known/openid-configuration', // OpenID Connect Discovery section 4, and nowhere else
    openId: true,
    iss: true,
    emptyErrors: false,
    query: '',
    jsonType: 'application/json;charset=UTF-8',
    scopes: ['openid', 'email', 'read', 'write'],
  },
};

export const style = STYLES[values.style];
if (!style) throw new Error('--style is oauth or openid');

export const settings = {
  redirects: values.redirect,
  clientId: 'plain-app', // public, the only one
  audiences: ['https://api.plain.example/', 'urn:plain:reports'], // for which tokens can be exchanged
  origin: undefined, // known once the port is
  issuer: undefined,
};

const DEFAULTS = {
  sub: 'alice', // who signs in
  decision: 'approve', // or the OAuth error that the person's decision becomes
  rotate: false, // a refresh brings a new refresh token
  spaces: false, // refresh tokens with a space, which is a VSCHAR (RFC 6749 appendix A.17)
  emptyErrors: style.emptyErrors, // errors of the token endpoint have no body
  atTtl: 300,
  codeTtl: 60,
  idTtl: 300,
  sign: 'own', // ID tokens: "own" key, "foreign" key, or "none"
  publish: true, // its metadata can be read
  device: false, // RFC 8628 is offered
  deviceTtl: 600,
  interval: null, // its `interval`; null: left out, which means 5 (section 3.2)
  slowDown: 0, // so many polls are told to slow down, however patient they are
  exchange: false, // RFC 8693 is offered
  // Members set in an answer, null removes one: {metadata, authorization, token, error, idToken, userinfo, device, keys}
  patch: {},
};

export const knobs = { ...DEFAULTS };

let ahead = 0;
/** UTC seconds on this server's own clock, which a test can put forward. */
export const now = () => Math.floor(Date.now() / 1000) + ahead;
export const forward = (seconds) => {
  ahead += seconds;
};

export const resetKnobs = () => {
  ahead = 0;
  return Object.assign(knobs, DEFAULTS);
};

/** The answer as `knobs.patch` wants it. */
export function patched(name, answer) {
  const result = { ...answer, ...knobs.patch[name] };
  for (const [member, value] of Object.entries(knobs.patch[name] ?? {})) {
    if (value === null) delete result[member];
  }
  return result;
}
