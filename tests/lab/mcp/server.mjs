// An MCP server over Streamable HTTP that wants access tokens: the SDK's own, with sessions for the revisions that have
// them and without for 2026-07-28. Prints one line of JSON, {"resource": ..., "pid": ...}, when it serves.
//   GET  /_lab/log          requests for the endpoint so far, oldest first
//   POST /_lab/set {...}    turns knobs (settings.mjs)
//   POST /_lab/reset        knobs and log as at the start
//   POST /_lab/announce     a notification on every stream that a client keeps open
//   POST /_lab/cut          ends every connection that is open, in the middle of whatever it carries
//   POST /_lab/forget       ends every session
//   POST /_lab/nonce        proofs must hold another nonce from now on
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, isInitializeRequest, isLegacyRequest } from '@modelcontextprotocol/server';
import { admit, credentialsOf, describe, fingerprint, lacksScope } from './access.mjs';
import { claimsOf, nextNonce } from './proof.mjs';
import { knobs, resetKnobs, settings } from './settings.mjs';
import { EventStore } from './events.mjs';
import { newServer, scopeOf } from './tools.mjs';

const eventLog = [];
const sessions = new Map(); // id -> {transport, server}
const sockets = new Set();

const modern = Object.fromEntries(['json', 'auto'].map((responseMode) => {
  const announce = () => modern[responseMode].notify.toolsChanged();
  return [responseMode, createMcpHandler(() => newServer({ announce }), { legacy: 'reject', responseMode })];
})); // 2026-07-28

async function announceEverywhere() {
  for (const handler of Object.values(modern)) handler.notify.toolsChanged();
  for (const { server } of sessions.values()) await server.server.sendToolListChanged();
}

async function readJson(req) {
  let body = '';
  for await (const chunk of req) body += chunk;
  return JSON.parse(body || '{}');
}

function sendJson(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

const actions = {
  log: () => eventLog,
  set: (data) => Object.assign(knobs, data),
  reset: () => {
    eventLog.length = 0;
    return resetKnobs();
  },
  announce: announceEverywhere,
  cut: (data, req) => sockets.forEach((socket) => socket !== req.socket && socket.resetAndDestroy()),
  forget: () => sessions.clear(),
  nonce: nextNonce,
};

async function control(req, res, name) {
  if (!Object.hasOwn(actions, name)) return sendJson(res, 404, { error: 'not_found' });
  const answer = await actions[name](req.method === 'POST' ? await readJson(req) : {}, req);
  return sendJson(res, 200, answer ?? {});
}

async function newSession() {
  const server = newServer({ announce: (one) => one.server.sendToolListChanged() });
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: knobs.sessions ? randomUUID : undefined,
    enableJsonResponse: knobs.json,
    ...(knobs.resumable && { eventStore: new EventStore(), retryInterval: 50 }),
    onsessioninitialized: (id) => sessions.set(id, { transport, server }),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await server.connect(transport);
  return transport;
}

/** Revisions up to 2025-11-25. */
async function serveLegacy(req, res, body) {
  const id = req.headers['mcp-session-id'];
  if (!knobs.sessions && req.method !== 'POST') return sendJson(res, 405, { error: 'method_not_allowed' });
  const known = id && sessions.get(id)?.transport;
  if (id && !known) return sendJson(res, 404, { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } });
  const isFirst = body !== undefined && isInitializeRequest(body);
  if (!known && !isFirst && knobs.sessions) {
    return sendJson(res, 400, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'No session' } });
  }
  return (known || await newSession()).handleRequest(req, res, body);
}

async function serve(req, res, entry) {
  const body = req.method === 'POST' ? await readJson(req) : undefined;
  entry.message = body?.method;
  const facts = await admit(req, res);
  if (!facts) return undefined;
  if (knobs.slowMs) await pause(knobs.slowMs);
  if (knobs.status && req.method === 'POST' && (knobs.status.to ?? body?.method) === body?.method) {
    res.writeHead(knobs.status.status, knobs.status.headers);
    return knobs.status.open ? res.write(knobs.status.body) : res.end(knobs.status.body);
  }
  if (req.method === 'GET' && knobs.refuseGets.length > 0) return sendJson(res, knobs.refuseGets.shift(), { error: 'told_to' });
  if (body?.method === 'tools/call' && lacksScope(res, facts, knobs.forbidden ?? scopeOf(body.params?.name))) return undefined;
  req.auth = facts;
  const request = new Request(settings.resource, { method: req.method, headers: req.headers });
  if (await isLegacyRequest(request, body)) return serveLegacy(req, res, body);
  return toNodeHandler(modern[knobs.json ? 'json' : 'auto'])(req, res, body);
}

const SHOWN_HEADERS = ['accept', 'content-type', 'last-event-id', 'mcp-session-id', 'mcp-protocol-version', 'mcp-method',
  'mcp-name', 'mcp-param-region', 'mcp-param-dry-run', 'cookie', 'user-agent'];

function logRequest(req, res, path) {
  const { scheme, token } = credentialsOf(req);
  const headers = Object.fromEntries(SHOWN_HEADERS.filter((name) => name in req.headers).map((name) => [name, req.headers[name]]));
  const entry = { t: Date.now(), method: req.method, path, headers, scheme, token: token && fingerprint(token), proof: claimsOf(req.headers.dpop) };
  eventLog.push(entry);
  const { writeHead } = res;
  res.writeHead = (...args) => {
    entry.status = args[0]; // the stream behind it is open
    return writeHead.apply(res, args);
  };
  res.on('close', () => {
    entry.closed = true;
  });
  return entry;
}

async function handle(req, res) {
  const path = new URL(req.url, settings.origin).pathname;
  if (path.startsWith('/_lab/')) return control(req, res, path.slice('/_lab/'.length));
  const entry = logRequest(req, res, path);
  if (describe(req, res, path)) return undefined;
  if (path !== settings.path) return sendJson(res, 404, { error: 'not_found' });
  return serve(req, res, entry);
}

const handler = (req, res) => handle(req, res).catch((error) => {
  console.error(error);
  if (!res.headersSent) sendJson(res, 500, { error: 'lab_error', error_description: error.message });
});
const pair = (name) => ({
  key: fs.readFileSync(`${settings.tlsDir}/${name}.key`),
  cert: fs.readFileSync(`${settings.tlsDir}/${name}.pem`),
});
const listener = settings.tlsDir ? https.createServer(pair(settings.tlsName), handler) : http.createServer(handler);
listener.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});
listener.listen(settings.port, settings.host, () => {
  settings.origin = `${settings.tlsDir ? 'https' : 'http'}://${settings.name ?? settings.host}:${listener.address().port}`;
  settings.resource = settings.origin + settings.path;
  console.log(JSON.stringify({ resource: settings.resource, pid: process.pid }));
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
