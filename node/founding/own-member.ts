// A folder's own member file: its keys made, its seat begun, and what its owner gives out to be seated.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { type Bytes, equalBytes } from "../../src/base/index.js";
import { MAX_MEMBER_ADDRESSES } from "../../src/ledger/index.js";
import { codeOf, messageOf } from "../accident.js";
import type { HomePaths } from "../config/paths.js";
import { type KeySources, openKeys, openSeat } from "../daemon-keys.js";
import { listKeys } from "../keys/index.js";
import { beginSeat } from "../new-seat.js";
import { textOf } from "../text-file.js";
import { writeWhole } from "../whole-file.js";
import { type Member, memberIn, memberText, signedMember } from "./member-json.js";
import { addressOf, peerNameOf } from "./peer-name.js";
import { FoundingError } from "./refusal.js";
import { readBounded } from "./small-file.js";

/** Sixteen addresses and three signatures take a tenth of it. */
const MAX_MEMBER_BYTES = 64 * 1024;

/** What an owner says of its seat; null: what was said before, or what is usual. */
export interface MemberWish {
  readonly addresses: readonly string[] | null;
  readonly network: string | null;
  readonly bond: bigint | null;
}

/** The member that a file tells. @throws FoundingError MEMBER_UNREADABLE, MEMBER_KEY_UNSOUND, MEMBER_FORGED */
export function readMember(path: string): Member {
  let value: unknown;
  try {
    value = JSON.parse(textOf(readBounded(path, MAX_MEMBER_BYTES), path));
  } catch (error) {
    throw new FoundingError(
      "MEMBER_UNREADABLE",
      `did not take ${path}`,
      codeOf(error) === "ENOENT" ? "there is no such file" : messageOf(error),
      "name the file that `mabeam id --seat` wrote",
    );
  }
  return memberIn(value, path);
}

/** The member file that the folder gave out; null: none, or none that tells its keys: it is made from them again. */
export function keptMember({ memberFile, keys }: HomePaths): Member | null {
  if (!existsSync(memberFile)) return null;
  try {
    const member = readMember(memberFile);
    return holdsSeatOf(keys, member) ? member : null;
  } catch (error) {
    if (error instanceof FoundingError) return null;
    throw error;
  }
}

/**
 * The folder's member file: as it was, where the wish is the same, else made anew with the keys that are there. The folder is
 * held by this process. A seat begins before its key is made, so no crash leaves a key that looks as if it had forgotten
 * (spec/persistence#U5); a key that was there already may have signed, and is not begun.
 * @throws FoundingError OTHER_NETWORK, and MEMBER_UNREADABLE for an address that is none; KeyError, StoreError
 */
export async function layMember(paths: HomePaths, sources: KeySources, wish: MemberWish): Promise<Member> {
  const kept = keptMember(paths);
  if (kept !== null && isSaid(kept, wish)) return kept;
  refuseSeated(paths);
  if (!listKeys(paths.keys).some(({ kind }) => kind === "consensus")) await beginSeat(paths.store);
  const seat = await openSeat(sources);
  const keys = await openKeys(sources);
  const member = signedMember(
    {
      addresses:
        wish.addresses === null
          ? (kept?.file.addresses ?? [`${await freeHere()}/p2p/${peerNameOf(keys.peer.key.publicKey)}`])
          : addressesFrom(wish.addresses, keys.peer.key.publicKey),
      network: wish.network ?? kept?.file.network ?? null,
      bond: wish.bond ?? kept?.file.bond ?? null,
    },
    { agent: keys.agents[0]!.key, seat: seat.key, peer: keys.peer.key },
  );
  await writeWhole(paths.memberFile, memberText(member));
  return member;
}

/** Whether a member says what is wished for, as far as something is. */
function isSaid({ file, peer }: Member, { addresses, network, bond }: MemberWish): boolean {
  if (network !== null && network !== file.network) return false;
  if (bond !== null && bond !== file.bond) return false;
  if (addresses === null) return true;
  const asked = [...new Set(addresses.map((one) => addressOf(one, peer)))].sort();
  return asked.length === file.addresses.length && asked.every((one, i) => one === file.addresses[i]);
}

/** Once a folder belongs to a network its seat is that network's, or none. @throws FoundingError OTHER_NETWORK */
function refuseSeated(paths: HomePaths): void {
  if (!existsSync(paths.genesisFile) && !existsSync(paths.networkFile)) return;
  throw new FoundingError(
    "OTHER_NETWORK",
    "could not make a member file",
    `${paths.home} belongs to a network already`,
    "give the new network a folder of its own with --home",
  );
}

function addressesFrom(texts: readonly string[], peerKey: Bytes): readonly string[] {
  const peer = peerNameOf(peerKey);
  const addresses = texts.map((text) => addressOf(text, peer));
  const strange = texts.find((_, i) => addresses[i] === null);
  if (strange === undefined && texts.length <= MAX_MEMBER_ADDRESSES) return addresses as readonly string[];
  throw new FoundingError(
    "MEMBER_UNREADABLE",
    "could not make a member file",
    strange === undefined
      ? `it tells ${MAX_MEMBER_ADDRESSES} addresses at most`
      : `${strange} is not an address at which this peer can be dialled`,
    "give addresses such as /ip4/203.0.113.7/tcp/4001, or /dns4/seat.example/tcp/4001, as others reach this machine",
  );
}

/** A port of this machine that nobody listens at now. */
function freeHere(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const at = server.address();
      server.close(() =>
        resolve(`/ip4/127.0.0.1/tcp/${typeof at === "object" && at !== null ? at.port : 0}`),
      );
    });
  });
}

/** Whether the folder's keys are a member's, by what can be seen of them without opening any. */
const holdsSeatOf = (folder: string, { file }: Member): boolean =>
  listKeys(folder).some(({ kind, publicKey }) => kind === "consensus" && equalBytes(publicKey, file.key));
