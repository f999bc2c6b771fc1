import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A fresh folder that only this user can enter; short, because a socket's path has to be. */
export function privateFolder() {
  return mkdtemp('/tmp/kb-');
}

/**
 * Listens on a real socket in a folder of its own and answers with what it is told.
 * @param {(request: any, index: number) => (string | Buffer | null)[]} answer the lines for a request, without their
 *   line feed; "$ID" in a string is the request's id, a Buffer is written as it is, null closes the connection
 */
export async function startFakeBroker(answer) {
  const folder = await privateFolder();
  const socket = join(folder, 'broker.sock');
  const requests = [];
  const connections = new Set();
  const server = net.createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => {}); // the client under test may leave at any time
    createInterface({ input: connection }).on('line', (line) => {
      const request = JSON.parse(line);
      requests.push(request);
      for (const part of answer(request, requests.length - 1)) {
        reply(connection, request, part);
      }
    });
  });
  await new Promise((resolve) => server.listen(socket, resolve));
  return {
    folder,
    socket,
    /** Everything that was received. @type {any[]} */
    requests,
    /** How many connections were taken. */
    accepted: () => connections.size,
    /** Until the client has left the connection that was taken last. */
    async leftLast() {
      const last = [...connections].at(-1);
      if (!last.closed) {
        await once(last, 'close');
      }
    },
    async close() {
      connections.forEach((connection) => connection.destroy());
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function reply(connection, request, part) {
  if (part === null) {
    connection.end();
  } else if (typeof part === 'string') {
    connection.write(`${part.replaceAll('$ID', () => JSON.stringify(request.id))}\n`);
  } else {
    connection.write(part);
  }
}

/** A line with a result. @param {object} result */
export function resultLine(result) {
  return `{"jsonrpc":"2.0","id":$ID,"result":${JSON.stringify(result)}}`;
}

/** A line with an error. @param {string} kind */
export function errorLine(kind) {
  return `{"jsonrpc":"2.0","id":$ID,"error":{"code":-32000,"message":"no","data":{"kind":"${kind}"}}}`;
}
