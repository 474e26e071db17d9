// The checkers of finality, ledger time, pace and turns, against planted violations.
import { describe, expect, it } from "vitest";
import { type Bytes, toHex, ZERO_HASH } from "../../src/base/index.js";
import type { Notice } from "../../src/peer/ready.js";
import {
  electorate,
  entryIdOf,
  formCertificate,
  type Header,
  longestIdleMs,
  type QuorumMessage,
  type Timing,
  type VoteKind,
} from "../../src/quorum/index.js";
import type { Court } from "../../testnet/lab/checks/statements.js";
import { forgerOf } from "../../testnet/lab/simulate/byzantine/forger.js";
import type { Checker, Trial } from "../../testnet/lab/simulate/checkers/checker.js";
import { fairChecker } from "../../testnet/lab/simulate/checkers/fair.js";
import { finalChecker } from "../../testnet/lab/simulate/checkers/final.js";
import { paceChecker } from "../../testnet/lab/simulate/checkers/pace.js";
import { timeChecker } from "../../testnet/lab/simulate/checkers/time.js";
import type { Host } from "../../testnet/lab/simulate/world/host.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { IdealSignatures } from "../../testnet/lab/simulate/world/signatures.js";
import { entryNotice } from "./toy.js";

const EPOCH_MS = 1_000_000;
const timing: Timing = { deltaMs: 100, idleMs: 400, batchMs: 20, precisionMs: 50, messageDelayMs: 2_000 };
const bytesOf = (fill: number, length = 32): Bytes => new Uint8Array(length).fill(fill);

type EntryNotice = Extract<Notice, { readonly kind: "entry" }>;
const told = (height: number, more: Partial<EntryNotice> = {}): Notice => ({
  ...(entryNotice(height) as EntryNotice),
  ...more,
});

interface PlantedTrial extends Trial {
  readonly reports: string[];
  now: number;
}

/** Hosts with right clocks and empty disks, all honest. */
function trialOf(size = 4): PlantedTrial {
  const trial: PlantedTrial = {
    hosts: Array.from({ length: size }, (_, index) => hostOf(index, () => EPOCH_MS + trial.now)),
    reports: [],
    now: 0,
    isHonest: () => true,
    nowMs: () => trial.now,
    report: (invariant: string) => void trial.reports.push(invariant),
  };
  return trial;
}

const hostOf = (index: number, clockMs: () => number): Host =>
  ({
    index,
    isUp: true,
    disk: { row: () => null },
    get clockMs() {
      return clockMs();
    },
  }) as unknown as Host;

describe("final", () => {
  const keys = new IdealSignatures(new Random(4));
  const signers = Array.from({ length: 4 }, () => keys.key()).sort((a, b) =>
    toHex(a.publicKey) < toHex(b.publicKey) ? -1 : 1,
  );
  const [chain, market] = [bytesOf(1), bytesOf(2)];
  const members = signers.map(({ publicKey }, i) => ({ key: publicKey, agent: bytesOf(10 + i), power: 1 }));
  const seats = electorate({ epoch: 0, members }, chain);
  const court: Court = { electorate: seats, chain, market, verifier: keys, judgeOps: () => null };
  const pens = signers.map((signer, seat) =>
    forgerOf({ seat, signer, agent: signer, electorate: seats, network: court, keepTerms: 8, deltaMs: 100 }),
  );
  const parent = headerOf(1, ZERO_HASH);
  const child = headerOf(2, entryIdOf(parent));

  function headerOf(height: number, parentId: Bytes): Header {
    return {
      v: 1,
      chain,
      market,
      epoch: 0,
      setHash: seats.setHash,
      term: height,
      height,
      parent: parentId,
      parentTerm: height - 1,
      justifyHash: ZERO_HASH,
      leader: 0,
      timeMs: height,
      execHeight: 0,
      execRoot: ZERO_HASH,
      opsRoot: ZERO_HASH,
      opsCount: 0,
      opsBytes: 0,
      kind: "normal",
      nextSetHash: null,
    };
  }

  const votes = (type: VoteKind, of: Header, ...by: number[]) =>
    by.map((seat) => pens[seat]!.vote(type, of.term, entryIdOf(of)));
  const says = (type: VoteKind, of: Header, ...by: number[]): QuorumMessage[] =>
    votes(type, of, ...by).map((vote) => ({ kind: "vote", vote }));

  function judged(said: readonly QuorumMessage[], of: Header): string[] {
    const trial = trialOf();
    const checker = finalChecker(trial, court);
    for (const message of said) checker.sent!(trial.hosts[0]!, { to: "members", message });
    checker.noticed!(trial.hosts[0]!, told(of.height, { id: entryIdOf(of) }));
    return trial.reports;
  }

  it("an entry that Q members committed is final, by their votes or by a certificate of them", () => {
    expect(judged(says("commit", parent, 0, 1, 2), parent)).toEqual([]);
    const cert = formCertificate(votes("commit", parent, 0, 1, 2));
    expect(judged([{ kind: "cert", cert }], parent)).toEqual([]);
  });

  it("what Q − 1 committed, one of them twice, or Q only acknowledged, is not", () => {
    expect(judged(says("commit", parent, 0, 1), parent)).toEqual(["final"]);
    expect(judged(says("commit", parent, 0, 1, 1), parent)).toEqual(["final"]);
    const cert = formCertificate(votes("commit", parent, 0, 1, 1));
    expect(judged([{ kind: "cert", cert }], parent)).toEqual(["final"]);
    expect(judged(says("ack", parent, 0, 1, 2, 3), parent)).toEqual(["final"]);
  });

  it("a vote whose signature is another's counts for nobody", () => {
    const [forged] = votes("commit", parent, 3);
    const stolen: QuorumMessage = { kind: "vote", vote: { ...forged!, signer: 2 } };
    expect(judged([...says("commit", parent, 0, 1), stolen], parent)).toEqual(["final"]);
  });

  it("an ancestor of a committed entry is final, a child of one is not", () => {
    const entry = { header: child, ops: [], leaderSig: bytesOf(0, 64) };
    const link: QuorumMessage = { kind: "entry", entry };
    expect(judged([link, ...says("commit", child, 0, 1, 2)], parent)).toEqual([]);
    expect(judged([link, ...says("commit", parent, 0, 1, 2)], child)).toEqual(["final"]);
  });
});

