// Each checker against planted violations: it is silent about what is right and names what is wrong.
import { describe, expect, it } from "vitest";
import { toHex, ZERO_HASH } from "../../src/base/index.js";
import { decodeOperation, encodeOperation, selfProving } from "../../src/market/index.js";
import type { Notice, Ready } from "../../src/peer/ready.js";
import { electorate, type QuorumMessage, type VoteKind } from "../../src/quorum/index.js";
import type { Court } from "../../testnet/lab/checks/statements.js";
import { forgerOf } from "../../testnet/lab/simulate/byzantine/forger.js";
import { agreeChecker } from "../../testnet/lab/simulate/checkers/agree.js";
import { booksChecker } from "../../testnet/lab/simulate/checkers/books.js";
import { bugChecker } from "../../testnet/lab/simulate/checkers/bugs.js";
import { caughtChecker } from "../../testnet/lab/simulate/checkers/caught.js";
import type { Checker, Trial } from "../../testnet/lab/simulate/checkers/checker.js";
import { durableChecker } from "../../testnet/lab/simulate/checkers/durable.js";
import { honestChecker } from "../../testnet/lab/simulate/checkers/honest.js";
import { progressChecker } from "../../testnet/lab/simulate/checkers/progress.js";
import { secrecyChecker } from "../../testnet/lab/simulate/checkers/secrecy.js";
import { writtenChecker } from "../../testnet/lab/simulate/checkers/written.js";
import type { Machine } from "../../testnet/lab/simulate/machine.js";
import type { PlacedBid } from "../../testnet/lab/simulate/workload.js";
import type { Host } from "../../testnet/lab/simulate/world/host.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { IdealSignatures } from "../../testnet/lab/simulate/world/signatures.js";
import { entryNotice } from "./toy.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const bytesOf = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);

function fakeHost(index: number, machine: Partial<Mutable<Machine>> = {}): Host {
  return { index, isUp: true, machine: { height: 0, root: () => ZERO_HASH, ...machine } } as unknown as Host;
}

/** A trial of a few hosts, of which the last is not honest; what is reported lies in `reports`. */
function trialOf(
  hosts: readonly Host[],
  dishonest = -1,
): Trial & { readonly reports: string[]; now: number } {
  const trial = {
    hosts,
    reports: [] as string[],
    now: 0,
    isHonest: (host: Host) => host.index !== dishonest,
    nowMs: () => trial.now,
    report: (invariant: string) => void trial.reports.push(invariant),
  };
  return trial;
}

describe("agree", () => {
  it("two ids at one height are a violation, the same id twice is not", () => {
    const trial = trialOf([fakeHost(0), fakeHost(1), fakeHost(2)], 2);
    const checker = agreeChecker(trial);
    checker.noticed!(trial.hosts[0]!, entryNotice(1, bytesOf(1)));
    checker.noticed!(trial.hosts[1]!, entryNotice(1, bytesOf(1)));
    checker.noticed!(trial.hosts[2]!, entryNotice(1, bytesOf(9)));
    expect(trial.reports).toEqual([]);
    checker.noticed!(trial.hosts[1]!, entryNotice(2, bytesOf(2)));
    checker.noticed!(trial.hosts[0]!, entryNotice(2, bytesOf(3)));
    expect(trial.reports).toEqual(["agree"]);
  });

  it("a skipped height is a violation unless a crash lost the telling", () => {
    const trial = trialOf([fakeHost(0)]);
    const checker = agreeChecker(trial);
    checker.noticed!(trial.hosts[0]!, entryNotice(1));
    checker.crashed!(trial.hosts[0]!, "beforeNotify");
    checker.noticed!(trial.hosts[0]!, entryNotice(4));
    expect(trial.reports).toEqual([]);
    checker.noticed!(trial.hosts[0]!, entryNotice(6));
    expect(trial.reports).toEqual(["agree"]);
  });

  it("a fork that an honest peer proves is a violation", () => {
    const trial = trialOf([fakeHost(0)]);
    agreeChecker(trial).noticed!(trial.hosts[0]!, { kind: "fork", detail: "" });
    expect(trial.reports).toEqual(["agree"]);
  });
});

describe("conservation and non-negative", () => {
  const audited = (minted: bigint, ...amounts: bigint[]): string[] => {
    const holdings = amounts.map((amount, i) => ({ what: `part ${i}`, amount }));
    const trial = trialOf([fakeHost(0, { books: () => ({ minted, holdings }) })]);
    booksChecker(trial).noticed!(trial.hosts[0]!, entryNotice(1));
    return trial.reports;
  };

  it("a credit more or less is a violation", () => {
    expect(audited(10n, 7n, 3n)).toEqual([]);
    expect(audited(10n, 7n, 4n)).toEqual(["conservation"]);
    expect(audited(10n, 7n, 2n)).toEqual(["conservation"]);
  });

  it("a debt is a violation even where the sum is right", () => {
    expect(audited(10n, 11n, -1n)).toEqual(["non-negative"]);
  });
});

