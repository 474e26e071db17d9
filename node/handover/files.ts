// Where goods lie: one folder of flat files, or memory where a peer has no folder.
import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Bytes } from "../../src/index.js";
import { codeOf } from "../accident.js";
import { writeWhole } from "../whole-file.js";

export interface Files {
  /** names with the time in ms at which each was written last */
  list(): Promise<readonly { readonly name: string; readonly writtenMs: number }[]>;
  /** null: there is no such file */
  read(name: string): Promise<Bytes | null>;
  /** whole or not at all, and durable */
  write(name: string, bytes: Bytes): Promise<void>;
  /** as many of these bytes as the file has */
  readAt(name: string, offset: number, length: number): Promise<Bytes>;
  writeAt(name: string, offset: number, bytes: Bytes): Promise<void>;
  /** what was written at places of it is durable */
  sync(name: string): Promise<void>;
  rename(name: string, to: string): Promise<void>;
  /** no failure if it is not there */
  remove(name: string): Promise<void>;
}

/** The folder is made with the first file. */
export function filesIn(folder: string): Files {
  const at = (name: string): string => join(folder, name);
  let made: Promise<unknown> | null = null;
  const make = (): Promise<unknown> => {
    made ??= mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
  const within = async <T>(
    name: string,
    flags: string | number,
    work: (file: Handle) => Promise<T>,
  ): Promise<T> => {
    const file = await open(at(name), flags, 0o600);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  };
  return {
    async list() {
      const names = await readdir(folder).catch((error: unknown) => absent(error, []));
      return Promise.all(names.map(async (name) => ({ name, writtenMs: (await stat(at(name))).mtimeMs })));
    },
    read: (name) => readFile(at(name)).catch((error: unknown) => absent(error, null)),
    async write(name, bytes) {
      await make();
      await writeWhole(at(name), bytes);
    },
    async readAt(name, offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      const read = within(name, "r", (file) => file.read(bytes, 0, length, offset));
      const { bytesRead } = await read.catch((error: unknown) => absent(error, { bytesRead: 0 }));
      return bytes.subarray(0, bytesRead);
    },
    async writeAt(name, offset, bytes) {
      await make();
      await within(name, IN_PLACE, async (file) => {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
          done += bytesWritten;
        }
      });
    },
    sync: (name) => within(name, "r+", (file) => file.sync()),
    rename: (name, to) => rename(at(name), at(to)),
    remove: (name) => rm(at(name), { force: true }),
  };
}

type Handle = Awaited<ReturnType<typeof open>>;

/** In place; the file is made if it is not there. */
const IN_PLACE = constants.O_RDWR | constants.O_CREAT;

/** What to take for a file or folder that is not there. @throws every other failure */
function absent<T>(error: unknown, instead: T): T {
  if (codeOf(error) === "ENOENT") return instead;
  throw error;
}

/** The same for a peer without a folder: what it holds ends with it. */
export function filesInMemory(nowMs: () => number): Files {
  const files = new Map<string, { bytes: Bytes; writtenMs: number }>();
  const put = (name: string, bytes: Bytes): void => void files.set(name, { bytes, writtenMs: nowMs() });
  return {
    list: async () => [...files].map(([name, { writtenMs }]) => ({ name, writtenMs })),
    read: async (name) => files.get(name)?.bytes ?? null,
    write: async (name, bytes) => put(name, Uint8Array.from(bytes)),
    readAt: async (name, offset, length) =>
      files.get(name)?.bytes.slice(offset, offset + length) ?? new Uint8Array(0),
    async writeAt(name, offset, bytes) {
      const old = files.get(name)?.bytes ?? new Uint8Array(0);
      const grown = new Uint8Array(Math.max(old.length, offset + bytes.length));
      grown.set(old);
      grown.set(bytes, offset);
      put(name, grown);
    },
    sync: async () => undefined,
    async rename(name, to) {
      const file = files.get(name);
      files.delete(name);
      if (file !== undefined) files.set(to, file);
    },
    remove: async (name) => void files.delete(name),
  };
}