describe("time", () => {
  function judged(...times: number[]): string[] {
    const trial = trialOf();
    const checker = timeChecker(trial, timing, EPOCH_MS);
    times.forEach((timeMs, i) => {
      checker.noticed!(trial.hosts[i % 4]!, told(i + 1, { timeMs: EPOCH_MS + timeMs }));
    });
    return trial.reports;
  }

  it("ledger time that stands still or goes back is a violation", () => {
    expect(judged(-30, -20, -19)).toEqual([]);
    expect(judged(-30, -30)).toEqual(["time"]);
    expect(judged(-30, -31)).toEqual(["time"]);
  });

  it("ledger time that is further ahead than the greatest patience is a violation", () => {
    expect(judged(9 * timing.precisionMs)).toEqual([]);
    expect(judged(9 * timing.precisionMs + 1)).toEqual(["time"]);
  });
});

describe("pace", () => {
  /** Entries at equal distances; `more` tells what the ones of a height have that empty ones have not. */
  function lived(
    everyMs: number,
    isHonestSeat: (seat: number) => boolean = () => true,
    more: (height: number) => Partial<EntryNotice> = () => ({}),
    before: readonly Notice[] = [],
  ): string[] {
    const trial = trialOf();
    const checker = paceChecker(trial, timing, isHonestSeat);
    checker.healed!();
    for (const notice of before) checker.noticed!(trial.hosts[0]!, notice);
    for (let height = 1; height <= 30; height++) {
      trial.now += everyMs;
      checker.noticed!(trial.hosts[0]!, told(height, { leader: height % 4, ...more(height) }));
    }
    return [...new Set(trial.reports)];
  }

  it("empty entries that do not grow rare are a violation, one each longest interval are none", () => {
    expect(lived(longestIdleMs(timing))).toEqual([]);
    expect(lived(timing.idleMs)).toEqual(["pace"]);
    expect(lived(timing.deltaMs)).toEqual(["pace"]);
  });

  it("where each term follows a skipped one, one per idleMs are none", () => {
    expect(lived(timing.idleMs, undefined, (height) => ({ term: 2 * height }))).toEqual([]);
    expect(lived(timing.deltaMs, undefined, (height) => ({ term: 2 * height }))).toEqual(["pace"]);
  });

  it("entries with operations, in a running auction, or by liars may be as close as they like", () => {
    expect(lived(10, undefined, () => ({ operations: 1 }))).toEqual([]);
    expect(lived(10, () => false)).toEqual([]);
    const lot = { capability: "gpu", units: 1, fromMs: null, toMs: null };
    const opened = {
      auction: bytesOf(7),
      creator: bytesOf(8),
      format: "vickrey",
      direction: "sell",
      lot,
      reserve: 0n,
    } as const;
    const terms = {
      hasHiddenReserve: false,
      standingWeight: null,
      deliverMs: 0,
      settleMs: 0,
      lockups: [1n],
      opensMs: 0,
      closesMs: 1000,
    };
    const running: Notice = { kind: "auctionOpened", height: 0, timeMs: 0, ...opened, ...terms };
    expect(lived(10, undefined, undefined, [running])).toEqual([]);
  });
});

describe("fair", () => {
  const turns = { seats: 4, timing, epochMs: EPOCH_MS, liveMs: 5_000, endMs: 60_000 };

  function lived(
    leaders: readonly number[],
    meanwhile: (checker: Checker, hosts: readonly Host[]) => void = () => {},
  ) {
    const trial = trialOf();
    const checker = fairChecker(trial, turns);
    checker.healed!();
    meanwhile(checker, trial.hosts);
    for (let height = 1; trial.now < turns.endMs; height++) {
      trial.now += 500;
      const leader = leaders[height % leaders.length]!;
      checker.noticed!(trial.hosts[0]!, told(height, { leader }));
    }
    checker.ended!();
    return trial.reports;
  }

  it("a seat that leads nothing for two rounds of turns is a violation", () => {
    expect(lived([0, 1, 2, 3])).toEqual([]);
    expect(lived([0, 1, 3])).toEqual(["fair"]);
    expect(lived([0, 1])).toEqual(["fair", "fair"]);
  });

  it("a seat that may not sign, or whose clock is wrong, is owed nothing", () => {
    const amnesia = (released: boolean): Notice => ({ kind: "amnesia", released });
    expect(lived([0, 1, 3], (checker, hosts) => checker.noticed!(hosts[2]!, amnesia(false)))).toEqual([]);
    const remembered = lived([0, 1, 3], (checker, hosts) => {
      checker.noticed!(hosts[2]!, amnesia(false));
      checker.noticed!(hosts[2]!, amnesia(true));
    });
    expect(remembered).toEqual(["fair"]);
    const astray = lived([0, 1, 3], (_checker, hosts) => {
      Object.defineProperty(hosts[2], "clockMs", { get: () => EPOCH_MS - 600_000 });
    });
    expect(astray).toEqual([]);
  });
});
