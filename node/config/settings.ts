// The settings of a daemon: their types, their defaults, and how they are written as text.
import { z } from "zod";
import { InvariantError } from "../../src/base/index.js";
import { LOG_LEVELS } from "../log-level.js";
import { expandedPath } from "./paths.js";

let readsAsMultiaddr: (text: string) => boolean = () => {
  throw new InvariantError("addresses are judged after loadAddressRules");
};

/**
 * Loads what judges the settings that are addresses. Most commands have none to judge, and it is a quarter of what a
 * command loads. To be awaited before a value of `ADDRESS_SETTINGS` is.
 */
export async function loadAddressRules(): Promise<void> {
  const { multiaddr } = await import("@multiformats/multiaddr");
  readsAsMultiaddr = (text) => multiaddr(text).getComponents().length > 0;
}

const address = z.string().refine(isMultiaddr, "is not a multiaddr, such as /ip4/127.0.0.1/tcp/4001");
const endpoint = z.string().refine(isEndpoint, "is not host:port, such as 127.0.0.1:4080 or [::1]:4080");

const hostName = z.string().refine(isHostName, "is not a host or host:port, such as api.example:443");
/** A shell expands `~` only where it stands alone: after `=`, in a variable or a file it comes as it was written. */
const path = z
  .string()
  .min(1)
  .refine((text) => expandedPath(text) !== null, "begins with ~, and no home folder is known for it")
  .transform((text) => expandedPath(text) ?? text);

/** Every setting, whether it comes from a flag, the environment or a file. */
export const settings = z.strictObject({
  /** the data folder */
  home: path.optional(),
  /** where this peer can be dialled; tcp/0 takes any free port */
  listen: z.array(address).max(16).default(["/ip4/127.0.0.1/tcp/0"]),
  /** peers of the network to join */
  join: z.array(address).max(64).default([]),
  /** the hash of the network's genesis, by which a joiner checks what it is given */
  chain: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "is not a hash: 64 digits of 0-9a-f")
    .optional(),
  /** where the control API listens; port 0 takes any free one, and api.json tells which */
  api: endpoint.default("127.0.0.1:0"),
  /** names besides those of loopback by which clients may call the API, at a port or at any */
  allowedHosts: z.array(hostName).max(16).default([]),
  /** keep nothing on disk but keys */
  inMemory: z.boolean().default(false),
  logLevel: z.enum(LOG_LEVELS).default("info"),
  /** keep keys unencrypted; status then says so */
  insecurePlainKeys: z.boolean().default(false),
  /** a file of one line, the passphrase of the keys */
  passphraseFile: path.optional(),
  /** connections kept at once, seats of the quorum not counted */
  maxConnections: z.int().min(1).max(1024).default(64),
  /** of the log behind the ledger's memory: all, or so many bytes of what transcripts of own auctions need */
  keep: z.string().refine(isKeep, "is neither all nor a size, such as 500MB or 2GB").default("1GB"),
});
export type Settings = z.infer<typeof settings>;
export type SettingName = keyof Settings;
export const ADDRESS_SETTINGS: readonly SettingName[] = ["listen", "join"];
export const SETTING_NAMES = Object.keys(settings.shape) as readonly SettingName[];

/** How a value is read from text; what is not text of its kind is left for the schema to refuse. */
const TEXT_KINDS: Readonly<Record<SettingName, "text" | "list" | "flag" | "number">> = {
  home: "text",
  listen: "list",
  join: "list",
  chain: "text",
  api: "text",
  allowedHosts: "list",
  inMemory: "flag",
  logLevel: "text",
  insecurePlainKeys: "flag",
  passphraseFile: "text",
  maxConnections: "number",
  keep: "text",
};

/** The value that `text` writes: lists by commas, flags as true/false, 1/0 or yes/no. */
export function valueOfText(name: SettingName, text: string): unknown {
  switch (TEXT_KINDS[name]) {
    case "text":
      return text;
    case "list":
      return text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");
    case "flag":
      return FLAGS[text.toLowerCase()] ?? text;
    case "number":
      return /^\d+$/.test(text) ? Number(text) : text;
  }
}

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  false: false,
  "0": false,
  no: false,
};

/** `logLevel` as `--log-level`. */
export const flagOf = (name: SettingName): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** `logLevel` as `MABEAM_LOG_LEVEL`. */
export const variableOf = (name: SettingName): string =>
  `MABEAM_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const SIZE = /^(\d{1,6})(B|kB|MB|GB|TB)$/;

function isKeep(text: string): boolean {
  return text === "all" || SIZE.test(text);
}

/** The bytes of a `keep`; null: all is kept. */
export function keptBytes(keep: Settings["keep"]): number | null {
  const [, count, unit] = SIZE.exec(keep) ?? [];
  return count === undefined ? null : Number(count) * UNITS[unit!]!;
}

function isMultiaddr(text: string): boolean {
  try {
    return readsAsMultiaddr(text);
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    return false;
  }
}

function isEndpoint(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  return match !== null && Number(match[1]) <= 65535;
}

function isHostName(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?$/.exec(text);
  return match !== null && Number(match[1] ?? 0) <= 65535;
}
