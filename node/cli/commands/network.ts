// `id --seat`, `network create` and `network show`: how owners who have no network yet come to one.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Bytes, equalBytes, toHex } from "../../../src/base/index.js";
import { type Config, loadConfig } from "../../config/config.js";
import type { KeySources } from "../../daemon-keys.js";
import type { Seating } from "../../founding/create.js";
import type { Trust } from "../../founding/found.js";
import type { Member } from "../../founding/member-json.js";
import { takePassphrase } from "../../keys/passphrase.js";
import { shellWord } from "../../shell-word.js";
import { save } from "../save.js";
import { creditsOf, labelled, painter, print, short, table } from "../show.js";
import type { Terminal } from "../terminal.js";

/** What founds, which the other commands need not load: keys, addresses, the ledger. */
const founding = async () =>
  (await import(
    new URL("../../founding/create.js", import.meta.url).href
  )) as typeof import("../../founding/create.js");

interface KeyFlags {
  readonly home?: string;
  readonly config?: string;
  readonly passphraseFile?: string;
  readonly insecurePlainKeys?: true;
  readonly json?: true;
}

/** The folder, and how its keys are opened or made: as its daemon does it. */
async function folderOf(
  terminal: Terminal,
  flags: KeyFlags,
): Promise<{ config: Config; sources: KeySources }> {
  const { home, passphraseFile, insecurePlainKeys } = flags;
  const config = await loadConfig({
    environment: terminal.env,
    flags: { home, passphraseFile, insecurePlainKeys },
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  });
  const { settings, paths } = config;
  const file = settings.passphraseFile ?? null;
  const passphrase = takePassphrase({ env: { ...terminal.env }, file, descriptor: null });
  return {
    config,
    sources: { folder: paths.keys, passphrase, insecurePlainKeys: settings.insecurePlainKeys },
  };
}

interface SeatFlags extends KeyFlags {
  readonly address?: readonly string[];
  readonly network?: string;
  readonly bond?: string;
  readonly out?: string;
}

export async function seat(terminal: Terminal, flags: SeatFlags): Promise<void> {
  const { config, sources } = await folderOf(terminal, flags);
  const { makeMember, memberText, isReachedFromHereAlone } = await founding();
  const { address = null, network = null, bond } = flags;
  const wish = { addresses: address, network, bond: bond === undefined ? null : BigInt(bond) };
  const member = await makeMember(config.paths, sources, wish);
  const { memberFile } = config.paths;
  const text = memberText(member);
  if (flags.out !== undefined && !holds(flags.out, text)) await save(flags.out, text, "--out");
  const file = flags.out ?? memberFile;
  print(terminal, flags.json === true, { apiVersion: "v1", kind: "Member", file, member: member.json }, () =>
    labelled(terminal, [
      ["Agent", member.json.agent],
      ["Seat's key", member.json.seatKey],
      ["Peer", member.peer],
      ...member.json.addresses.map((one, i) => [i === 0 ? "Addresses" : "", one] as const),
      ["Network", member.json.network ?? null],
      ["Member file", file],
    ]),
  );
  const { yellow } = painter(terminal);
  if (isReachedFromHereAlone(member))
    terminal.err(
      yellow(
        "warning: others reach these addresses on this machine alone: for owners of other machines say with --address how they reach it, such as /ip4/203.0.113.7/tcp/4001",
      ),
    );
}

const holds = (path: string, text: string): boolean => {
  try {
    return readFileSync(path, "utf8") === text;
  } catch {
    return false; // whatever is there is judged by who saves
  }
};

interface CreateFlags extends KeyFlags {
  readonly seats?: readonly string[];
  readonly trust: Trust;
  readonly name?: string;
  readonly funds?: string;
  readonly stake?: string;
  readonly allowance?: string;
  readonly out: string;
}

export async function create(terminal: Terminal, flags: CreateFlags): Promise<void> {
  const { config, sources } = await folderOf(terminal, flags);
  const { makeMember, readMember, found, foundingText } = await founding();
  const members: readonly Member[] =
    flags.seats === undefined
      ? [await makeMember(config.paths, sources, { addresses: null, network: null, bond: null })]
      : flags.seats.map(readMember);
  const amount = (text: string | undefined): bigint | null => (text === undefined ? null : BigInt(text));
  const seating = found(config.paths, members, {
    name: flags.name ?? nameFor(members),
    trust: flags.trust,
    nowMs: Date.now(),
    funds: amount(flags.funds),
    stake: amount(flags.stake),
    allowance: amount(flags.allowance),
  });
  await save(flags.out, foundingText(seating.genesis, members), "--out");
  tell(terminal, flags, flags.out, seating, () => tellWhatNext(terminal, flags.out, seating));
}

