// A testnet of real peers in this process: it trades, is checked, stops, and comes back as the same network.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { openLog } from "../../node/log.js";
import { PeerNode } from "../../node/peer-node.js";
import { toHex } from "../../src/base/index.js";
import { networkOf } from "../../src/ledger/index.js";
import type { Transcript } from "../../src/peer/proof/transcript.js";
import type { Notice } from "../../src/peer/ready.js";
import { createTestnet } from "../../testnet/index.js";
import { NO_BUDGETS } from "../../testnet/lab/checks/budget-books.js";
import { TRADER_FUNDS } from "../../testnet/plan.js";
import { allHeld } from "../../testnet/report/report.js";
import { runTestnet } from "../../testnet/run.js";
import { allQuiet } from "../../testnet/watch/quiet.js";
import type { PeerTestimony, Testimony } from "../../testnet/watch/testimony.js";
import { transcripts } from "../../testnet/watch/transcript.js";

const folders: string[] = [];
const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), "mabeam-test-"));
  folders.push(made);
  return made;
};
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))));

const SILENT_PEER: PeerTestimony = {
  name: "peer-0",
  roots: new Map(),
  entries: new Map(),
  sightings: [],
  overheard: [],
  height: 0,
  accounts: [],
  trades: [],
  budgets: NO_BUDGETS,
  books: [],
};

const silent = openLog({ level: "silent", file: null });

describe("a finite run", () => {
  test("starts without a link that a busy machine did not make in time", async () => {
    const { connect } = PeerNode.prototype;
    let slow: PeerNode | null = null;
    const dials = vi.spyOn(PeerNode.prototype, "connect").mockImplementation(function (
      this: PeerNode,
      address,
    ) {
      slow ??= this;
      return this === slow ? Promise.reject(new Error("too late")) : connect.call(this, address);
    });
    const steps: string[] = [];
    const onStep = ({ text }: { text: string }) => void steps.push(text);
    const size = { peers: 3, quorum: 1, agents: 2, rounds: 1, seed: 1 };
    const report = await runTestnet({ ...size, log: silent, onStep }).finally(() => dials.mockRestore());
    expect(allHeld(report)).toBe(true);
    expect(steps).toContain("2 connections");
  });

  test("trades so many rounds, and every check holds", async () => {
    const steps: string[] = [];
    const report = await runTestnet({
      peers: 5,
      quorum: 4,
      agents: 10,
      rounds: 4,
      seed: 1,
      log: silent,
      onStep: ({ text }) => steps.push(text),
    });
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(allHeld(report)).toBe(true);
    expect(report.checks.map(({ name }) => name)).toEqual([
      "state-root",
      "conservation",
      "outcome",
      "secrecy",
      "slashing",
      "transcript",
      "live",
      "once",
      "led",
      "outage",
      "deposit",
      "room",
      "nonce",
      "paid",
      "unbonding",
      "liens",
      "trade-money",
      "budgets",
      "funds",
    ]);
    // One owner's three, and one's of these.
    expect(report.checks.find(({ name }) => name === "budgets")!.detail).toMatch(/\b4 budgets\b/);
    const { due, delivered, paid, refunded, split, byCause } = report.trades;
    expect(due).toBeGreaterThan(0);
    expect(due).toBe(paid + refunded + split);
    expect(Object.values(byCause).reduce((sum, one) => sum + one, 0)).toBe(due);
    expect(delivered).toBeGreaterThanOrEqual(paid + split);
    expect(report).toMatchObject({
      kind: "TestnetReport",
      peers: 5,
      quorum: { members: 4, byzantineTolerance: 1, forks: 0 },
      auctions: { opened: 4, failed: 0, byFormat: { vickrey: 4 } },
      bids: { withheld: 0 },
    });
    expect(report.auctions.settled + report.auctions.unsold).toBe(4);
    expect(report.bids.revealed).toBe(report.bids.committed);
    expect(report.bids.committed).toBeGreaterThan(0);
    expect(report.latency.settleMs!.p50).toBeGreaterThan(report.latency.commitMs);
    expect(report.latency.gossipMs).not.toBeNull();
    expect(steps.length).toBeGreaterThan(4);
  });
});

