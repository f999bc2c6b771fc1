// Who may come in: access tokens of the authorization servers (RFC 9068), and what a client needs to get one (RFC 9728).
import { createHash } from 'node:crypto';
import { OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { BadProof, checkProof, nonceHeaders } from './proof.mjs';
import { knobs, settings } from './settings.mjs';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const metadataUrl = () => `${settings.origin}${WELL_KNOWN}${settings.path}`;

/** How a test names a token without seeing it. */
export const fingerprint = (token) => createHash('sha256').update(token).digest('hex');

/** With the server's keys of this moment: it may have changed them. */
async function keysOf(issuer) {
  const answer = await fetch(`${issuer}/jwks`);
  return createLocalJWKSet(await answer.json());
}

/** What requireBearerAuth() of the SDK asks for; throws for a token that is not for us. */
export async function verifyAccessToken(token) {
  try {
    const { iss } = decodeJwt(token);
    if (!knobs.authorizationServers.includes(iss)) throw new Error('a stranger issued it');
    const expected = { issuer: iss, ...(knobs.audience && { audience: settings.resource }) };
    const { payload } = await jwtVerify(token, await keysOf(iss), expected);
    const scopes = (payload.scope ?? '').split(' ').filter(Boolean);
    return { token, clientId: payload.client_id, scopes, expiresAt: payload.exp, extra: { sub: payload.sub }, jkt: payload.cnf?.jkt };
  } catch (error) {
    throw new OAuthError(OAuthErrorCode.InvalidToken, `no token for this server: ${error.message}`);
  }
}

function challengeOf(parameters) {
  const all = { ...parameters, ...(knobs.challengeMetadata && { resource_metadata: metadataUrl() }) };
  const text = Object.entries(all).filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}="${String(value).replaceAll('"', "'")}"`).join(', ');
  return knobs.schemes.map((scheme) => {
    const algs = scheme === 'DPoP' ? 'algs="ES256"' : '';
    return [scheme, [text, algs].filter(Boolean).join(', ')].filter(Boolean).join(' ');
  }).join(', ');
}

function refuse(res, status, parameters) {
  const headers = { 'content-type': 'application/json', ...nonceHeaders(parameters.error === 'use_dpop_nonce') };
  if (knobs.challenge) headers['www-authenticate'] = challengeOf(parameters);
  res.writeHead(status, headers);
  res.end(JSON.stringify({ error: parameters.error ?? 'unauthorized' }));
}

/** The token's facts, or undefined when the request has been answered with a refusal. */
export async function admit(req, res) {
  const scope = knobs.challengeScope;
  if (knobs.unauthorized !== 0) {
    if (knobs.unauthorized > 0) knobs.unauthorized -= 1;
    return refuse(res, 401, { error: 'invalid_token', scope });
  }
  const { scheme, token } = credentialsOf(req);
  if (!token) return refuse(res, 401, { scope });
  try {
    const facts = await verifyAccessToken(token);
    await checkBinding(req, scheme, facts);
    if (scheme === 'DPoP') Object.entries(nonceHeaders(false)).forEach(([name, value]) => res.setHeader(name, value));
    return facts;
  } catch (error) {
    return refuse(res, 401, { error: error.code ?? 'invalid_token', error_description: error.message, scope });
  }
}

/** A token that is bound to a key comes with a proof, and no other does (RFC 9449 section 7). */
async function checkBinding(req, scheme, facts) {
  if (!knobs.schemes.includes(scheme) || (scheme === 'DPoP') !== Boolean(facts.jkt)) {
    throw new OAuthError(OAuthErrorCode.InvalidToken, `no token for the scheme ${scheme}`);
  }
  if (scheme === 'DPoP') await checkProof(req, facts.token, facts.jkt);
  if (scheme === 'DPoP' && knobs.badProof) throw new BadProof('invalid_dpop_proof', 'it is told to be bad');
}

/** Of the header Authorization; empty without one that holds a token. */
export function credentialsOf(req) {
  const [, scheme, token] = /^(Bearer|DPoP) (\S+)$/.exec(req.headers.authorization ?? '') ?? [];
  return { scheme, token };
}

/** True when the request has been answered: its token lacks a scope (RFC 6750 section 3.1). */
export function lacksScope(res, facts, wanted) {
  if (wanted !== knobs.forbidden && facts.scopes.includes(wanted)) return false;
  refuse(res, 403, { error: 'insufficient_scope', scope: wanted });
  return true;
}

const metadata = () => ({
  resource: knobs.resource ?? settings.resource,
  authorization_servers: knobs.authorizationServers,
  ...(knobs.scopesSupported && { scopes_supported: knobs.scopesSupported }),
  bearer_methods_supported: ['header'],
  ...(knobs.dpopRequired !== null && { dpop_bound_access_tokens_required: knobs.dpopRequired }),
  resource_name: 'Lab MCP server',
});

const answers = {
  plain: () => [200, { 'content-type': 'application/json' }, JSON.stringify(metadata())],
  none: () => [404, {}, ''],
  redirect: () => [302, { location: knobs.metadataTo ?? `${settings.origin}/elsewhere` }, ''],
  huge: () => [200, { 'content-type': 'application/json' }, JSON.stringify({ ...metadata(), pad: 'A'.repeat(32 << 20) })],
  html: () => [200, { 'content-type': 'text/html' }, '<html>captive portal</html>'],
  notjson: () => [200, { 'content-type': 'application/json' }, '{"resource":'],
};

/** True when the request was for the metadata, which is the same with and without the endpoint's path. */
export function describe(req, res, path) {
  const redirected = path === '/elsewhere' && knobs.metadata === 'redirect';
  if (!redirected && path !== WELL_KNOWN && path !== WELL_KNOWN + settings.path) return false;
  const [status, headers, body] = answers[redirected ? 'plain' : knobs.metadata]();
  res.writeHead(status, headers);
  res.end(body);
  return true;
}