describe("written", () => {
  it("a row that changed and was not written is a violation, at the heights that are compared and at the end", () => {
    const host = fakeHost(0, { untouched: () => ["totals"], height: 15 });
    const trial = trialOf([host]);
    const checker = writtenChecker(trial);
    checker.noticed!(host, entryNotice(15));
    expect(trial.reports).toEqual([]);
    checker.noticed!(host, entryNotice(16));
    expect(trial.reports).toEqual(["written"]);
    const whole = trialOf([fakeHost(0, { untouched: () => [] })]);
    writtenChecker(whole).ended!();
    expect(whole.reports).toEqual([]);
  });
});

describe("durable", () => {
  it("a peer that restarts below what it told has lost something", () => {
    const host = fakeHost(0, { height: 5 });
    const trial = trialOf([host]);
    const checker = durableChecker(trial);
    checker.noticed!(host, entryNotice(5));
    checker.started!(host);
    expect(trial.reports).toEqual([]);
    (host.machine as Mutable<Machine>).height = 4;
    checker.started!(host);
    expect(trial.reports).toEqual(["durable"]);
  });
});

describe("converge and live", () => {
  function lived(before: number[], bound: number[], owed: number[], end: number[]): string[] {
    const hosts = before.map((height, i) => fakeHost(i, { height }));
    const trial = trialOf(hosts);
    const looks: (() => void)[] = [];
    const set = (heights: number[]): void =>
      hosts.forEach((host, i) => {
        (host.machine as Mutable<Machine>).height = heights[i]!;
      });
    const checker = progressChecker(trial, { liveMs: 10, settleMs: 10, endMs: 40 }, (_at, look) =>
      looks.push(look),
    );
    checker.healed!();
    set(bound);
    looks[0]!();
    set(owed);
    looks[1]!();
    set(end);
    checker.ended!();
    return trial.reports;
  }

  it("everyone must pass the greatest height of healing within the bound", () => {
    expect(lived([3, 5], [6, 6], [7, 7], [8, 8])).toEqual([]);
    expect(lived([3, 5], [5, 6], [7, 7], [8, 8])).toEqual(["live"]);
  });

  it("whoever lags behind at the end has not converged", () => {
    expect(lived([3, 5], [6, 6], [7, 9], [8, 10])).toEqual(["converge"]);
  });

  it("different roots at one height are a violation", () => {
    const hosts = [1, 2].map((fill, i) => fakeHost(i, { height: 4, root: () => bytesOf(fill) }));
    const trial = trialOf(hosts);
    const checker = progressChecker(trial, { liveMs: 1, settleMs: 1, endMs: 9 }, () => {});
    for (const host of hosts) checker.noticed!(host, entryNotice(4));
    expect(trial.reports).toEqual(["converge"]);
  });

  it("a peer that is down at the end is not live", () => {
    const host = { ...fakeHost(0), machine: null, isUp: false } as unknown as Host;
    const trial = trialOf([host]);
    progressChecker(trial, { liveMs: 1, settleMs: 1, endMs: 9 }, () => {}).ended!();
    expect(trial.reports).toEqual(["live"]);
  });
});

describe("bug", () => {
  it("a machine that throws is a violation", () => {
    const trial = trialOf([fakeHost(0)]);
    bugChecker(trial).failed!(trial.hosts[0]!, { kind: "tick" }, new Error("no"));
    expect(trial.reports).toEqual(["bug"]);
  });
});

