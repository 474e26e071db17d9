// The data folder: made for its owner's eyes only, and held by one daemon at a time.
import { chmod, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Level } from "level";
import { Accident, codeOf, messageOf } from "./accident.js";
import { pathsOf } from "./config/paths.js";
import { openToOthers } from "./own-file.js";
import { escaped } from "./printable.js";
import { isAlive, processPlace } from "./process-place.js";
import { shellWord } from "./shell-word.js";
import { writeWhole } from "./whole-file.js";

export type LockErrorCode = "LOCK_HELD" | "FOLDER_OPEN" | "FOLDER_UNUSABLE";

export class LockError extends Accident<LockErrorCode> {
  override readonly name = "LockError";
}

export interface FolderLock {
  readonly path: string;
  /** Lets the folder go. The kernel does it for a process that dies, however it dies. */
  release(): Promise<void>;
}

const LOCK_FOLDER = "lock";
const PID_FILE = "daemon.pid";
const { home: _, ...DATA_FILES } = pathsOf(".");
const OUR_FILES: ReadonlySet<string> = new Set([
  ...Object.values(DATA_FILES).map((path) => basename(path)),
  LOCK_FOLDER,
  PID_FILE,
  "store.restoring",
  "config.toml",
  "peers",
  "peers.log",
  "testnet.json",
  "testnet.log",
]);
/** How long the loser of a race waits for the winner to write its pid down. */
const PID_WAIT_MS = 500;
const SMALL = { cacheSize: 8 * 1024, writeBufferSize: 64 * 1024 };

/**
 * Takes the folder for this process, making it (mode 0700) where it is not yet.
 *
 * The lock is the kernel's: Node has no `flock`, but LevelDB holds an advisory lock on its LOCK file as long as it is
 * open, so an empty database in `lock/` is a lock that no crash leaves behind and no pid, reused or not, can forge.
 * The pid file beside it only says whom to ask, and where that process id counts.
 * @throws LockError: LOCK_HELD naming the pid that holds it; FOLDER_OPEN when others may read it; FOLDER_UNUSABLE
 */
export async function lockFolder(path: string): Promise<FolderLock> {
  await makePrivate(path);
  const lock = new Level(join(path, LOCK_FOLDER), SMALL);
  try {
    await lock.open();
  } catch (error) {
    await lock.close();
    const cause = (error as { cause?: unknown }).cause;
    if (codeOf(cause) === "LEVEL_LOCKED") throw heldError(path, await lockHolder(path), error);
    throw unusable(
      path,
      cause ?? error,
      `remove ${shellWord(join(path, LOCK_FOLDER))}, which holds no data, and start again`,
    );
  }
  const pidFile = join(path, PID_FILE);
  try {
    await writeWhole(pidFile, `${process.pid}\n${processPlace()}\n`);
  } catch (error) {
    await lock.close();
    throw unusable(path, error, `make ${path} writable and its disk roomy`);
  }
  return {
    path,
    async release() {
      if (lock.status !== "open") return;
      await rm(pidFile, { force: true });
      await lock.close();
    },
  };
}

/** Who holds a folder, as far as it has said. */
export interface LockHolder {
  readonly pid: number;
  /** the machine or container where that process id counts, if it is not this one; null: here, and it runs */
  readonly elsewhere: string | null;
}

/** Null if the holder does not say who it is. */
export async function lockHolder(path: string): Promise<LockHolder | null> {
  for (let waited = 0; ; waited += 50) {
    const holder = holderIn(await readFile(join(path, PID_FILE), "utf8").catch(() => ""));
    if (holder !== null && (holder.elsewhere !== null || isAlive(holder.pid))) return holder;
    if (waited >= PID_WAIT_MS) return null;
    await wait(50);
  }
}

/** Two lines: the process id, and where it counts. */
function holderIn(text: string): LockHolder | null {
  const match = /^([1-9][0-9]{0,9})\n([^\n]+)\n$/.exec(text);
  if (match === null) return null;
  const [, pid, place] = match;
  return { pid: Number(pid), elsewhere: place === processPlace() ? null : place!.split(" ")[0]! };
}

function heldError(path: string, holder: LockHolder | null, cause: unknown): LockError {
  return new LockError(
    "LOCK_HELD",
    `could not use the folder ${path}`,
    `${holderText(holder)} is using it`,
    `${endOf(holder)}, or give this daemon another folder with --home`,
    cause,
  );
}

function holderText(holder: LockHolder | null): string {
  if (holder === null) return "another process";
  const where =
    holder.elsewhere === null ? "" : ` of another machine or container, ${escaped(holder.elsewhere)},`;
  return `process ${holder.pid}${where}`;
}

function endOf(holder: LockHolder | null): string {
  if (holder === null) return "stop the other daemon";
  return holder.elsewhere === null ? `stop it with \`kill ${holder.pid}\`` : "stop it there";
}

/** Makes the folder, or sees to it that nobody else reads it: keys and openings of bids lie there. */
async function makePrivate(path: string): Promise<void> {
  let why: string | null;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const found = await stat(path);
    why = openToOthers(found);
    if (why === null) return;
    const isOwn = found.uid === process.getuid?.();
    const names = await readdir(path);
    if (isOwn && (names.includes(LOCK_FOLDER) || names.every(isOurs))) return await chmod(path, 0o700);
    if (isOwn) why = "it holds other files, and other users may look into it";
  } catch (error) {
    throw unusable(path, error, "name a folder that this user may make or write, with --home");
  }
  // A folder full of other things may be somebody's home: its mode is not ours to change.
  throw new LockError(
    "FOLDER_OPEN",
    `could not use the folder ${path}`,
    why,
    `name an empty folder with --home, or as its owner close this one with \`chmod 700 ${shellWord(path)}\``,
  );
}

/** Whether a data folder, or a testnet's, holds a file of this name: a folder of nothing else is ours to close. */
const isOurs = (name: string): boolean => OUR_FILES.has(name) || /^\..*\.(new|tmp)$/.test(name);

const unusable = (path: string, error: unknown, fix: string): LockError =>
  new LockError("FOLDER_UNUSABLE", `could not use the folder ${path}`, messageOf(error), fix, error);
