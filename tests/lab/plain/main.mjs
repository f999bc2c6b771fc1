// An authorization server written from the RFCs alone, with habits of its own: README.md lists them. Prints one line of
// JSON, {"issuer": ..., "pid": ..., "client_id": ...}, when it serves.
import * as http from 'node:http';
import { empty, sendJson, sendPage } from './answers.mjs';
import { authorize, signIn } from './authorize.mjs';
import { control, eventLog } from './control.mjs';
import { deviceAuthorization } from './device.mjs';
import { keySet } from './keys.mjs';
import { metadata, resource, userinfo } from './metadata.mjs';
import { knobs, settings, style } from './settings.mjs';
import { checkClient, token } from './token.mjs';

/** A header with a token of this server is longer than Node allows for by itself. */
const MAX_HEADERS = 64 * 1024;

const routes = {
  'GET /authorize': authorize,
  'POST /token': token,
  'GET /resource': resource,
};
const openIdRoutes = {
  'GET /userinfo': userinfo,
  'POST /userinfo': userinfo, // OpenID Connect Core section 5.3
  'GET /keys': (req, res) => sendJson(res, 200, keySet()),
};
const deviceRoutes = {
  'POST /device_authorization': (req, res) => deviceAuthorization(req, res, checkClient),
  'GET /device': (req, res) => sendPage(res, 200, 'Enter the code that your device shows.'),
};

const routeOf = (name) => routes[name] ?? (style.openId ? openIdRoutes[name] : undefined)
  ?? (knobs.device ? deviceRoutes[name] : undefined);

function logRequest(req, res, url) {
  const entry = { t: Date.now(), method: req.method, url: url.pathname.slice(style.path.length) || '/', whole: req.url };
  eventLog.push(entry);
  res.on('finish', () => {
    entry.status = res.statusCode;
  });
  return entry;
}

async function handle(req, res) {
  const url = new URL(req.url, settings.origin);
  if (url.pathname.startsWith(`${style.path}/_lab/`)) {
    return control(req, res, url.pathname.slice(style.path.length + '/_lab/'.length), url.searchParams);
  }
  const entry = logRequest(req, res, url);
  if (req.method === 'GET' && url.pathname === style.wellKnown && knobs.publish) return sendJson(res, 200, metadata());
  if (!url.pathname.startsWith(`${style.path}/`)) return empty(res, 404);
  const path = url.pathname.slice(style.path.length);
  if (req.method === 'GET' && signIn(req, res, path)) return undefined;
  const route = routeOf(`${req.method} ${path}`);
  return route ? route(req, res, url, entry) : empty(res, 404);
}

const listener = http.createServer({ maxHeaderSize: MAX_HEADERS }, (req, res) => handle(req, res).catch((error) => {
  console.error(error);
  if (!res.headersSent) sendJson(res, 500, { error: 'lab_error', error_description: error.message });
}));

listener.listen(0, '127.0.0.1', () => {
  settings.origin = `http://127.0.0.1:${listener.address().port}`;
  settings.issuer = `${settings.origin}${style.path}`;
  console.log(JSON.stringify({ issuer: settings.issuer, pid: process.pid, client_id: settings.clientId }));
});
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    listener.closeAllConnections();
    listener.close(() => process.exit(0));
  });
}
