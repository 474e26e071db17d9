// Keys on disk: made, opened, listed, moved, and the passphrase that guards them.
export { KeyError, type KeyErrorCode } from "./key-error.js";
export type { KeyKind } from "./key-file.js";
export {
  createKey,
  exportKey,
  importKey,
  type KeyEntry,
  type LoadedKey,
  listKeys,
  loadKey,
  type Protection,
  storeKey,
} from "./key-store.js";
export { type PassphraseSources, takePassphrase } from "./passphrase.js";
