// The folder that chooses an account, as the broker compares it: absolute and without a symbolic link.
import { isUtf8 } from 'node:buffer';
import { realpathSync, statSync } from 'node:fs';
import { invalidValue } from './errors.js';

/**
 * Which account token.get is to take: the named one, else that of the directory, else that of the current folder.
 * @param {string | null} [account]
 * @param {string} [directory]
 * @returns {{ account?: string, directory?: string }}
 * @throws {import('./errors.js').KeybearerError} invalid_value
 */
export function accountParams(account, directory) {
  if (account === undefined || account === null) {
    return { directory: directory === undefined ? currentFolder() : realFolder(directory) };
  }
  if (directory !== undefined) {
    throw invalidValue('name an account or a directory, not both');
  }
  return { account };
}

/** Undefined when there is none, as when it was deleted: the only account may still be meant. */
function currentFolder() {
  try {
    // Not process.cwd(), which remembers the path of a folder that was deleted or moved.
    return textOf(realPath('.'));
  } catch {
    return undefined;
  }
}

function realFolder(directory) {
  if (typeof directory !== 'string') {
    throw invalidValue('directory must be a string');
  }
  const path = folderAt(directory);
  if (path === undefined) {
    throw invalidValue(`${JSON.stringify(directory)} is no folder`);
  }
  const text = textOf(path);
  if (text === undefined) {
    throw invalidValue(`the path of the folder ${JSON.stringify(directory)} is not UTF-8`);
  }
  return text;
}

function folderAt(directory) {
  try {
    const path = realPath(directory);
    return statSync(path).isDirectory() ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Of the system, not of Node's own loop, which takes "missing/.." for the folder that "missing" would be in. */
function realPath(path) {
  return realpathSync.native(path, { encoding: 'buffer' });
}

/** Undefined for other bytes, which JSON cannot hold and Node would replace. */
function textOf(path) {
  return isUtf8(path) ? path.toString() : undefined;
}
