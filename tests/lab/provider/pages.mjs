// Sign-in without a person, and a small protected resource.
import { verifyJwt } from './keys.mjs';
import { server } from './server.mjs';
import { knobs, now, settings } from './settings.mjs';

export const sendJson = (res, status, body, headers = {}) => {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  res.end(JSON.stringify(body));
};

async function consent(provider, { prompt, params, session, grantId }) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  const saved = await grant.save();
  return grantId ? {} : { grantId: saved };
}

/** /interaction/:uid decides at once as `decision` says, so that anything that follows redirects is a browser. */
export async function interaction(req, res) {
  const { provider } = server();
  const details = await provider.interactionDetails(req, res);
  const decision = details.params.lab_decision ?? knobs.decision;
  const finish = (result, mergeWithLastSubmission) =>
    provider.interactionFinished(req, res, result, { mergeWithLastSubmission });

  if (decision === 'manual' && new URL(req.url, settings.issuer).searchParams.get('go') !== '1') {
    res.writeHead(200, { 'content-type': 'text/html' });
    return res.end('<!doctype html><title>sign in</title><form><input type=hidden name=go value=1><button>Allow</button></form>');
  }
  if (decision === 'deny') {
    return finish({ error: 'access_denied', error_description: 'End-User aborted interaction' }, false);
  }
  if (decision !== 'approve' && decision !== 'manual') {
    return finish({ error: decision, error_description: `lab: ${decision} <b>"quoted"</b>` }, false);
  }
  if (details.prompt.name === 'login') {
    return finish({ login: { accountId: details.params.lab_sub ?? knobs.sub, amr: ['pwd'] } }, true);
  }
  return finish({ consent: await consent(provider, details) }, true);
}

export const RESOURCE_METADATA = '/.well-known/oauth-protected-resource/rs';

/** /rs: wants a JWT access token with api:read; describes itself by RFC 9728. */
export function resource(req, res, path) {
  const metadata = `${settings.issuer}${RESOURCE_METADATA}`;
  const id = `${settings.issuer}/rs`;
  const refuse = (status, error, challenge) =>
    sendJson(res, status, { error }, { 'www-authenticate': `Bearer ${challenge}resource_metadata="${metadata}"` });

  if (path === RESOURCE_METADATA) {
    const bearer = { scopes_supported: ['api:read'], bearer_methods_supported: ['header'] };
    return sendJson(res, 200, { resource: id, authorization_servers: [settings.issuer], ...bearer });
  }
  const header = /^(Bearer|DPoP) (.+)$/i.exec(req.headers.authorization ?? '');
  if (!header) return refuse(401, 'unauthorized', 'scope="api:read", ');
  try {
    const claims = verifyJwt(header[2]);
    if (claims.exp <= now() || claims.aud !== id) throw new Error('not for us');
    if (!` ${claims.scope} `.includes(' api:read ')) {
      return refuse(403, 'insufficient_scope', 'error="insufficient_scope", scope="api:read", ');
    }
    return sendJson(res, 200, { hello: claims.sub, client_id: claims.client_id, scope: claims.scope, cnf: claims.cnf });
  } catch {
    return refuse(401, 'invalid_token', 'error="invalid_token", ');
  }
}
