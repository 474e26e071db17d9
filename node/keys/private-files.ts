// Files that only their owner may read: made 0600 in a 0700 directory, durable before they are visible, never replaced.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../accident.js";
import { isMountedSecret, openToOthers } from "../own-file.js";
import { shellWord } from "../shell-word.js";
import { readText } from "../text-file.js";
import { KeyError } from "./key-error.js";

/** Makes the directory if it is missing. @throws KeyError TOO_OPEN if others may enter one that is there */
export function privateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const why = openToOthers(statSync(path));
  if (why !== null) throw tooOpen(path, why, `run: chmod 700 ${shellWord(path)}`);
}

/**
 * The text of a secret's file: this user's, for its eyes only, or mounted for it by an orchestrator, or a pipe.
 * @throws KeyError TOO_OPEN if anyone else may touch the file; EncodingError; and as `openSync` does
 */
export function readPrivateText(path: string): string {
  const file = openSync(path, "r");
  try {
    refuseOpen(path, fstatSync(file));
    return readText(file, path);
  } finally {
    closeSync(file);
  }
}

function refuseOpen(path: string, found: Stats): void {
  if (!found.isFile() || isMountedSecret(found)) return;
  const why = openToOthers(found);
  if (why === null) return;
  const mounted = "mount it with mode 0400 or 0440 (Kubernetes: defaultMode, Docker: mode)";
  const fix =
    found.uid === process.getuid?.() ? `run: chmod 600 ${shellWord(path)}` : `copy it, or ${mounted}`;
  throw tooOpen(path, why, `${fix}; a passphrase may also come from MABEAM_PASSPHRASE or a pipe`);
}

const tooOpen = (path: string, why: string, fix: string): KeyError =>
  new KeyError(
    "TOO_OPEN",
    `other users of this machine may get at ${path}`,
    `${why}, and it holds secrets`,
    fix,
  );

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
