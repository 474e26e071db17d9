// A small file that is there whole or not at all, and for its owner's eyes only.
import { randomBytes } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./accident.js";

/** Replaces the file at `path` (mode 0600). A reader, or a crash at any moment, finds the old text or the new. */
export const writeWhole = (path: string, text: string | Uint8Array): Promise<void> =>
  drafted(path, text, (draft) => rename(draft, path));

/** Makes the file at `path` (mode 0600), whole or not at all. Returns false, and changes nothing, where one is there. */
export async function writeNew(path: string, text: string | Uint8Array): Promise<boolean> {
  try {
    await drafted(path, text, (draft) => link(draft, path));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** The draft's name cannot be foreseen, and a file of that name is never written through: nobody can lay a link there. */
async function drafted(
  path: string,
  text: string | Uint8Array,
  publish: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString("hex")}.new`);
  const file = await open(draft, "wx", 0o600);
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Makes a name in the folder durable. Windows cannot open a folder, and orders its renames itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
