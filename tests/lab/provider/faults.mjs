// Wrong answers on demand: {path, kind, times, after, ...} makes the next `times` requests for `path` fail in that way,
// when the first `after` (0) have been let through.
import * as zlib from 'node:zlib';
import { forgeIdToken, rotateKeys } from './keys.mjs';
import { sendJson } from './pages.mjs';
import { rebuild } from './server.mjs';

let faults = [];
export const pendingFaults = () => faults;
export const addFault = (fault) => faults.push({ times: 1, ...fault });
export const clearFaults = () => {
  faults = [];
};

/** The fault for a request to this path, counted down; undefined when there is none. */
export function takeFault(path) {
  const fault = faults.find((candidate) => candidate.path === path && candidate.times > 0);
  if (!fault) return undefined;
  if (fault.after > 0) {
    fault.after -= 1;
    return undefined;
  }
  fault.times -= 1;
  faults = faults.filter((candidate) => candidate.times > 0);
  return fault;
}

let waiting = [];
/** Lets the `late` answers go on. */
export function release() {
  const all = waiting;
  waiting = [];
  for (const go of all) go();
  return { released: all.length };
}

const JSON_TYPE = { 'content-type': 'application/json' };

const KEEP_BACK = Symbol('keep back');

/** Lets the server answer, then changes the body; `change` null drops the connection instead of answering, KEEP_BACK never
 * answers. */
function changed(req, res, next, change, headers = {}) {
  const { write, end, writeHead } = res;
  const chunks = [];
  let status;
  res.writeHead = (code, ...rest) => {
    status = code;
    for (const given of rest) {
      if (given && typeof given === 'object') {
        for (const [name, value] of Object.entries(given)) res.setHeader(name, value);
      }
    }
    return res;
  };
  res.write = (chunk) => {
    chunks.push(Buffer.from(chunk));
    return true;
  };
  res.end = (chunk) => {
    if (chunk) chunks.push(Buffer.from(chunk));
    Object.assign(res, { write, end, writeHead });
    if (change === KEEP_BACK) return res;
    if (!change) {
      res.socket.resetAndDestroy();
      return res;
    }
    let body = Buffer.concat(chunks).toString();
    try {
      body = change(body);
    } catch {
      // an error answer has no such body: it goes out as it is
    }
    res.removeHeader('content-length');
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    res.writeHead(status ?? res.statusCode);
    return res.end(body);
  };
  return next(req, res);
}

const changedJson = (req, res, next, change) => changed(req, res, next, (body) => {
  const object = JSON.parse(body);
  change(object);
  return JSON.stringify(object);
});

function huge(fault, res) {
  res.writeHead(200, JSON_TYPE);
  res.write('{"access_token":"');
  const megabyte = 'A'.repeat(1 << 20);
  let left = fault.mb ?? 512;
  const go = () => {
    while (left > 0) {
      left -= 1;
      if (!res.write(megabyte)) return res.once('drain', go);
    }
    return res.end('"}');
  };
  return go();
}

function drip(fault, res) {
  res.writeHead(200, JSON_TYPE);
  const timer = setInterval(() => res.write(' '), fault.ms ?? 500);
  res.on('close', () => clearInterval(timer));
}

const kinds = {
  /** {status, body, headers} */
  status: (fault, req, res) => {
    res.writeHead(fault.status ?? 500, { 'content-type': 'text/plain', ...fault.headers });
    res.end(fault.body ?? 'lab fault');
  },
  /** {status, body, headers}: a body that claims to be JSON */
  raw: (fault, req, res) => {
    res.writeHead(fault.status ?? 200, { ...JSON_TYPE, ...fault.headers });
    res.end(fault.body);
  },
  /** {status, body}: as raw, and the log shows the form that was sent */
  form: async (fault, req, res, next, entry) => {
    let sent = '';
    for await (const chunk of req) sent += chunk;
    entry.form = Object.fromEntries(new URLSearchParams(sent));
    kinds.raw(fault, req, res);
  },
  /** {status, body}: as form, for a document */
  json: async (fault, req, res, next, entry) => {
    let sent = '';
    for await (const chunk of req) sent += chunk;
    entry.json = JSON.parse(sent);
    kinds.raw(fault, req, res);
  },
  html: (fault, req, res) => {
    res.writeHead(fault.status ?? 200, { 'content-type': 'text/html' });
    res.end('<html><script>alert(1)</script>captive portal</html>');
  },
  notjson: (fault, req, res) => {
    res.writeHead(200, JSON_TYPE);
    res.end('{"access_token":"x",');
  },
  empty: (fault, req, res) => {
    res.writeHead(fault.status ?? 200, { ...JSON_TYPE, 'content-length': 0 });
    res.end();
  },
  /** {type}: the real answer under another content type */
  badtype: (fault, req, res, next) =>
    changed(req, res, next, (body) => body, { 'content-type': fault.type ?? 'text/plain' }),
  /** {patch}: members merged onto the real answer; null deletes */
  patch: (fault, req, res, next) => changedJson(req, res, next, (object) => {
    for (const [name, value] of Object.entries(fault.patch)) {
      if (value === null) delete object[name];
      else object[name] = value;
    }
  }),
  /** the real answer, signed with keys that take the place of the old ones just now */
  rotate: (fault, req, res, next) => {
    rotateKeys(true);
    rebuild();
    return next(req, res);
  },
  /** {claims, header, alg, sign, secret}: see forgeIdToken() */
  idtoken: (fault, req, res, next) => changedJson(req, res, next, (object) => {
    if (object.id_token) object.id_token = forgeIdToken(object.id_token, fault);
  }),
  /** {mb}: an endless string */
  huge: (fault, req, res) => huge(fault, res),
  /** {mb}: small on the wire, large unpacked */
  gzipbomb: (fault, req, res) => {
    res.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
    res.end(zlib.gzipSync(Buffer.alloc((fault.mb ?? 256) << 20, 0x20)));
  },
  truncated: (fault, req, res) => {
    res.writeHead(200, { ...JSON_TYPE, 'content-length': 4096 });
    res.write('{"access_token":"abc","token_type":"Bea');
    setTimeout(() => res.socket.destroy(), 50);
  },
  badlength: (fault, req) => {
    req.socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\n{"a":1}');
  },
  /** {ms}: the real answer, late */
  slow: (fault, req, res, next) => setTimeout(() => next(req, res), fault.ms ?? 5000),
  /** the real answer, when it is released */
  late: (fault, req, res, next) => waiting.push(() => next(req, res)),
  /** {ms}: a space now and then, for ever */
  drip: (fault, req, res) => drip(fault, res),
  /** no answer at all */
  hang: () => {},
  reset: (fault, req) => req.socket.resetAndDestroy(),
  /** {to, status} */
  redirect: (fault, req, res) => {
    res.writeHead(fault.status ?? 307, { location: fault.to });
    res.end();
  },
  /** the request is carried out and its answer is lost: a rotated refresh token is gone */
  lost: (fault, req, res, next) => changed(req, res, next, null),
  /** the request is carried out and its answer never comes */
  held: (fault, req, res, next) => changed(req, res, next, KEEP_BACK),
};

export function injectFault(fault, req, res, next, entry) {
  const kind = kinds[fault.kind];
  if (!kind) return sendJson(res, 500, { error: `unknown fault ${fault.kind}` });
  return kind(fault, req, res, next, entry);
}