export async function show(terminal: Terminal, flags: KeyFlags, file: string): Promise<void> {
  const { config } = await folderOf(terminal, flags);
  const { readSeating } = await founding();
  tell(terminal, flags, file, readSeating(config.paths, file), () => undefined);
}

/** The network that its members' files are for; else one that nobody has. */
const nameFor = (members: readonly Member[]): string =>
  members.find(({ file }) => file.network !== null)?.file.network ?? `net-${randomBytes(5).toString("hex")}`;

function tell(terminal: Terminal, flags: KeyFlags, file: string, seating: Seating, next: () => void): void {
  print(terminal, flags.json === true, documentOf(seating, file), () => {
    labelled(terminal, rowsOf(seating, file));
    terminal.out("");
    seatsTable(terminal, seating);
    next();
  });
  for (const warning of seating.warnings) terminal.err(painter(terminal).yellow(`warning: ${warning}`));
}

/** Of a founding file, where its first member is dialled. */
const addressIn = ({ seats }: Seating): string | null => seats[0]!.member?.json.addresses[0] ?? null;

/** What each seat's owner types. */
const daemonLine = (file: string): string => `daemon --genesis ${shellWord(file)}`;

/** What whoever has no seat types, once seats run. */
const followLine = (seating: Seating): string =>
  `daemon --join ${addressIn(seating) ?? "<multiaddr>"} --chain ${toHex(seating.chain)}`;

function documentOf(seating: Seating, file: string): object {
  const { genesis, chain, trust, seats, quorum, warnings } = seating;
  return {
    ...{ apiVersion: "v1", kind: "Network", name: genesis.name, chain: toHex(chain), trust },
    seats: seats.map(({ agent, key, bond, member, isOwn }, at) => ({
      ...{ seat: at, agent: toHex(agent), key: toHex(key), bond: String(bond), own: isOwn },
      ...{ peer: member?.peer ?? null, addresses: member?.json.addresses ?? [] },
    })),
    accounts: genesis.accounts.map(({ agent, free, stake }) => ({
      ...{ agent: toHex(agent), free: String(free), stake: String(stake) },
    })),
    granters: genesis.granters.map(({ agent, allowance }) => ({
      ...{ agent: toHex(agent), allowance: String(allowance) },
    })),
    quorum,
    file,
    daemon: `mabeam ${daemonLine(file)}`,
    follow: `mabeam ${followLine(seating)}`,
    warnings,
  };
}

const TRUSTED: Readonly<Record<Trust, string>> = {
  domain: "one domain: no stake answers for what is sold, operations are free, a period is a day",
  strangers: "strangers: stake answers for what is sold, operations cost a fee, a period is an hour",
};

function rowsOf(
  { genesis, chain, trust, quorum }: Seating,
  file: string,
): readonly (readonly [string, string])[] {
  const { members, needed, mayBeDown, byzantineTolerance } = quorum;
  return [
    ["Network", genesis.name],
    ["Chain", toHex(chain)],
    ["Trust", trust === null ? "by parameters of its own" : TRUSTED[trust]],
    [
      "Quorum",
      `${members} ${members === 1 ? "member" : "members"}, ${needed} must sign; ${mayBeDown} may be down, ${byzantineTolerance} may lie`,
    ],
    ["File", file],
  ];
}

function seatsTable(terminal: Terminal, { genesis, seats }: Seating): void {
  const ofAgent = <T extends { readonly agent: Bytes }>(rows: readonly T[], agent: Bytes): T | undefined =>
    rows.find((one) => equalBytes(one.agent, agent));
  table(
    terminal,
    ["SEAT", "AGENT", "BOND", "FUNDS", "STAKE", "MAY GRANT", "ADDRESS", ""],
    seats.map(({ agent, bond, member, isOwn }, at) => {
      const account = ofAgent(genesis.accounts, agent);
      return [
        String(at),
        short(toHex(agent)),
        ...[
          bond,
          account?.free ?? 0n,
          account?.stake ?? 0n,
          ofAgent(genesis.granters, agent)?.allowance ?? 0n,
        ].map((one) => creditsOf(String(one))),
        member === null ? "–" : member.json.addresses[0]!.replace(/\/p2p\/.*$/, ""),
        isOwn ? "this folder" : "",
      ];
    }),
    "Nobody sits.",
  );
}

function tellWhatNext(terminal: Terminal, file: string, seating: Seating): void {
  terminal.out("");
  terminal.out(
    "Give this file to each seat's owner, and compare the chain with what their daemons say. Each starts with",
  );
  terminal.out(`  ${terminal.self} ${daemonLine(file)}`);
  terminal.out("Whoever has no seat follows with the same file, or once seats run with");
  terminal.out(`  ${terminal.self} ${followLine(seating)}`);
}
