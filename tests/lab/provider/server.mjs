// The authorization server itself: npm oidc-provider with every feature that a native public client can meet.
import * as crypto from 'node:crypto';
import Provider, { errors } from 'oidc-provider';
import { ANY_PATH, clients, isLoopbackRedirect, resourceServers } from './clients.mjs';
import { signingKeys } from './keys.mjs';
import { knobs, settings } from './settings.mjs';
import { Adapter } from './storage.mjs';

export const eventLog = []; // requests and errors, oldest first

/** The address of a client ID metadata document: they are https, and nobody can give this machine a certificate. */
export const PUBLISHED = 'https://client.example/keybearer.json';

const LOGGED_ERRORS = [
  'authorization.error', 'grant.error', 'registration_create.error', 'pushed_authorization_request.error',
  'device_authorization.error', 'revocation.error', 'userinfo.error',
];

async function findAccount(ctx, sub) {
  const claims = {
    sub,
    name: `Name of ${sub}`,
    preferred_username: sub,
    email: `${sub}@example.com`,
    email_verified: true,
  };
  return { accountId: sub, claims: async () => claims };
}

function rotateRefreshToken(ctx) {
  if (knobs.rotate === 'always') return true;
  if (knobs.rotate === 'never') return false;
  return ctx.oidc.entities.RefreshToken.ttlPercentagePassed() >= 70;
}

function resourceServerInfo(ctx, resource) {
  const info = resourceServers()[resource];
  if (!info) throw new errors.InvalidTarget();
  return { ...info, audience: resource, accessTokenTTL: knobs.atTtl };
}

const features = () => ({
  devInteractions: { enabled: false },
  dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => knobs.dpopNonce },
  deviceFlow: { enabled: true },
  introspection: {
    enabled: true,
    allowedPolicy: async (ctx, client) => client.clientId === 'introspector' || client.clientAuthMethod === 'none',
  },
  revocation: { enabled: true, allowedPolicy: async (ctx, client, token) => token.clientId === client.clientId },
  pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: false },
  registration: { enabled: true, idFactory: () => `dyn-${crypto.randomBytes(6).toString('hex')}` },
  registrationManagement: { enabled: true },
  resourceIndicators: {
    enabled: true,
    defaultResource: (ctx, client, oneOf) => oneOf,
    useGrantedResource: () => true,
    getResourceServerInfo: resourceServerInfo,
  },
  claimsParameter: { enabled: true },
  clientCredentials: { enabled: true },
  requestObjects: { enabled: true },
  jwtResponseModes: { enabled: true },
  rpInitiatedLogout: { enabled: true },
  backchannelLogout: { enabled: true },
  userinfo: { enabled: true },
  jwtUserinfo: { enabled: true },
  clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
});

const configuration = () => ({
  adapter: Adapter,
  clients: clients(),
  jwks: { keys: signingKeys() },
  cookies: { keys: ['lab-cookie-key'], long: { signed: true }, short: { signed: true } },
  scopes: ['openid', 'offline_access', 'profile', 'email', 'api:read', 'api:write', 'other'],
  conformIdTokenClaims: false, // many servers put name and email into the ID token whatever the response type
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  extraParams: ['lab_sub', 'lab_decision'],
  findAccount,
  pkce: { required: () => true },
  rotateRefreshToken,
  issueRefreshToken: async (ctx, client, code) =>
    client.grantTypeAllowed('refresh_token') && (knobs.alwaysRefresh || code.scopes.has('offline_access')),
  expiresWithSession: async () => false,
  ttl: {
    AccessToken: (ctx, token) => token.resourceServer?.accessTokenTTL ?? knobs.atTtl,
    AuthorizationCode: () => knobs.codeTtl,
    IdToken: () => knobs.idTtl,
    RefreshToken: () => knobs.rtTtl,
    DeviceCode: () => knobs.deviceTtl,
    Grant: () => 14 * 86400,
    Interaction: () => 3600,
    Session: () => 14 * 86400,
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] },
  features: features(),
  // Without the guard against private addresses: the one document of these tests lives here.
  fetch: async (url, { dispatcher, ...options }) =>
    globalThis.fetch(String(url) === PUBLISHED ? `${settings.issuer}/_lab/client.json` : url, options),
});

function build() {
  const provider = new Provider(settings.issuer, configuration());
  const { redirectUriAllowed } = provider.Client.prototype;
  provider.Client.prototype.redirectUriAllowed = function allowed(value) {
    if (ANY_PATH.has(this.clientId) && isLoopbackRedirect(value)) return true;
    return redirectUriAllowed.call(this, value);
  };
  provider.on('server_error', (ctx, error) => console.error('server_error', ctx.path, error));
  for (const event of LOGGED_ERRORS) {
    provider.on(event, (ctx, error) => eventLog.push({
      t: Date.now(),
      event,
      error: error.error ?? error.message,
      description: error.error_description,
      detail: error.error_detail,
    }));
  }
  return { provider, handler: provider.callback() };
}

let current;
/** The running server, built at first use. */
export const server = () => {
  current ??= build();
  return current;
};
/** Builds it anew, after the keys have changed. */
export const rebuild = () => {
  current = build();
};
