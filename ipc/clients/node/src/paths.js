import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { userInfo } from 'node:os';
import { KeybearerError, invalidValue } from './errors.js';
import { variable } from './environment.js';

// The size of sun_path without the NUL at its end. Node would cut a longer path and connect to another one.
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * Where the broker listens: the first place of PROTOCOL.md that applies.
 * @param {Record<string, string | undefined>} environment
 * @param {string} [runUser] the folder of this user that a cron job finds
 * @returns {string}
 */
export function findSocket(environment, runUser = `/run/user/${process.geteuid()}`) {
  const socket = variable(environment, 'KEYBEARER_SOCKET');
  if (socket) {
    return checkedPath(socket, 'KEYBEARER_SOCKET');
  }
  const home = variable(environment, 'KEYBEARER_HOME');
  if (home) {
    return checkedPath(under(home, 'run/broker.sock'), 'KEYBEARER_HOME');
  }
  const run = variable(environment, 'XDG_RUNTIME_DIR');
  if (run?.startsWith('/')) {
    return checkedPath(under(run, 'keybearer/broker.sock'), 'XDG_RUNTIME_DIR');
  }
  if (isOwnFolder(runUser)) {
    return checkedPath(under(runUser, 'keybearer/broker.sock'), 'the socket');
  }
  return checkedPath(under(userHome(environment), '.local/state/keybearer/run/broker.sock'), 'HOME');
}

/**
 * @param {string} path
 * @param {string} what for the message
 * @returns {string} the path, when a socket can be there
 */
export function checkedPath(path, what) {
  if (typeof path !== 'string' || !path.startsWith('/') || path.includes('\0')) {
    throw invalidValue(`${what} must be an absolute path`);
  }
  const size = Buffer.byteLength(path);
  if (size > MAX_PATH_BYTES) {
    throw invalidValue(`the socket path is ${size} bytes long and the system allows ${MAX_PATH_BYTES}; ` +
      `set KEYBEARER_SOCKET to a shorter one: ${path}`);
  }
  return path;
}

/**
 * Fails with "unsafe" unless nobody else could have put the socket there, and with "no_broker" when there is none.
 * @param {string} socket
 */
export function checkPlace(socket) {
  const folder = dirname(socket);
  const info = statOf(folder, socket);
  if (!info.isDirectory()) {
    throw unsafe(`${folder} is ${info.isSymbolicLink() ? 'a symbolic link' : 'not a folder'}`);
  }
  if (info.uid !== process.geteuid()) {
    throw unsafe(`${folder} belongs to user ${info.uid}, not to user ${process.geteuid()}`);
  }
  if ((info.mode & 0o077) !== 0) {
    throw unsafe(`${folder} can be entered by other users; run: chmod 700 ${folder}`);
  }
  // Node cannot ask who listens (SO_PEERCRED), so the socket itself must be this user's as well.
  const file = statOf(socket, socket);
  if (!file.isSocket() || file.uid !== process.geteuid()) {
    throw unsafe(`${socket} is not a socket of this user`);
  }
}

/** @param {string} socket @param {string} why @returns {KeybearerError} */
export function noBroker(socket, why) {
  return new KeybearerError('no_broker', `no broker is running: ${socket}: ${why}`);
}

function unsafe(why) {
  return new KeybearerError('unsafe', `${why}; nothing was sent`);
}

function statOf(path, socket) {
  try {
    return lstatSync(path);
  } catch (error) {
    throw noBroker(socket, error.code === 'ENOENT' ? 'it does not exist' : error.code);
  }
}

function isOwnFolder(path) {
  const info = lstatSync(path, { throwIfNoEntry: false });
  return info !== undefined && info.isDirectory() && info.uid === process.geteuid();
}

function userHome(environment) {
  let home = variable(environment, 'HOME');
  if (!home) {
    try {
      home = userInfo().homedir; // cron and some service managers start programs without HOME
    } catch {
      home = '';
    }
  }
  if (!home.startsWith('/')) {
    throw invalidValue('HOME is not set to an absolute path; set HOME or KEYBEARER_HOME');
  }
  return home;
}

function under(folder, rest) {
  return folder.endsWith('/') ? folder + rest : `${folder}/${rest}`;
}
