// Files that only their owner may read: made 0600 in a 0700 directory, durable before they are visible, never replaced.
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../accident.js";
import { KeyError } from "./key-error.js";

const GROUP_AND_OTHERS = 0o077;

/** Makes the directory if it is missing. @throws KeyError TOO_OPEN if others may enter one that is there */
export function privateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  refuseOpen(path, "700");
}

/** @throws KeyError TOO_OPEN if anyone but the owner may touch the file */
export const refuseOpenFile = (path: string): void => refuseOpen(path, "600");

function refuseOpen(path: string, mode: string): void {
  if (process.platform === "win32") return; // modes say nothing there; the profile's access list guards the folder
  const found = statSync(path).mode & 0o777;
  if ((found & GROUP_AND_OTHERS) === 0) return;
  throw new KeyError(
    "TOO_OPEN",
    `other users of this machine may get at ${path}`,
    `its mode is 0${found.toString(8)}, and it holds secrets`,
    `run: chmod ${mode} '${path}'`,
  );
}

/**
 * Writes a file whole or not at all: a temporary file, synced, then linked under its name.
 * @returns false if a file of that name is there; it stays as it was
 */
export function writePrivateFile(path: string, text: string): boolean {
  const directory = dirname(path);
  const temporary = join(directory, `.${randomBytes(8).toString("hex")}.tmp`);
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(temporary, path);
  } catch (accident) {
    if (codeOf(accident) === "EEXIST") return false;
    throw accident;
  } finally {
    rmSync(temporary);
  }
  syncDirectory(directory);
  return true;
}

function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
