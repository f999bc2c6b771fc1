// The clients and resource servers that this authorization server knows.
import { knobs, settings } from './settings.mjs';

const LOOPBACK = ['http://127.0.0.1/callback', 'http://[::1]/callback', 'http://localhost/callback'];

const native = (clientId, more = {}) => ({
  client_id: clientId,
  client_name: clientId,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: LOOPBACK,
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  ...more,
});

/** Clients whose loopback redirect may have any path below the registered host, as some servers allow. */
export const ANY_PATH = new Set(['demo', 'native-anypath']);

export const clients = () => [
  native('demo'),
  native('native-anypath'),
  native('native-app'),
  native('native-es256', { id_token_signed_response_alg: 'ES256' }),
  native('native-eddsa', { id_token_signed_response_alg: 'EdDSA' }),
  native('native-dpop', { dpop_bound_access_tokens: true }),
  native('native-par', { require_pushed_authorization_requests: true }),
  native('native-scheme', { redirect_uris: ['com.example.app:/callback'] }),
  {
    client_id: 'native-secret', // a "desktop" client whose server insists on a client secret
    client_secret: 'desktop-secret-desktop-secret-desktop',
    application_type: 'native',
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: LOOPBACK,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  },
  {
    client_id: 'web-app',
    client_secret: 'web-secret-web-secret-web-secret',
    redirect_uris: ['https://client.example/cb', 'http://127.0.0.1:9999/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
  },
  {
    client_id: 'introspector',
    client_secret: 'introspector-secret',
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
  },
  ...settings.extraClients,
];

const jwtResource = (scope) => ({ scope, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } });

/** RFC 8707 resources. */
export const resourceServers = () => ({
  [`${settings.issuer}/rs`]: jwtResource('api:read api:write'),
  'https://api.example.com/v1': { scope: 'api:read api:write', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } },
  'https://other.example.com/': { scope: 'other', accessTokenFormat: 'opaque' },
  ...Object.fromEntries(Object.entries(knobs.resources).map(([url, scope]) => [url, jwtResource(scope)])),
});

/** True for a redirect to a loopback address with any port and any path. */
export function isLoopbackRedirect(value) {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname) && !url.search && !url.hash;
}
