import net from 'node:net';
import { KeybearerError, connectionLost, invalidParams } from './errors.js';
import { checkPlace, noBroker } from './paths.js';
import { isMasked } from './masked.js';

const MAX_LINE_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;

/** JSON-RPC lines over one socket. Many calls may be under way at once. */
export class Connection {
  #socket;
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void, timer: NodeJS.Timeout }>} */
  #pending = new Map();
  /** @type {Buffer[]} The beginning of a line whose end has not come yet. */
  #parts = [];
  #partBytes = 0;
  /** Why no more calls are possible. @type {string | null} */
  #ended = null;

  /** @param {net.Socket} socket connected */
  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#end(error.code ?? 'it failed'));
    socket.on('close', () => this.#end('it was closed by the broker'));
    socket.unref(); // a connection that nobody waits for does not keep the program running
  }

  /**
   * @param {string} path of the socket
   * @param {number} timeout milliseconds
   * @returns {Promise<Connection>}
   */
  static async open(path, timeout) {
    checkPlace(path);
    const socket = await connected(path, timeout);
    try {
      checkPlace(path); // it may have been exchanged meanwhile; nothing has been sent yet
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new Connection(socket);
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {number} timeout milliseconds
   * @returns {Promise<any>} the result
   */
  call(method, params, timeout) {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        throw connectionLost(this.#ended);
      }
      const id = this.#nextId++;
      const line = requestLine(id, method, params);
      const timer = setTimeout(() => {
        this.#settle(id)?.reject(new KeybearerError('timeout', 'the broker did not answer in time'));
      }, timeout);
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.ref();
      this.#socket.write(line);
    });
  }

  /** Ends the connection; calls that are under way fail with "connection_lost". @returns {Promise<void>} */
  close() {
    this.#end('it was closed by this program');
    return this.#socket.closed ? Promise.resolve() : new Promise((resolve) => this.#socket.once('close', resolve));
  }

  #settle(id) {
    const waiting = this.#pending.get(id);
    if (waiting) {
      clearTimeout(waiting.timer);
      this.#pending.delete(id);
      if (this.#pending.size === 0) {
        this.#socket.unref();
      }
    }
    return waiting;
  }

  #end(why) {
    if (this.#ended === null) {
      this.#ended = why;
      this.#socket.destroy();
      this.#parts = [];
      this.#rejectAll(() => connectionLost(why));
    }
  }

  #rejectAll(makeError) {
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id).reject(makeError());
    }
  }

  #take(chunk) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      if (!this.#keep(chunk.subarray(start, end))) {
        return;
      }
      const line = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#partBytes = 0;
      this.#answer(line);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part) {
    this.#partBytes += part.length;
    if (this.#ended === null && this.#partBytes > MAX_LINE_BYTES) {
      this.#end('its answer is too long');
    }
    if (this.#ended === null) {
      this.#parts.push(part);
    }
    return this.#ended === null;
  }

  #answer(line) {
    const message = parsed(line);
    if (message === null) {
      this.#end('its answer is not JSON');
      return;
    }
    if (Object.hasOwn(message, 'method')) {
      return; // a notification
    }
    if (message.id === null && isObject(message.error)) {
      // The broker could not read a line, does not know whose, and closes: every call that is under way is lost.
      this.#rejectAll(() => brokersError(message.error));
      return;
    }
    const waiting = this.#settle(message.id);
    if (!waiting) {
      return; // too late, or not ours
    }
    if (isObject(message.error)) {
      waiting.reject(brokersError(message.error));
    } else if (isObject(message.result)) {
      waiting.resolve(message.result);
    } else {
      waiting.reject(connectionLost('its answer is neither a result nor an error'));
      this.#end('its answer is neither a result nor an error');
    }
  }
}

function connected(path, timeout) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path });
    const failed = (error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const onError = (error) => failed(noBroker(path, error.code));
    const timer = setTimeout(() => {
      failed(new KeybearerError('timeout', 'the broker did not take the connection in time'));
    }, timeout);
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}

/** The request's line. What would make the broker close the connection, with all calls on it, is refused here. */
function requestLine(id, method, params) {
  let line;
  try {
    line = Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id, method, params }, checked)}\n`);
  } catch (error) {
    // JSON.stringify's own messages may quote what it was given.
    throw error instanceof KeybearerError ? error : invalidParams('the parameters cannot be written as JSON');
  }
  if (line.length - 1 > MAX_LINE_BYTES) {
    throw new KeybearerError('parse_error', 'the request is longer than 1 MiB');
  }
  return line;
}

/** @this {any} the object or list that holds the value */
function checked(key, value) {
  for (const text of [key, value]) {
    if (typeof text === 'string' && (text.includes('\0') || !text.isWellFormed())) {
      throw new KeybearerError('parse_error', 'a parameter holds a NUL or is not well-formed Unicode');
    }
  }
  if (isMasked(this[key])) {
    throw invalidParams(`${key} would be sent with masks in the place of its secrets; take its values out first`);
  }
  return value;
}

/** The line as an object, or null. JSON.parse's own message would quote the line. */
function parsed(line) {
  try {
    const message = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
    return isObject(message) ? message : null;
  } catch {
    return null;
  }
}

function brokersError(error) {
  const data = isObject(error.data) ? error.data : {};
  const kind = typeof data.kind === 'string' ? data.kind : 'internal';
  const message = typeof error.message === 'string' ? error.message : 'the broker refused without a reason';
  return new KeybearerError(kind, message, data);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
