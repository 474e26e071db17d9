// The format of a key file: versioned JSON, the public key in the open, the seed sealed or, if so asked, plain.
import { z } from "zod";
import { type Bytes, fromHex, invariant, toHex, utf8 } from "../../src/index.js";
import { SEED_BYTES } from "../crypto/signer.js";
import { KeyError } from "./key-error.js";
import { NONCE_BYTES, SALT_BYTES, SCRYPT, type Sealed } from "./seal.js";

/** A key serves one purpose: an economic identity, a seat's votes, or a daemon's connections (spec/encoding#S6). */
export const KEY_KINDS = ["agent", "consensus", "peer"] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** What a key file says. */
export interface KeyFile {
  readonly kind: KeyKind;
  readonly publicKey: Bytes;
  readonly secret: { readonly sealed: Sealed } | { readonly plainSeed: Bytes };
}

const hexOf = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * length}}$`));

const fileShape = z.strictObject({
  v: z.literal(1),
  kind: z.enum(KEY_KINDS),
  publicKey: hexOf(32),
  crypto: z
    .strictObject({
      cipher: z.literal("xchacha20-poly1305"),
      nonce: hexOf(NONCE_BYTES),
      ciphertext: hexOf(SEED_BYTES + 16),
      kdf: z.literal("scrypt"),
      salt: hexOf(SALT_BYTES),
      n: z.literal(SCRYPT.n),
      r: z.literal(SCRYPT.r),
      p: z.literal(SCRYPT.p),
    })
    .optional(),
  plainSeed: hexOf(SEED_BYTES).optional(),
});

/** What the seal authenticates beside the seed: a file whose kind or public key was changed does not open. */
export const sealContext = (kind: KeyKind, publicKey: Bytes): Bytes =>
  utf8(`mabeam/1/keyfile/${kind}/${toHex(publicKey)}`);

export function writeKeyFile(file: KeyFile): string {
  const head = { v: 1, kind: file.kind, publicKey: toHex(file.publicKey) };
  if ("plainSeed" in file.secret) {
    return `${JSON.stringify({ ...head, plainSeed: toHex(file.secret.plainSeed) }, null, 2)}\n`;
  }
  const { salt, nonce, ciphertext } = file.secret.sealed;
  const crypto = {
    cipher: "xchacha20-poly1305",
    nonce: toHex(nonce),
    ciphertext: toHex(ciphertext),
    kdf: "scrypt",
    salt: toHex(salt),
    ...SCRYPT,
  };
  return `${JSON.stringify({ ...head, crypto }, null, 2)}\n`;
}

/**
 * @param name of the file, for the messages
 * @throws KeyError KEY_VERSION for a later version, KEY_CORRUPT for anything else that is no key file
 */
export function readKeyFile(text: string, name: string): KeyFile {
  const raw = parseJson(text, name);
  const version = typeof raw === "object" && raw !== null && "v" in raw ? raw.v : undefined;
  if (typeof version === "number" && version > 1) {
    throw new KeyError(
      "KEY_VERSION",
      `the key file ${name} has version ${version}`,
      "this mabeam knows version 1",
      "use the mabeam that wrote it, or a later one",
    );
  }
  const shape = fileShape.safeParse(raw);
  if (!shape.success) throw corrupt(name, z.prettifyError(shape.error).split("\n")[0]!);
  const { kind, publicKey, crypto, plainSeed } = shape.data;
  const head = { kind, publicKey: unhex(publicKey) };
  if (plainSeed !== undefined && crypto === undefined) {
    return { ...head, secret: { plainSeed: unhex(plainSeed) } };
  }
  if (crypto !== undefined && plainSeed === undefined) {
    const { salt, nonce, ciphertext } = crypto;
    return {
      ...head,
      secret: { sealed: { salt: unhex(salt), nonce: unhex(nonce), ciphertext: unhex(ciphertext) } },
    };
  }
  throw corrupt(name, "it must have a sealed seed or a plain one, and not both");
}

export const corrupt = (name: string, why: string): KeyError =>
  new KeyError(
    "KEY_CORRUPT",
    `the key file ${name} is damaged`,
    why,
    "restore the file from a backup: nothing else can make it again",
  );

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupt(name, "it is no JSON");
  }
}

function unhex(text: string): Bytes {
  const bytes = fromHex(text);
  invariant(bytes !== null, "the shape admits only hexadecimal");
  return bytes;
}
