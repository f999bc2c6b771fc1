// RFC 8414, OpenID Connect Discovery, and two endpoints that take access tokens.
import { empty, sendJson } from './answers.mjs';
import { ALGORITHM } from './keys.mjs';
import { knobs, patched, settings, style } from './settings.mjs';
import { findAccess } from './store.mjs';
import { offeredGrants } from './token.mjs';

const at = (path, query = '') => `${settings.origin}${style.path}${path}${query}`;

/** Nothing is said about PKCE, and there is no revocation. */
export function metadata() {
  const openId = {
    userinfo_endpoint: at('/userinfo'),
    jwks_uri: at('/keys'),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', ALGORITHM],
    authorization_response_iss_parameter_supported: true,
  };
  return patched('metadata', {
    x_plain: { nested: [{ a: null }], version: 3.5 },
    'x_plain_note': 'ünknown \u{1F511}',
    mtls_endpoint_aliases: { token_endpoint: 'https://mtls.plain.example/token' }, // RFC 8705 section 5
    ...(style.openId ? openId : {}),
    issuer: settings.issuer,
    authorization_endpoint: at('/authorize', style.query),
    token_endpoint: at('/token', style.query),
    ...(knobs.device ? { device_authorization_endpoint: at('/device_authorization') } : {}),
    response_types_supported: ['code'],
    grant_types_supported: offeredGrants(),
    token_endpoint_auth_methods_supported: ['none'],
    scopes_supported: style.scopes,
  });
}

/** RFC 6750 section 3: what the token in the header is good for, or a refusal. */
function bearer(req, res) {
  const [scheme, token, ...more] = (req.headers.authorization ?? '').split(' ');
  const found = scheme.toLowerCase() === 'bearer' && more.length === 0 ? findAccess(token) : undefined;
  if (!found) empty(res, 401, { 'www-authenticate': token ? 'Bearer error="invalid_token"' : 'Bearer' });
  return found;
}

export function userinfo(req, res) {
  const found = bearer(req, res);
  if (!found) return undefined;
  const { sub } = found.grant;
  const email = found.scope.includes('email') ? { email: `${sub}@plain.example`, email_verified: 'yes' } : {};
  return sendJson(res, 200, patched('userinfo', { name: `Name of ${sub}`, ...email, x_plain: [[]], sub }));
}

/** What the token's owner may do here, for tests. */
export function resource(req, res) {
  const found = bearer(req, res);
  if (!found) return undefined;
  return sendJson(res, 200, { sub: found.grant.sub, scope: found.scope.join(' '), audience: found.audience });
}
