// The founding file: the genesis of a network, its hash, and the members that sit in it, in one file for everybody.
import { z } from "zod";
import { type Bytes, equalBytes, toHex } from "../../src/base/index.js";
import { chainOf, decodeGenesis, encodeGenesis, type Genesis } from "../../src/ledger/index.js";
import { codeOf, messageOf } from "../accident.js";
import { textOf } from "../text-file.js";
import { refuseRepeated } from "./found.js";
import { type Member, memberIn } from "./member-json.js";
import { FoundingError } from "./refusal.js";
import { readBounded } from "./small-file.js";

/** A genesis of 128 seats, its members' files beside it. */
const MAX_FOUNDING_BYTES = 2 * 1024 * 1024;
/** What JSON begins with; no genesis does, which is a map. */
const OPENING_BRACE = 0x7b;

const shape = z.strictObject({
  v: z.literal(1),
  /** hash of the genesis, hexadecimal */
  chain: z.string().regex(/^[0-9a-f]{64}$/),
  /** canonical bytes */
  genesis: z.base64(),
  members: z.array(z.unknown()).max(128),
});

/** What a daemon takes from such a file. */
export interface Founding {
  readonly bytes: Bytes;
  readonly genesis: Genesis;
  readonly chain: Bytes;
  /** none of a bare genesis */
  readonly members: readonly Member[];
}

export function foundingText(genesis: Genesis, members: readonly Member[]): string {
  const said: z.infer<typeof shape> = {
    v: 1,
    chain: toHex(chainOf(genesis)),
    genesis: Buffer.from(encodeGenesis(genesis)).toString("base64"),
    members: members.map(({ json }) => json),
  };
  return `${JSON.stringify(said, null, 2)}\n`;
}

/** Where the members' peers can be dialled. */
export const addressesIn = ({ members }: Pick<Founding, "members">): readonly string[] =>
  members.flatMap(({ file }) => file.addresses);

/**
 * A founding file, or the bare genesis that a daemon keeps, checked against itself (spec/founding#F4).
 * @throws FoundingError FOUNDING_UNREADABLE, GENESIS_UNREADABLE, CHAIN_MISMATCH, SEATS_DIFFER, and as `memberIn`
 */
export function readFounding(path: string): Founding {
  const bytes = read(path);
  if (bytes[0] !== OPENING_BRACE) return { ...decoded(bytes, path), members: [] };
  const parsed = shape.safeParse(jsonOf(bytes, path));
  if (!parsed.success) throw unreadable(path, z.prettifyError(parsed.error).replaceAll("\n", " "));
  const { genesis: base64, chain, members: told } = parsed.data;
  const found = decoded(new Uint8Array(Buffer.from(base64, "base64")), path);
  if (toHex(found.chain) !== chain)
    throw new FoundingError(
      "CHAIN_MISMATCH",
      `did not take ${path}`,
      `its genesis has the hash ${toHex(found.chain)}, and it says ${chain}: it was changed`,
      "have the founder give you the file again, and compare the hash with what `mabeam network create` printed",
    );
  const members = told.map((one, at) => memberIn(one, `member ${at} of ${path}`));
  refuseRepeated(members);
  refuseOtherSeats(found.genesis, members, path);
  return { ...found, members };
}

/** Who sits has signed to sit: a founder that enters somebody else is found out by whoever reads the file. */
function refuseOtherSeats({ seats }: Genesis, members: readonly Member[], path: string): void {
  const unsigned = seats.find(
    ({ key, agent }) =>
      !members.some(({ file }) => equalBytes(file.key, key) && equalBytes(file.agent, agent)),
  );
  if (unsigned === undefined && members.length === seats.length) return;
  throw new FoundingError(
    "SEATS_DIFFER",
    `did not take ${path}`,
    unsigned === undefined
      ? "it has members that its genesis does not seat"
      : `nobody has signed for its seat ${toHex(unsigned.key)}`,
    "have the founder make it again with `mabeam network create`",
  );
}

function decoded(bytes: Bytes, path: string): Omit<Founding, "members"> {
  const genesis = decodeGenesis(bytes);
  if (genesis.ok) return { bytes, genesis: genesis.value, chain: chainOf(genesis.value) };
  throw new FoundingError(
    "GENESIS_UNREADABLE",
    `did not take ${path}`,
    `it has no genesis from which a network can start: ${genesis.error.message}`,
    "have the founder give you the file again that `mabeam network create` wrote",
  );
}

function jsonOf(bytes: Bytes, path: string): unknown {
  try {
    return JSON.parse(textOf(bytes, path));
  } catch (error) {
    throw unreadable(path, messageOf(error));
  }
}

function read(path: string): Bytes {
  try {
    return readBounded(path, MAX_FOUNDING_BYTES);
  } catch (error) {
    throw unreadable(path, codeOf(error) === "ENOENT" ? "there is no such file" : messageOf(error));
  }
}

const unreadable = (path: string, why: string): FoundingError =>
  new FoundingError(
    "FOUNDING_UNREADABLE",
    `did not take ${path}`,
    why,
    "name the file that `mabeam network create` wrote",
  );
