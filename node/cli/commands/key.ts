// `key list`, `key create`, `key import`, `key export`: the keys of the data folder, without a daemon.
import { toHex } from "../../../src/base/index.js";
import { Accident, messageOf } from "../../accident.js";
import { timeOf } from "../../contract/index.js";
import { openAgentKey } from "../../daemon-keys.js";
import { MOST_SIGNED_MS, SIGNED_FIELD, signedField } from "../../gateway/signed-agent.js";
import {
  createKey,
  exportKey,
  importKey,
  type KeyEntry,
  KeyError,
  type KeyKind,
  listKeys,
  type Protection,
  takePassphrase,
} from "../../keys/index.js";
import { beginSeat } from "../../new-seat.js";
import { EncodingError, readText } from "../../text-file.js";
import { usageFailure } from "../failure.js";
import { print, short, table } from "../show.js";
import type { Terminal } from "../terminal.js";
import { type ConfigFlags, configOf } from "./config.js";

interface GuardFlags extends ConfigFlags {
  readonly passphraseFile?: string;
  readonly insecurePlainKeys?: true;
}

/** The name of the key that a daemon votes with. */
const SEAT_KEY = "consensus";

const viewOf = (entry: KeyEntry) => ({
  name: entry.name,
  kind: entry.kind,
  publicKey: toHex(entry.publicKey),
  encrypted: !entry.plain,
});

export async function list(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  const { paths } = await configOf(terminal, flags);
  const items = listKeys(paths.keys).map(viewOf);
  print(terminal, flags.json === true, { apiVersion: "v1", kind: "KeyList", items, nextCursor: null }, () =>
    table(
      terminal,
      ["NAME", "KIND", "PUBLIC KEY", "ENCRYPTED"],
      items.map((one) => [one.name, one.kind, one.publicKey, one.encrypted ? "yes" : "no"]),
      `No keys in ${paths.keys}.`,
    ),
  );
}

export async function create(
  terminal: Terminal,
  flags: GuardFlags & { readonly kind: KeyKind },
  name: string,
): Promise<void> {
  const { paths } = await configOf(terminal, flags);
  const made = await createKey(paths.keys, name, flags.kind, protectionOf(terminal, flags));
  // Nobody else will ever know that this seat has signed nothing yet; an imported one may have.
  if (name === SEAT_KEY && flags.kind === "consensus") await beginSeat(paths.store);
  tell(terminal, flags, made, "Made");
}

export async function importFile(
  terminal: Terminal,
  flags: GuardFlags & { readonly filePassphraseFile?: string },
  name: string,
  file: string,
): Promise<void> {
  const { paths } = await configOf(terminal, flags);
  const text = readKeyText(file);
  const own = passphraseOf(terminal, flags.passphraseFile);
  const theirs =
    flags.filePassphraseFile === undefined ? own : passphraseOf(terminal, flags.filePassphraseFile);
  const stored = await importKey(paths.keys, name, text, theirs, protection(flags, own));
  tell(terminal, flags, stored, "Imported");
}

/** What a client of any kind sends beside its requests, as long as it holds. */
export async function header(
  terminal: Terminal,
  flags: ConfigFlags & { readonly for: number; readonly passphraseFile?: string },
  name: string,
): Promise<void> {
  const { paths } = await configOf(terminal, flags);
  if (flags.for > MOST_SIGNED_MS)
    throw usageFailure("could not sign", "--for is longer than 31 days", "give less, such as --for 7d");
  const entry = listKeys(paths.keys).find((one) => one.name === name);
  if (entry?.kind !== "agent")
    throw new KeyError(
      "KEY_NOT_FOUND",
      "could not sign",
      `there is no key of an agent called ${name} in ${paths.keys}`,
      "see those that there are with `mabeam key list`",
    );
  const passphrase = passphraseOf(terminal, flags.passphraseFile);
  const sources = { folder: paths.keys, passphrase, insecurePlainKeys: entry.plain };
  const { key } = await openAgentKey(sources, name);
  const untilMs = Date.now() + flags.for;
  const value = signedField(key, untilMs);
  const view = { field: SIGNED_FIELD, value, agent: toHex(key.publicKey), until: timeOf(untilMs) };
  print(terminal, flags.json === true, { apiVersion: "v1", kind: "KeyHeader", ...view }, () =>
    terminal.out(`${SIGNED_FIELD}: ${value}`),
  );
}

/** The key file's text is the data: `--json` changes nothing, since it is JSON already. */
export async function exportToOut(terminal: Terminal, flags: GuardFlags, name: string): Promise<void> {
  const { paths } = await configOf(terminal, flags);
  const passphrase = passphraseOf(terminal, flags.passphraseFile);
  const text = await exportKey(paths.keys, name, passphrase, protection(flags, passphrase));
  terminal.out(JSON.stringify(JSON.parse(text)));
}

function tell(terminal: Terminal, flags: ConfigFlags, entry: KeyEntry, did: string): void {
  const key = viewOf(entry);
  const how = key.encrypted ? "encrypted" : "unencrypted";
  print(terminal, flags.json === true, { apiVersion: "v1", kind: "Key", key }, () =>
    terminal.out(`${did} the ${key.kind} key ${key.name}, ${how}: ${short(key.publicKey)}`),
  );
}

const passphraseOf = (terminal: Terminal, file: string | undefined): string | null =>
  takePassphrase({ env: { ...terminal.env }, file: file ?? null, descriptor: null });

const protectionOf = (terminal: Terminal, flags: GuardFlags): Protection =>
  protection(flags, flags.insecurePlainKeys === true ? null : passphraseOf(terminal, flags.passphraseFile));

/** @throws KeyError NO_PASSPHRASE: a key is never left unencrypted by accident */
function protection(flags: GuardFlags, passphrase: string | null): Protection {
  if (flags.insecurePlainKeys === true) return { kind: "plain" };
  if (passphrase !== null) return { kind: "passphrase", passphrase };
  throw new KeyError(
    "NO_PASSPHRASE",
    "could not protect the key",
    "no passphrase was given",
    "set MABEAM_PASSPHRASE or name a file with --passphrase-file; for tests only, --insecure-plain-keys",
  );
}

function readKeyText(file: string): string {
  try {
    return readText(file);
  } catch (error) {
    if (error instanceof EncodingError) throw error;
    throw new Accident(
      "KEY_NOT_FOUND",
      `could not read ${file}`,
      messageOf(error),
      "name an exported key file",
      error,
    );
  }
}
