// The authorization endpoint (RFC 6749 section 3.1): a sign-in of several pages, each of which redirects to the next.
import { empty, OAuthError, readParameters, sendPage } from './answers.mjs';
import { knobs, now, patched, settings, style } from './settings.mjs';
import { checkScope, newGrant, PUNCTUATION, random, record } from './store.mjs';

/** RFC 9110 section 4.1: everybody should be able to take an address of 8000 bytes. */
const ADDRESS_LENGTH = 8000;
const COOKIE = 'plain_sign_in';

/** The pages in their order, and the redirect that each one makes. */
const STEPS = [
  ['/sign-in', 302],
  ['/sign-in/person', 303],
  ['/sign-in/consent', 307],
  ['/sign-in/leave', 302],
];

const signIns = new Map(); // id: {request, step}
const codes = new Map(); // code: {grant, challenge, redirectUri, expiresAt, used}

/** The address of the client with `parameters`, form-encoded (RFC 6749 section 4.1.2). */
const address = (redirectUri, parameters) => `${redirectUri}?${new URLSearchParams(parameters)}`;

function answerParameters(request, more) {
  return {
    session_state: random(),
    ...more,
    'x_plain[]': 'é&=+ ',
    hd: '',
    scope: request.scope?.join(' ') ?? '',
    ...(style.iss ? { iss: settings.issuer } : {}),
    ...(request.state ? { state: request.state } : {}),
    authuser: '0',
  };
}

function sendBack(res, request, more, status = 302) {
  const parameters = patched('authorization', answerParameters(request, more));
  empty(res, status, { location: address(request.redirectUri, parameters) });
}

/** A code that makes the client's address exactly as long as everybody must be able to take. */
function sendCode(res, request, status) {
  const core = `${random()}${PUNCTUATION} `;
  const parameters = answerParameters(request, { code: core });
  const padding = Math.max(0, ADDRESS_LENGTH - address(request.redirectUri, parameters).length);
  const code = record('code', core + 'p'.repeat(padding));
  const grant = newGrant(knobs.sub, request.scope, { nonce: request.nonce });
  const { challenge, redirectUri } = request;
  codes.set(code, { grant, challenge, redirectUri, expiresAt: now() + knobs.codeTtl, used: false });
  empty(res, status, { location: address(redirectUri, patched('authorization', { ...parameters, code })) });
}

/** What is wrong after the client and its address are known goes back to the client (section 4.1.2.1). */
function checkRequest(query) {
  if (query.response_type !== 'code') throw new OAuthError('unsupported_response_type');
  if (!/^[A-Za-z0-9_-]{43}$/.test(query.code_challenge ?? '') || query.code_challenge_method !== 'S256') {
    throw new OAuthError('invalid_request', 'PKCE with S256 is needed');
  }
  return { scope: checkScope(query.scope), nonce: query.nonce, challenge: query.code_challenge };
}

export function authorize(req, res, url) {
  let query;
  try {
    query = readParameters(url.search, ['resource']);
  } catch (error) {
    return sendPage(res, 400, error.description);
  }
  const wantedTenant = new URLSearchParams(style.query).get('tenant');
  if (wantedTenant && query.tenant !== wantedTenant) return sendPage(res, 400, 'no such tenant');
  if (query.client_id !== settings.clientId) return sendPage(res, 400, 'no such client');
  if (!settings.redirects.includes(query.redirect_uri)) return sendPage(res, 400, 'this redirect_uri is not registered');
  const known = { redirectUri: query.redirect_uri, state: query.state };
  try {
    const id = random();
    signIns.set(id, { request: { ...known, ...checkRequest(query) }, step: 0 });
    const cookie = `${COOKIE}=${id}; Path=${style.path}; HttpOnly; SameSite=Lax`;
    return empty(res, 302, { location: `${style.path}${STEPS[0][0]}`, 'set-cookie': cookie });
  } catch (error) {
    return sendBack(res, known, { error: error.code, error_description: error.description || 'no' });
  }
}

/** One page of the sign-in; the order and the cookie must be right. */
export function signIn(req, res, path) {
  const step = STEPS.findIndex(([name]) => name === path);
  if (step < 0) return false;
  const id = (req.headers.cookie ?? '').split(/; */).find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  const running = signIns.get(id);
  if (running?.step !== step) {
    sendPage(res, 400, 'this sign-in has not begun here');
    return true;
  }
  running.step += 1;
  const status = STEPS[step][1];
  if (step + 1 < STEPS.length) {
    empty(res, status, { location: `${style.path}${STEPS[step + 1][0]}` });
    return true;
  }
  signIns.delete(id);
  if (knobs.decision === 'approve') sendCode(res, running.request, status);
  else sendBack(res, running.request, { error: knobs.decision, error_description: 'the person has decided so' }, status);
  return true;
}

/** The code's grant, once, whatever comes of it. A second use ends what the first one brought (RFC 6749 section 4.1.2). */
export function redeemCode(form) {
  const found = codes.get(form.code);
  if (!found) throw new OAuthError('invalid_grant', 'no such code');
  if (found.used) {
    found.grant.alive = false;
    throw new OAuthError('invalid_grant', 'the code was used before');
  }
  found.used = true;
  if (found.redirectUri !== form.redirect_uri) throw new OAuthError('invalid_grant', 'another redirect_uri');
  if (now() >= found.expiresAt) throw new OAuthError('invalid_grant', 'the code has expired');
  return found;
}
