// A folder of keys: made, opened, listed, and moved between machines.
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type AgentKey, type Bytes, equalBytes } from "../../src/index.js";
import { agentKey, SEED_BYTES } from "../crypto/signer.js";
import { KeyError } from "./key-error.js";
import { corrupt, type KeyFile, type KeyKind, readKeyFile, sealContext, writeKeyFile } from "./key-file.js";
import { privateDirectory, readPrivateText, writePrivateFile } from "./private-files.js";
import { type Sealed, seal, unseal } from "./seal.js";

/** How a seed lies on disk. `plain` is what --insecure-plain-keys asks for, and status then says so. */
export type Protection =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "plain" };

export interface KeyEntry {
  readonly name: string;
  readonly kind: KeyKind;
  readonly publicKey: Bytes;
  /** whether the seed lies on disk unencrypted */
  readonly plain: boolean;
}

/** An opened key. Printing it shows no secret: the seed is behind a function, for libp2p and for export. */
export interface LoadedKey extends KeyEntry {
  readonly key: AgentKey;
  readonly revealSeed: () => Bytes;
}

const SUFFIX = ".json";
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Makes a new key of fresh randomness. @throws KeyError BAD_NAME, KEY_EXISTS, TOO_OPEN */
export const createKey = (
  dir: string,
  name: string,
  kind: KeyKind,
  protection: Protection,
): Promise<LoadedKey> => storeKey(dir, name, kind, new Uint8Array(randomBytes(SEED_BYTES)), protection);

/** Stores a key of a known 32-byte seed: testnets whose keys follow from a number, restored backups. */
export async function storeKey(
  dir: string,
  name: string,
  kind: KeyKind,
  seed: Bytes,
  protection: Protection,
): Promise<LoadedKey> {
  const path = pathOf(dir, name);
  privateDirectory(dir);
  if (existsSync(path)) throw exists(name, path);
  const file = await protect(kind, seed, protection);
  if (!writePrivateFile(path, writeKeyFile(file))) throw exists(name, path);
  return opened(name, file, seed);
}

/**
 * Opens a key.
 * @param passphrase null: only a plain key opens
 * @throws KeyError KEY_NOT_FOUND, KEY_KIND, NO_PASSPHRASE, WRONG_PASSPHRASE, TOO_OPEN, KEY_CORRUPT, KEY_VERSION
 */
export async function loadKey(
  dir: string,
  name: string,
  kind: KeyKind,
  passphrase: string | null,
): Promise<LoadedKey> {
  const file = stored(dir, name);
  if (file.kind !== kind) {
    throw new KeyError(
      "KEY_KIND",
      `the key ${name} cannot serve here`,
      `it is of kind ${file.kind}, and a key of kind ${kind} is needed; one key never serves two purposes`,
      "run `mabeam key list`, and name another key",
    );
  }
  return opened(name, file, await openSeed(name, file, passphrase));
}

/** The keys of a folder by name, without opening them; none if there is no folder. @throws KeyError as `loadKey` */
export function listKeys(dir: string): readonly KeyEntry[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith(SUFFIX) && NAME.test(file.slice(0, -SUFFIX.length)))
    .sort()
    .map((file) => {
      const name = file.slice(0, -SUFFIX.length);
      return entryOf(name, stored(dir, name));
    });
}

/**
 * The text of a key file for another machine, its seed protected anew.
 * @param passphrase of the stored key; null if it is plain
 */
export async function exportKey(
  dir: string,
  name: string,
  passphrase: string | null,
  protection: Protection,
): Promise<string> {
  const file = stored(dir, name);
  return writeKeyFile(await protect(file.kind, await openSeed(name, file, passphrase), protection));
}

/** Stores an exported key under a name of this folder. @param passphrase of the text; null if it is plain */
export async function importKey(
  dir: string,
  name: string,
  text: string,
  passphrase: string | null,
  protection: Protection,
): Promise<LoadedKey> {
  const file = readKeyFile(text, "to import");
  return storeKey(dir, name, file.kind, await openSeed("to import", file, passphrase), protection);
}

function pathOf(dir: string, name: string): string {
  if (NAME.test(name)) return join(dir, name + SUFFIX);
  throw new KeyError(
    "BAD_NAME",
    `“${name}” cannot name a key`,
    "a name is 1 to 64 of a–z, 0–9 and hyphens, and begins with a letter or digit",
    "choose another name",
  );
}

function stored(dir: string, name: string): KeyFile {
  const path = pathOf(dir, name);
  if (!existsSync(path)) {
    throw new KeyError(
      "KEY_NOT_FOUND",
      `there is no key ${name}`,
      `${path} does not exist`,
      "run `mabeam key list` to see the keys, or `mabeam key create` to make one",
    );
  }
  privateDirectory(dir);
  return readKeyFile(readPrivateText(path), path);
}

async function protect(kind: KeyKind, seed: Bytes, protection: Protection): Promise<KeyFile> {
  const { publicKey } = agentKey(seed);
  if (protection.kind === "plain") return { kind, publicKey, secret: { plainSeed: seed } };
  const sealed = await seal(seed, protection.passphrase, sealContext(kind, publicKey));
  return { kind, publicKey, secret: { sealed } };
}

async function openSeed(name: string, file: KeyFile, passphrase: string | null): Promise<Bytes> {
  const seed =
    "plainSeed" in file.secret
      ? file.secret.plainSeed
      : await openSealed(name, file, file.secret.sealed, passphrase);
  if (!equalBytes(agentKey(seed).publicKey, file.publicKey)) {
    throw corrupt(name, "its public key is not that of its seed");
  }
  return seed;
}

async function openSealed(
  name: string,
  file: KeyFile,
  sealed: Sealed,
  passphrase: string | null,
): Promise<Bytes> {
  if (passphrase === null) {
    throw new KeyError(
      "NO_PASSPHRASE",
      `the key ${name} is encrypted, and no passphrase was given`,
      "a passphrase comes from MABEAM_PASSPHRASE, a file or a file descriptor",
      "set MABEAM_PASSPHRASE, or name a file with --passphrase-file",
    );
  }
  const seed = await unseal(sealed, passphrase, sealContext(file.kind, file.publicKey));
  if (seed !== null) return seed;
  throw new KeyError(
    "WRONG_PASSPHRASE",
    `the key ${name} does not open`,
    "the passphrase is another one, or the file was changed",
    "check the passphrase; if it is right, restore the file from a backup",
  );
}

const exists = (name: string, path: string): KeyError =>
  new KeyError(
    "KEY_EXISTS",
    `there is a key ${name} already`,
    `${path} exists, and a key is never replaced`,
    "choose another name",
  );

const entryOf = (name: string, file: KeyFile): KeyEntry => ({
  name,
  kind: file.kind,
  publicKey: file.publicKey,
  plain: "plainSeed" in file.secret,
});

function opened(name: string, file: KeyFile, seed: Bytes): LoadedKey {
  return { ...entryOf(name, file), key: agentKey(seed), revealSeed: () => Uint8Array.from(seed) };
}