describe("a transcript", () => {
  test("with one byte changed, or told of otherwise, does not pass its check", async () => {
    const testnet = await createTestnet({ peers: 1, agents: 3, seed: 4 });
    try {
      const peer = testnet.peers[0]!;
      const settled = new Promise<Extract<Notice, { kind: "auctionSettled" }>>((resolve) => {
        peer.subscribe((notice) => {
          if (notice.kind === "auctionSettled") resolve(notice);
        });
      });
      await testnet.trade({ rounds: 1, atOnce: 1, pauseMs: 0 }).over;
      const notice = await settled;
      await allQuiet(testnet.peers);
      const transcript = (await peer.transcript(notice.auction))!;
      const told = (said: Notice, handedOut: Transcript): Testimony => ({
        network: networkOf(testnet.genesis),
        pace: { genesisMs: 0, outageMs: 1, tolerance: 0 },
        params: { ...testnet.genesis.params, seats: [] },
        peers: [{ ...SILENT_PEER, sightings: [{ order: 0, notice: said }] }],
        transcripts: [{ auction: toHex(notice.auction), peer: peer.name, transcript: handedOut }],
        log: [],
        secrets: [],
        opening: [],
        honest: new Set(),
      });
      expect(transcripts(told(notice, transcript)).wrongs).toEqual([]);
      expect(
        transcripts(told({ ...notice, clearingPrice: notice.clearingPrice! + 1n }, transcript)).wrongs,
      ).toHaveLength(1);
      const entries = transcript.entries.map((entry, i) => {
        const header = entry.header.slice();
        if (i === 1) header[header.length - 1]! ^= 1;
        return { ...entry, header };
      });
      expect(transcripts(told(notice, { ...transcript, entries })).wrongs).toHaveLength(1);
    } finally {
      await testnet.stop();
    }
  });
});

describe("a testnet", () => {
  test("a quorum of one finalises, and the faucet funds a stranger", async () => {
    const testnet = await createTestnet({ peers: 1, agents: 0, seed: 3 });
    try {
      const stranger = new Uint8Array(32).fill(9);
      const arrived = new Promise<bigint>((resolve) => {
        testnet.peers[0]!.subscribe(() => {
          const account = testnet.peers[0]!.peer.ledger.accountOf(stranger);
          if (account !== null) resolve(account.free);
        });
      });
      expect(await testnet.faucet(stranger, 7n)).toMatchObject({ ok: true });
      expect(await arrived).toBe(7n);
    } finally {
      await testnet.stop();
    }
  });

  test("stopped and started in its folder it is the same network, and goes on", async () => {
    const home = await folder();
    const size = { peers: 4, quorum: 4, agents: 4, seed: 8, genesisMs: Date.now(), home };
    const before = await createTestnet(size);
    await before.trade({ rounds: 1, atOnce: 1, pauseMs: 0 }).over;
    const { height } = before.peers[0]!.peer.tip;
    const listen = before.listenAddresses();
    await before.stop();

    const after = await createTestnet({ ...size, listen, fresh: false });
    try {
      expect(toHex(after.chain)).toBe(toHex(before.chain));
      expect(after.listenAddresses()).toEqual(listen);
      expect(after.peers[0]!.peer.tip.height).toBeGreaterThan(height);
      const settled = new Promise<Notice>((resolve) => {
        after.peers[3]!.subscribe((notice) => {
          if (notice.kind === "auctionSettled") resolve(notice);
        });
      });
      await after.trade({ rounds: 1, atOnce: 1, pauseMs: 0 }).over;
      await settled;
      const funds = after.plan.agentPlans
        .filter(({ role }) => role === "seller")
        .map(({ key }) => after.peers[0]!.peer.ledger.accountOf(key.publicKey)!.free);
      // Two sales at more than the fees: what was earned before the stop is still there.
      expect(funds.every((free) => free > TRADER_FUNDS)).toBe(true);
    } finally {
      await after.stop();
    }
  });
});
