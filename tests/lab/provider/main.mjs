// Authorization server for tests. Prints one line of JSON, {"issuer": ..., "pid": ...}, when it serves.
import { authResponseChanges, control, readJson } from './control.mjs';
import { injectFault, takeFault } from './faults.mjs';
import { listen } from './listener.mjs';
import { interaction, resource, RESOURCE_METADATA, sendJson } from './pages.mjs';
import { eventLog, server } from './server.mjs';
import { knobs, settings } from './settings.mjs';
import { recordIssued } from './storage.mjs';

const LOG_LIMIT = 5000;

function logRequest(req, res) {
  const entry = {
    t: Date.now(),
    method: req.method,
    url: req.url,
    ua: req.headers['user-agent'],
    dpop: Boolean(req.headers.dpop),
    auth: req.headers.authorization?.split(' ')[0],
  };
  eventLog.push(entry);
  if (eventLog.length > LOG_LIMIT) eventLog.splice(0, 1000);
  res.on('finish', () => {
    entry.status = res.statusCode;
  });
  return entry;
}

/** Remembers the tokens of a token response: a JWT never passes through the storage. */
function recordTokens(res) {
  const { end } = res;
  res.end = (chunk, ...rest) => {
    try {
      const { access_token: access, refresh_token: refresh, id_token: id } = JSON.parse(chunk);
      recordIssued('access_token', access);
      recordIssued('refresh_token', refresh);
      recordIssued('id_token', id);
    } catch {
      // an answer without tokens
    }
    return end.call(res, chunk, ...rest);
  };
}

/** Changes the redirect that leaves this server for the client. */
function tamper(res, entry) {
  const { setHeader } = res;
  const leaves = (name, value) => name.toLowerCase() === 'location'
    && !String(value).startsWith(settings.issuer) && !String(value).startsWith('/');
  res.setHeader = (name, value) => {
    if (!leaves(name, value)) return setHeader.call(res, name, value);
    const url = new URL(value);
    if (!knobs.iss) url.searchParams.delete('iss');
    const change = authResponseChanges.shift();
    for (const [parameter, wanted] of Object.entries(change?.set ?? {})) {
      if (wanted === null) url.searchParams.delete(parameter);
      else url.searchParams.set(parameter, wanted);
    }
    entry.tampered = Boolean(change);
    return setHeader.call(res, name, url.href + (change?.append ?? ''));
  };
}

async function serve(req, res, path) {
  if (knobs.delayMs) await new Promise((done) => { setTimeout(done, knobs.delayMs); });
  if (path.startsWith('/interaction/')) return interaction(req, res);
  if (path === '/rs' || path === RESOURCE_METADATA) return resource(req, res, path);
  if (path === '/token') recordTokens(res);
  if (path === '/reg' && knobs.registerAs) {
    req.body = { ...await readJson(req), token_endpoint_auth_method: knobs.registerAs };
  }
  return server().handler(req, res);
}

async function handle(req, res) {
  const url = new URL(req.url, settings.issuer);
  const path = url.pathname;
  if (path.startsWith('/_lab/')) return control(req, res, url);
  const entry = logRequest(req, res);
  const next = (request, response) => serve(request, response, path);
  const fault = takeFault(path);
  if (fault) {
    entry.fault = fault.kind;
    return injectFault(fault, req, res, next, entry);
  }
  if (path.includes('/.well-known/') && knobs.par !== 'offered') {
    const patch = knobs.par === 'required'
      ? { require_pushed_authorization_requests: true } : { pushed_authorization_request_endpoint: null };
    return injectFault({ kind: 'patch', patch }, req, res, next, entry);
  }
  if (path.startsWith('/auth') && (!knobs.iss || authResponseChanges.length)) tamper(res, entry);
  try {
    return await next(req, res);
  } finally {
    entry.done = true; // carried out, also when nobody is there any more to read the answer
  }
}

const handler = (req, res) => handle(req, res).catch((error) => {
  console.error(error);
  if (!res.headersSent) sendJson(res, 500, { error: 'lab_error', error_description: error.message });
});

const listener = listen(handler, (issuer) => {
  settings.issuer = issuer;
  server();
  console.log(JSON.stringify({ issuer, pid: process.pid }));
});
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    listener.closeAllConnections();
    listener.close(() => process.exit(0));
  });
}
