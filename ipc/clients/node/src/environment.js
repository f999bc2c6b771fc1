import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { invalidValue } from './errors.js';

const MAX_FILE_BYTES = 64 * 1024;
// The members of a described field that name variables, in the order in which their names are sent.
const VARIABLES = ['variables', 'path_variables', 'configured_variables', 'configured_path_variables'];

/**
 * A variable's value; one that is set to nothing counts as unset.
 * @param {Record<string, string | undefined>} environment
 * @param {string} name
 * @returns {string | undefined}
 */
export function variable(environment, name) {
  return Object.hasOwn(environment, name) ? environment[name] || undefined : undefined;
}

/**
 * The names of a provider's variables that are set: the catalogue's, and those that config.toml names.
 * @param {any} described the result of provider.describe
 * @param {Record<string, string | undefined>} environment
 * @returns {string[]}
 */
export function variablesSet(described, environment) {
  // An older broker does not have all four.
  const names = (described.fields ?? []).flatMap((field) => VARIABLES.flatMap((member) => field[member] ?? []));
  return [...new Set(names)].filter((name) => variable(environment, name) !== undefined);
}

/**
 * The client key of this process, from a variable or from the file that one names; undefined when neither is set.
 * @param {Record<string, string | undefined>} environment
 * @returns {Promise<string | undefined>}
 */
export async function clientKeyOf(environment) {
  const path = variable(environment, 'KEYBEARER_CLIENT_KEY_FILE');
  return variable(environment, 'KEYBEARER_CLIENT_KEY') ??
    (path === undefined ? undefined : readNamedFile('KEYBEARER_CLIENT_KEY_FILE', path));
}

/**
 * The content of the file that a variable names, without the line feeds at its end. The messages name the variable
 * only: by mistake, it may hold the secret itself instead of a path.
 * @param {string} name
 * @param {string} path
 * @returns {Promise<string>}
 */
export async function readNamedFile(name, path) {
  const unreadable = (why) => invalidValue(`the file that ${name} names ${why}`);
  let file;
  try {
    // Without O_NONBLOCK a pipe in the place of the file would hold this process up.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(`cannot be read (${error.code})`);
  }
  try {
    const info = await file.stat();
    if (!info.isFile()) {
      throw unreadable('is not a regular file');
    }
    if ((info.mode & 0o077) !== 0) {
      throw unreadable('is open to other users; run chmod 600 on it');
    }
    if (info.size > MAX_FILE_BYTES) {
      throw unreadable('is longer than 64 KiB');
    }
    return textOf(await readWhole(file, info.size, unreadable), unreadable);
  } finally {
    await file.close();
  }
}

async function readWhole(file, size, unreadable) {
  const content = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(content, done, size - done).catch((error) => {
      throw unreadable(`cannot be read (${error.code})`);
    });
    if (bytesRead === 0) {
      throw unreadable('changed while it was read');
    }
    done += bytesRead;
  }
  return content;
}

function textOf(content, unreadable) {
  let end = content.length;
  while (end > 0 && (content[end - 1] === 0x0a || content[end - 1] === 0x0d)) {
    end -= 1;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content.subarray(0, end));
  } catch {
    throw unreadable('is not UTF-8 text');
  }
}
