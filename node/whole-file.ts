// A small file that is there whole or not at all, and for its owner's eyes only.
import { open, rename, rm } from "node:fs/promises";

/** Replaces the file at `path` (mode 0600). A reader, or a crash at any moment, finds the old text or the new. */
export async function writeWhole(path: string, text: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  try {
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
