// Token exchange (RFC 8693): an access token for one audience in the place of a broad one.
import { OAuthError } from './answers.mjs';
import { settings } from './settings.mjs';
import { checkScope, findAccess, newAccessToken } from './store.mjs';

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Section 2.1. */
function checkTypes(form) {
  if (!form.subject_token) throw new OAuthError('invalid_request', 'subject_token is missing');
  if (form.subject_token_type !== ACCESS_TOKEN) throw new OAuthError('invalid_request', 'subject_token_type');
  if (form.requested_token_type && form.requested_token_type !== ACCESS_TOKEN) {
    throw new OAuthError('invalid_request', 'requested_token_type');
  }
  if (form.actor_token || form.actor_token_type) throw new OAuthError('invalid_request', 'nobody may act for another');
}

/** Where the new token is to be used: audience and resource may both be named, and more than once. */
function target(form) {
  const named = [...(form.audience ?? []), ...(form.resource ?? [])];
  if (!named.every((name) => settings.audiences.includes(name))) {
    throw new OAuthError('invalid_target', 'unknown audience'); // section 2.2.2
  }
  return named;
}

/** The members of the answer that differ from an ordinary one (section 2.2.1). */
export function exchange(form) {
  checkTypes(form);
  const subject = findAccess(form.subject_token);
  // Section 2.2.2: a subject token that is not good makes the request invalid.
  if (!subject) throw new OAuthError('invalid_request', 'subject_token is not valid');
  const scope = form.scope ? checkScope(form.scope, subject.scope) : subject.scope;
  const audience = target(form);
  return {
    access_token: newAccessToken(subject.grant, scope, audience.length ? audience : null),
    issued_token_type: ACCESS_TOKEN,
  };
}
