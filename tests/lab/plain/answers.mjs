// How this server writes its answers, and reads forms.
import { knobs, patched, style } from './settings.mjs';

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };
const LARGEST_FORM = 256 * 1024;

/** An OAuth error: `code` of RFC 6749 section 5.2 or of an extension. */
export class OAuthError extends Error {
  constructor(code, description = '', status = 400) {
    super(code);
    Object.assign(this, { code, description, status });
  }
}

/** One style sends chunks and writes "\/", the other counts bytes and indents. All of it is JSON. */
export function sendJson(res, status, body, headers = {}) {
  res.writeHead(status, { 'content-type': style.jsonType, ...NO_STORE, ...headers });
  if (style.openId) return res.end(`${JSON.stringify(body, null, 4)}\n`);
  const text = JSON.stringify(body).replaceAll('/', '\\/');
  const middle = Math.floor(text.length / 2);
  res.write(text.slice(0, middle));
  return res.end(text.slice(middle));
}

/** These carry a protocol (RFC 8628 section 3.5), so they always have a body. */
const SPOKEN = new Set(['authorization_pending', 'slow_down', 'access_denied', 'expired_token']);

export function sendError(res, error) {
  if (knobs.emptyErrors && !SPOKEN.has(error.code)) {
    res.writeHead(error.status, { ...NO_STORE, 'content-length': 0 });
    return res.end();
  }
  const body = { error: error.code, error_description: error.description || 'no', x_plain_trace: [1, null, { at: 'here' }] };
  return sendJson(res, error.status, patched('error', body));
}

export function sendPage(res, status, text, headers = {}) {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...NO_STORE, ...headers });
  res.end(`<!doctype html><title>plain</title><p>${text}</p>`);
}

export const empty = (res, status, headers = {}) => {
  res.writeHead(status, { 'content-length': 0, ...headers });
  res.end();
};

/** Parameters by name; RFC 6749 section 3.1: none twice, and one without a value is as if it were left out. */
export function readParameters(query, repeatable = []) {
  const found = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (value === '') continue;
    if (repeatable.includes(name)) found[name] = [...(found[name] ?? []), value];
    else if (Object.hasOwn(found, name)) throw new OAuthError('invalid_request', `${name} is repeated`);
    else found[name] = value;
  }
  return found;
}

export async function readBody(req) {
  let body = '';
  for await (const chunk of req) {
    body += chunk;
    if (body.length > LARGEST_FORM) throw new OAuthError('invalid_request', 'too large', 413);
  }
  return body;
}

export async function readForm(req, repeatable = []) {
  const body = await readBody(req);
  const type = (req.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new OAuthError('invalid_request', 'not a form');
  return readParameters(body, repeatable);
}
