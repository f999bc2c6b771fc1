// The token endpoint: RFC 6749 sections 4.1.3, 5 and 6, RFC 7636 section 4.6.
import * as crypto from 'node:crypto';
import { OAuthError, readForm, sendError, sendJson } from './answers.mjs';
import { redeemCode } from './authorize.mjs';
import { DEVICE_GRANT, redeemDevice } from './device.mjs';
import { EXCHANGE_GRANT, exchange } from './exchange.mjs';
import { idToken } from './keys.mjs';
import { knobs, patched, settings, style } from './settings.mjs';
import { checkScope, findRefresh, newAccessToken, newRefreshToken, spendRefresh } from './store.mjs';

/** Nobody asked for these: RFC 6749 section 5.1 has the client ignore what it does not know. */
const UNKNOWN = {
  x_plain: { deep: [{ list: [1, 2.5, -3e2, null, true, []] }] },
  id: null,
  not_before: 0,
  ext_expires_in: '600',
  refresh_token_expires_in: 7776000,
  'schlüssel': '\u{1F511} "\\/',
};

export const tokenAnswer = (members) => ({
  ...UNKNOWN,
  token_type: 'bearer',
  expires_in: String(knobs.atTtl),
  ...members,
});

function firstTokens(grant) {
  return tokenAnswer({
    access_token: newAccessToken(grant, grant.scope),
    refresh_token: newRefreshToken(grant),
    ...(grant.scope.includes('openid') ? { id_token: idToken(grant) } : {}),
  });
}

function authorizationCode(form) {
  const verifier = form.code_verifier ?? '';
  const { grant, challenge } = redeemCode(form);
  const computed = crypto.createHash('sha256').update(verifier, 'ascii').digest('base64url');
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier) || computed !== challenge) {
    throw new OAuthError('invalid_grant', 'the code_verifier does not fit');
  }
  return firstTokens(grant);
}

function refreshToken(form) {
  const found = findRefresh(form.refresh_token);
  if (!found) throw new OAuthError('invalid_grant', 'no such refresh token');
  const { grant } = found;
  const scope = form.scope ? checkScope(form.scope, grant.scope) : grant.scope;
  const members = { access_token: newAccessToken(grant, scope) };
  if (knobs.rotate) {
    spendRefresh(form.refresh_token);
    members.refresh_token = newRefreshToken(grant);
  }
  return tokenAnswer(members);
}

const GRANTS = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  [DEVICE_GRANT]: (form) => firstTokens(redeemDevice(form)),
  [EXCHANGE_GRANT]: (form) => tokenAnswer(exchange(form)),
};

const isOffered = (name) => Object.hasOwn(GRANTS, name)
  && (name !== DEVICE_GRANT || knobs.device) && (name !== EXCHANGE_GRANT || knobs.exchange);

export const offeredGrants = () => Object.keys(GRANTS).filter(isOffered);

/** The only client is public: its name is all there is to check. */
export function checkClient(req, form) {
  if (req.headers.authorization !== undefined || form.client_secret !== undefined || form.client_id !== settings.clientId) {
    throw new OAuthError('invalid_client', 'no such public client', 401);
  }
}

export async function token(req, res, url, entry) {
  try {
    if (style.query && url.search !== style.query) throw new OAuthError('invalid_request', 'no such tenant');
    const form = await readForm(req, ['resource', 'audience']);
    Object.assign(entry, { grant: form.grant_type, scope: form.scope });
    checkClient(req, form);
    if (!form.grant_type) throw new OAuthError('invalid_request', 'grant_type is missing');
    if (!isOffered(form.grant_type)) throw new OAuthError('unsupported_grant_type');
    return sendJson(res, 200, patched('token', GRANTS[form.grant_type](form)));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    entry.error = error.code;
    return sendError(res, error);
  }
}
