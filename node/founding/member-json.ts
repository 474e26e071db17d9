// A member file as it lies on disk and travels: JSON, with the proofs of its three keys.
import { z } from "zod";
import { type Bytes, fromHex, invariant, toHex } from "../../src/base/index.js";
import { isSmallOrder, type Signer } from "../../src/crypto/index.js";
import { MAX_MEMBER_ADDRESSES, type MemberFile, memberHash } from "../../src/ledger/index.js";
import { zip215 } from "../crypto/zip215.mjs";
import { addressOf, peerKeyOf, peerNameOf } from "./peer-name.js";
import { FoundingError } from "./refusal.js";

const key = z.string().regex(/^[0-9a-f]{64}$/, "is not a key: 64 digits of 0-9a-f");
const proof = z.string().regex(/^[0-9a-f]{128}$/, "is not a signature: 128 digits of 0-9a-f");
export const networkName = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, "is not a name: 1 to 64 characters of ASCII, no blanks");

/** The names of a member file's keys, and whose proof each is. */
const shape = z.strictObject({
  v: z.literal(1),
  network: networkName.optional(),
  agent: key,
  seatKey: key,
  peer: z.string().max(128),
  addresses: z.array(z.string().max(512)).min(1).max(MAX_MEMBER_ADDRESSES),
  /** micro-credits */
  bond: z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/, "is not an amount of micro-credits")
    .optional(),
  proofs: z.strictObject({ agent: proof, seatKey: proof, peer: proof }),
});
export type MemberJson = z.infer<typeof shape>;

/** A member file whose three keys have signed it. */
export interface Member {
  readonly file: MemberFile;
  readonly peer: string;
  readonly json: MemberJson;
}

/** The three keys of a member, each able to sign. */
export interface MemberKeys {
  readonly agent: Signer;
  readonly seat: Signer;
  readonly peer: Signer;
}

/** @param said without keys; its addresses are of that peer */
export function signedMember(
  said: Pick<MemberFile, "network" | "addresses" | "bond">,
  keys: MemberKeys,
): Member {
  const peer = peerNameOf(keys.peer.publicKey);
  const file: MemberFile = {
    ...{ v: 1, agent: keys.agent.publicKey, key: keys.seat.publicKey, peer: keys.peer.publicKey },
    addresses: [...new Set(said.addresses)].sort(),
    network: said.network,
    bond: said.bond,
  };
  const hash = memberHash(file);
  const by = (signer: Signer): string => toHex(signer.sign(hash));
  const json: MemberJson = {
    v: 1,
    ...(file.network === null ? {} : { network: file.network }),
    agent: toHex(file.agent),
    seatKey: toHex(file.key),
    peer,
    addresses: [...file.addresses],
    ...(file.bond === null ? {} : { bond: String(file.bond) }),
    proofs: { agent: by(keys.agent), seatKey: by(keys.seat), peer: by(keys.peer) },
  };
  return { file, peer, json };
}

export const memberText = ({ json }: Member): string => `${JSON.stringify(json, null, 2)}\n`;

/**
 * A member as a file tells it, whoever made the file.
 * @param name of the file, for messages
 * @throws FoundingError MEMBER_UNREADABLE, MEMBER_KEY_UNSOUND, MEMBER_FORGED (spec/founding#F1)
 */
export function memberIn(value: unknown, name: string): Member {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw unreadable(name, z.prettifyError(parsed.error).replaceAll("\n", " "));
  const json = parsed.data;
  const peerKey = peerKeyOf(json.peer);
  if (peerKey === null) throw unreadable(name, `${json.peer} is not the id of a peer`);
  const file = fileOf(json, peerKey, name);
  const keys = { agent: file.agent, seatKey: file.key, peer: file.peer };
  if (new Set(Object.values(keys).map(toHex)).size < 3)
    throw unsound(name, "one key stands in it for two purposes");
  const hash = memberHash(file);
  for (const [of, publicKey] of Object.entries(keys)) {
    if (isSmallOrder(publicKey))
      throw unsound(name, `${toHex(publicKey)} is of small order: anyone can sign for it`);
    const signature = hex(json.proofs[of as keyof typeof keys]);
    if (zip215(publicKey, hash, signature)) continue;
    throw new FoundingError(
      "MEMBER_FORGED",
      `did not take ${name}`,
      `its ${NAMES[of as keyof typeof keys]} has not signed what it says`,
      "have its owner make it again with `mabeam id --seat`, and give it on as it is",
    );
  }
  return { file, peer: json.peer, json };
}

const NAMES = { agent: "agent", seatKey: "seat's key", peer: "peer" } as const;

function fileOf(json: MemberJson, peer: Bytes, name: string): MemberFile {
  const { addresses, network = null, bond } = json;
  const strange = addresses.find((one) => addressOf(one, json.peer) !== one);
  if (strange !== undefined)
    throw unreadable(name, `${strange} is not an address of its peer, with tcp and its id at the end`);
  if (addresses.some((one, i) => i > 0 && addresses[i - 1]! >= one))
    throw unreadable(name, "its addresses are not in order, each once");
  return {
    ...{ v: 1, network, agent: hex(json.agent), key: hex(json.seatKey), peer, addresses },
    bond: bond === undefined ? null : BigInt(bond),
  };
}

function hex(digits: string): Bytes {
  const bytes = fromHex(digits);
  invariant(bytes !== null, "the shape lets in nothing but digits");
  return bytes;
}

const unreadable = (name: string, why: string): FoundingError =>
  new FoundingError(
    "MEMBER_UNREADABLE",
    `did not take ${name}`,
    why,
    "have its owner make it with `mabeam id --seat`, and give it on as it is",
  );

const unsound = (name: string, why: string): FoundingError =>
  new FoundingError(
    "MEMBER_KEY_UNSOUND",
    `did not take ${name}`,
    why,
    "have its owner make a new folder's with `mabeam id --seat`: it makes keys that are sound",
  );