describe("honest and caught", () => {
  const keys = new IdealSignatures(new Random(4));
  const signers = Array.from({ length: 4 }, () => keys.key()).sort((a, b) =>
    toHex(a.publicKey) < toHex(b.publicKey) ? -1 : 1,
  );
  const agents = [11, 12, 13, 14].map((fill) => bytesOf(fill));
  const [chain, market] = [bytesOf(1), bytesOf(2)];
  const members = signers.map(({ publicKey }, i) => ({ key: publicKey, agent: agents[i]!, power: 1 }));
  const seats = electorate({ epoch: 0, members }, chain);
  const court: Court = { electorate: seats, chain, market, verifier: keys, judgeOps: () => null };
  const forger = forgerOf({
    seat: 1,
    signer: signers[1]!,
    agent: signers[1]!,
    electorate: seats,
    network: { chain, market },
    keepTerms: 8,
    deltaMs: 100,
  });
  const says = (type: VoteKind, fill: number): QuorumMessage => ({
    kind: "vote",
    vote: forger.vote(type, 3, bytesOf(fill)),
  });
  const slashed: Notice = {
    kind: "slashed",
    height: 9,
    slash: agents[0]!,
    agent: agents[1]!,
    amount: 1n,
    evidence: "E1",
  };

  function accused(...messages: QuorumMessage[]): string[] {
    const trial = trialOf([0, 1, 2, 3].map((i) => fakeHost(i)));
    const checker = honestChecker(trial, court, agents);
    for (const message of messages) checker.sent!(trial.hosts[1]!, { to: "members", message });
    return trial.reports;
  }

  it("what an honest member may sign incriminates nobody", () => {
    expect(accused(says("ack", 5), says("commit", 5))).toEqual([]);
    expect(accused(says("ack", 5), says("skip", 0), says("ack", 5))).toEqual([]);
  });

  it("two ACKs, SKIP and COMMIT, ACK and another COMMIT, two COMMITs each incriminate", () => {
    expect(accused(says("ack", 5), says("ack", 6))).toEqual(["honest"]);
    expect(accused(says("skip", 0), says("commit", 6))).toEqual(["honest"]);
    expect(accused(says("ack", 5), says("commit", 6))).toEqual(["honest"]);
    expect(accused(says("commit", 5), says("commit", 6))).toEqual(["honest"]);
  });

  it("a slash of an honest bond is a violation", () => {
    const trial = trialOf([0, 1, 2, 3].map((i) => fakeHost(i)));
    honestChecker(trial, court, agents).noticed!(trial.hosts[0]!, slashed);
    expect(trial.reports).toEqual(["honest"]);
  });

  function pursued(isSlashed: boolean, ...messages: QuorumMessage[]): string[] {
    const convicted = (): Uint8Array[] => (isSlashed ? [agents[1]!] : []);
    const trial = trialOf(
      [0, 1, 2, 3].map((i) => fakeHost(i, { convicted })),
      1,
    );
    const checker: Checker = caughtChecker(trial, court, agents, 1_000, 100);
    checker.healed!();
    for (const message of messages) checker.heard!(trial.hosts[0]!, message);
    checker.ended!();
    return trial.reports;
  }

  it("a proven fault that nobody slashes is a violation; slashed or unproven, it is none", () => {
    expect(pursued(false, says("ack", 5), says("ack", 6))).toEqual(["caught"]);
    expect(pursued(true, says("ack", 5), says("ack", 6))).toEqual([]);
    expect(pursued(false, says("ack", 5), says("skip", 0))).toEqual([]);
  });
});

describe("secrecy", () => {
  const auction = bytesOf(7);
  const agents = [bytesOf(21), bytesOf(22)];
  const amount = 0x1234567890n;
  const network = { chain: bytesOf(1), market: bytesOf(2) };
  const reveal = encodeOperation(
    selfProving(network, {
      kind: "reveal",
      auction,
      bidder: agents[0]!,
      bid: { amount, units: null },
      salt: bytesOf(3),
    }),
  );
  const close: Notice = { kind: "auctionPhase", height: 3, timeMs: 3, auction, phase: "reveal" };
  const ready = (notify: readonly Notice[]): Ready => ({ persist: [], send: [], wakeAt: null, notify });
  const bid: PlacedBid = { auction, host: 0, amount, isWithheld: false };

  function watched(act: (checker: Checker, hosts: readonly Host[]) => void): string[] {
    const trial = trialOf([fakeHost(0), fakeHost(1)]);
    act(secrecyChecker(trial, new Map([[toHex(auction), [bid]]]), agents), trial.hosts);
    return [...new Set(trial.reports)];
  }

  it("the vector is a reveal", () => {
    const decoded = decodeOperation(reveal);
    expect(decoded.ok && decoded.value.body.kind).toBe("reveal");
  });

  it("a reveal before the close is final is a violation, after it none", () => {
    const early = watched((checker, [host]) =>
      checker.sent!(host!, { to: "topic", topic: "ops", bytes: reveal }),
    );
    expect(early).toEqual(["secrecy"]);
    const late = watched((checker, [host]) => {
      checker.stepped!(host!, ready([close]));
      checker.sent!(host!, { to: "topic", topic: "ops", bytes: reveal });
    });
    expect(late).toEqual([]);
  });

  it("an owner waits until it knows the close itself; others may pass the reveal on", () => {
    const owner = watched((checker, hosts) => {
      checker.stepped!(hosts[1]!, ready([close]));
      checker.sent!(hosts[0]!, { to: "anyone", message: { kind: "op", op: reveal } });
    });
    expect(owner).toEqual(["secrecy"]);
    const other = watched((checker, hosts) => {
      checker.stepped!(hosts[1]!, ready([close]));
      checker.sent!(hosts[1]!, { to: "anyone", message: { kind: "op", op: reveal } });
    });
    expect(other).toEqual([]);
  });

  it("an amount in any bytes or notice before the close is a violation", () => {
    const leak = Uint8Array.of(1, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0x90, 9);
    const said = watched((checker, [host]) =>
      checker.sent!(host!, { to: "topic", topic: "ops", bytes: leak }),
    );
    expect(said).toEqual(["secrecy"]);
    const bidder = agents[0]!;
    const committed = { auction, bidder, lockup: amount, commitment: auction };
    const told: Notice = { kind: "bidCommitted", height: 1, timeMs: 1, ...committed };
    expect(watched((checker, [host]) => checker.noticed!(host!, told))).toEqual(["secrecy"]);
  });
});
