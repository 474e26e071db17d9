// The data folder: made for its owner's eyes only, and held by one daemon at a time.
import { chmod, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Level } from "level";
import { Accident, codeOf, messageOf } from "./accident.js";
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
/** How long the loser of a race waits for the winner to write its pid down. */
const PID_WAIT_MS = 500;
const SMALL = { cacheSize: 8 * 1024, writeBufferSize: 64 * 1024 };

/**
 * Takes the folder for this process, making it (mode 0700) where it is not yet.
 *
 * The lock is the kernel's: Node has no `flock`, but LevelDB holds an advisory lock on its LOCK file as long as it is
 * open, so an empty database in `lock/` is a lock that no crash leaves behind and no pid, reused or not, can forge.
 * The pid file beside it only says whom to ask.
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
      `remove ${join(path, LOCK_FOLDER)}, which holds no data, and start again`,
    );
  }
  const pidFile = join(path, PID_FILE);
  try {
    await writeWhole(pidFile, `${process.pid}\n`);
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

/** The pid of the daemon that holds the folder, as far as it has said; null if it does not say. */
export async function lockHolder(path: string): Promise<number | null> {
  for (let waited = 0; ; waited += 50) {
    const text = await readFile(join(path, PID_FILE), "utf8").catch(() => "");
    const pid = Number.parseInt(text, 10);
    if (pid > 0 && isAlive(pid)) return pid;
    if (waited >= PID_WAIT_MS) return null;
    await wait(50);
  }
}

/** Whether a process of this id runs now: enough to name it, never enough to decide by. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function heldError(path: string, pid: number | null, cause: unknown): LockError {
  const holder = pid === null ? "another process" : `process ${pid}`;
  const end = pid === null ? "stop the other daemon" : `stop it with \`kill ${pid}\``;
  return new LockError(
    "LOCK_HELD",
    `could not use the folder ${path}`,
    `${holder} is using it`,
    `${end}, or give this daemon another folder with --home`,
    cause,
  );
}

/** Makes the folder, or sees to it that nobody else reads it: keys and openings of bids lie there. */
async function makePrivate(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (process.platform === "win32" || ((await stat(path)).mode & 0o077) === 0) return;
    const names = await readdir(path);
    if (names.length === 0 || names.includes(LOCK_FOLDER)) return await chmod(path, 0o700);
  } catch (error) {
    throw unusable(path, error, "name a folder that this user may make or write, with --home");
  }
  // A folder full of other things may be somebody's home: its mode is not ours to change.
  throw new LockError(
    "FOLDER_OPEN",
    `could not use the folder ${path}`,
    "it holds other files, and other users may look into it",
    `name an empty folder with --home, or close this one with \`chmod 700 ${path}\``,
  );
}

const unusable = (path: string, error: unknown, fix: string): LockError =>
  new LockError("FOLDER_UNUSABLE", `could not use the folder ${path}`, messageOf(error), fix, error);
