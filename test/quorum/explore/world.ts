// The bytes of one member's world: for each name an entry, and certificates signed by everybody else.
import { type Hash, type Hex, invariant, toHex, ZERO_HASH } from "../../../src/base/index.js";
import { merkleRoot } from "../../../src/crypto/index.js";
import {
  type Application,
  type Certificate,
  type Electorate,
  electorate,
  entryIdOf,
  formCertificate,
  type Header,
  HONEST_RULES,
  justifyHashOf,
  type Propose,
  proposeDigest,
  type QuorumMessage,
  quorumPower,
  type Timing,
  type VoteKind,
  type VoterConfig,
  type VotingRules,
  voteDigest,
  voteDomain,
} from "../../../src/quorum/index.js";
import { type TestSeats, testHash, testSeats } from "../harness/keys.js";
import { CHAIN, GENESIS_ROOT, MARKET } from "../harness/member.js";
import {
  childOf,
  execOf,
  GENESIS,
  gapOf,
  heightOf,
  type Name,
  parentOf,
  termOf,
  variantOf,
} from "./names.js";

/** What is explored: the rules, and everything that a planted bug may change. */
export interface Rulebook {
  readonly rules: VotingRules;
  /** the quorum that members (and those who gather their votes) believe in */
  readonly quorum: number;
  readonly keepTerms: number;
  /** rows that a restarted member finds missing */
  losesRow(key: string): boolean;
}

export const SIZE = 4;

/** The rules as they are. Nothing is kept below the floor, so that what is forgotten there is within reach. */
export const TRUE_RULES: Rulebook = {
  rules: HONEST_RULES,
  quorum: quorumPower(SIZE),
  keepTerms: 0,
  losesRow: () => false,
};

/** Patience without end for clocks: an untimely proposal is one that came too late, and lateness is explored. */
export const TIMING: Timing = {
  deltaMs: 1000,
  idleMs: 1000,
  batchMs: 1,
  precisionMs: 1e13,
  messageDelayMs: 1e13,
};

/** Genesis lies ahead of all clocks, so that an entry's time follows from its parent's alone. */
const GENESIS_TIME_MS = 1e12;

const NOTHING_WAITS: Application = {
  judgeOps: () => null,
  changesPhase: () => false,
  transitionDueMs: () => null,
  pending: () => null,
  oldestPending: () => [],
  collect: () => [],
  idleAmong: () => ({ operations: 0, bytes: 0 }),
};

export const rootAt = (height: number): Hash => (height === 0 ? GENESIS_ROOT : testHash(`root ${height}`));

/** The seats of every world, in the order in which they lead: `seatOfLeader(1)` leads term 1. */
export const SEATS: TestSeats = testSeats(SIZE, "explored");
export const ELECTORATE: Electorate = electorate(SEATS.set, CHAIN);
const EMPTY_OPS_ROOT = merkleRoot([]);
const DOMAIN = voteDomain(ELECTORATE, CHAIN, MARKET);

export function configOf(seat: number, book: Rulebook, start: number): VoterConfig {
  return {
    chain: CHAIN,
    market: MARKET,
    genesisTimeMs: GENESIS_TIME_MS,
    genesisRoot: GENESIS_ROOT,
    set: SEATS.set,
    signer: SEATS.signers[seat]!,
    verifier: SEATS.verifier,
    timing: TIMING,
    keepTerms: book.keepTerms,
    instance: testHash(`seat ${seat} start ${start}`).slice(0, 16),
    rules: book.rules,
    application: NOTHING_WAITS,
  };
}

/** A certificate by these signers, who need not have been asked: whether it may exist is for the explorer to know. */
export function certificateBy(
  signers: readonly number[],
  kind: VoteKind,
  term: number,
  entryId: Hash,
): Certificate {
  const votes = signers.map((signer) => ({
    type: kind,
    epoch: 0,
    setHash: ELECTORATE.setHash,
    term,
    entryId,
    signer,
    sig: SEATS.signers[signer]!.sign(voteDigest(DOMAIN, kind, term, entryId)),
  }));
  return formCertificate(votes);
}

