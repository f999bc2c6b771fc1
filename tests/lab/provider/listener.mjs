// Where the server listens, and the certificate that it shows there, which can change while it runs.
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { settings } from './settings.mjs';

let listener;

const certificate = (name) => ({
  key: fs.readFileSync(`${settings.tlsDir}/${name}.key`),
  cert: fs.readFileSync(`${settings.tlsDir}/${name}.pem`),
});

/** Calls `ready` with the issuer, which has the port that the system chose. */
export function listen(handler, ready) {
  listener = settings.tlsDir ? https.createServer(certificate(settings.tlsName), handler) : http.createServer(handler);
  listener.listen(settings.port, settings.host, () => {
    const name = settings.name ?? (settings.host.includes(':') ? `[${settings.host}]` : settings.host);
    ready(`${settings.tlsDir ? 'https' : 'http'}://${name}:${listener.address().port}`);
  });
  return listener;
}

/** Everybody sees the other certificate from now on: a connection that is open would not. */
export function changeCertificate(name) {
  listener.setSecureContext(certificate(name));
  listener.closeIdleConnections();
}