/**
 * One member's view of names as bytes. Certificates bear the signatures of everybody but this member: who signed is
 * no matter to its rules, and a vote of its own that it never cast would be (spec/persistence#A1).
 */
export class World {
  private readonly headers = new Map<Name, Header>();
  private readonly ids = new Map<Name, Hash>();
  private readonly names = new Map<Hex, Name>([[toHex(CHAIN), GENESIS]]);
  private readonly certs = new Map<string, Certificate>();
  private readonly others: readonly number[];

  constructor(readonly self: number) {
    this.others = SEATS.set.members.map((_, seat) => seat).filter((seat) => seat !== self);
  }

  id(name: Name): Hash {
    if (name === GENESIS) return CHAIN;
    this.header(name);
    return this.ids.get(name)!;
  }

  hex(name: Name): Hex {
    return toHex(this.id(name));
  }

  nameOf(hex: Hex): Name {
    const name = this.names.get(hex);
    invariant(name !== undefined, "every entry that a member speaks of has a name");
    return name;
  }

  header(name: Name): Header {
    const known = this.headers.get(name);
    if (known !== undefined) return known;
    const parent = parentOf(name);
    const { timeMs } = parent === GENESIS ? { timeMs: GENESIS_TIME_MS } : this.header(parent);
    const term = termOf(name);
    const header: Header = {
      v: 1,
      chain: CHAIN,
      market: MARKET,
      epoch: 0,
      setHash: ELECTORATE.setHash,
      term,
      leader: ELECTORATE.leaderOf(term),
      height: heightOf(name),
      parent: this.id(parent),
      parentTerm: termOf(parent),
      timeMs: timeMs + (variantOf(name) === "b" ? 2 : 1),
      opsRoot: EMPTY_OPS_ROOT,
      opsCount: 0,
      opsBytes: 0,
      justifyHash: justifyHashOf(gapOf(name).map((skipped) => this.skipCert(skipped))),
      execHeight: execOf(name),
      execRoot: rootAt(execOf(name)),
      kind: "normal",
      nextSetHash: null,
    };
    const id = entryIdOf(header);
    this.headers.set(name, header);
    this.ids.set(name, id);
    this.names.set(toHex(id), name);
    return header;
  }

  /** The name of an entry that this member made; its bytes are those of its name, or the names would hide something. */
  learn(header: Header): Name {
    const parent = this.nameOf(toHex(header.parent));
    const name = childOf(parent, header.term, "", header.execHeight);
    invariant(this.hex(name) === toHex(entryIdOf(header)), `the entry ${name} is what its name says`);
    return name;
  }

  cert(kind: "ack" | "commit", name: Name): Certificate {
    return this.remembered(kind, termOf(name), name);
  }

  skipCert(term: number): Certificate {
    return this.remembered("skip", term, GENESIS);
  }

  private remembered(kind: VoteKind, term: number, name: Name): Certificate {
    const key = `${kind} ${term} ${name}`;
    let cert = this.certs.get(key);
    if (cert === undefined) {
      cert = certificateBy(this.others, kind, term, kind === "skip" ? ZERO_HASH : this.id(name));
      this.certs.set(key, cert);
    }
    return cert;
  }

  propose(name: Name): QuorumMessage {
    const header = this.header(name);
    const parent = parentOf(name);
    const leaderSig = SEATS.signers[header.leader]!.sign(proposeDigest(this.id(name)));
    const propose: Propose = {
      entry: { header, ops: [], leaderSig },
      parentHeader: parent === GENESIS ? null : this.header(parent),
      parentCert: null,
    };
    return { kind: "propose", propose };
  }

  justify(name: Name): QuorumMessage {
    const certs = gapOf(name).map((term) => this.skipCert(term));
    return { kind: "justify", justifyHash: justifyHashOf(certs), from: 0, total: certs.length, certs };
  }
}
