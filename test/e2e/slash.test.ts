// A seat that equivocates on a running network: every peer slashes it once, and `slash show` shows both its messages.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshToken, HostedPeer, type RunningApi, startApi } from "../../node/api/index.js";
import { writeApiFile } from "../../node/config/api-file.js";
import { agentKey } from "../../node/crypto/signer.js";
import { LOOPBACK_LIMITS, Network } from "../../node/net/index.js";
import { type Hash, toHex, utf8 } from "../../src/index.js";
import { conservation, TOTALS } from "../../src/ledger/index.js";
import { SLASHES } from "../../src/market/index.js";
import {
  encodeEvidence,
  entryIdOf,
  type Header,
  NO_GAP_HASH,
  type Propose,
  proposeDigest,
  type QuorumMessage,
  type Vote,
  voteDigest,
  voteDomain,
  voteEvidence,
} from "../../src/quorum/index.js";
import { file, mabeam } from "../node/cli/cli-fixture.js";
import { quiet } from "../node/net-fixture.js";
import { eventually } from "./eventually.js";
import { FUNDS, HostedNetwork } from "./network.js";

const evilSeat = agentKey(new Uint8Array(32).fill(66));
const home = mkdtempSync(join(tmpdir(), "mabeam-slash-"));
let network: HostedNetwork;
let evil: Network;
let api: RunningApi;
let hosted: HostedPeer[];

beforeAll(async () => {
  network = await HostedNetwork.start({ name: "slash", seats: 3, otherSeats: [evilSeat.publicKey] });
  evil = await Network.start({
    peerKey: network.seed("evil"),
    listen: ["/ip4/127.0.0.1/tcp/0"],
    join: network.nodes.map((one) => one.multiaddrs()[0]!),
    chain: network.chain,
    market: network.market,
    loopback: true,
    maxValidityMs: 3_600_000,
    role: { consensusSigner: evilSeat, electorate: network.front.peer.electorate },
    maxConnections: 12,
    limits: LOOPBACK_LIMITS,
    log: quiet,
    verifier: network.verifier,
    handlers: {
      onMessage: () => undefined,
      onOperation: (_operation, _bytes, _from, settle) => settle("kept"),
      onFinal: () => true,
      judgeOperation: () => ({ kind: "accept" }),
      judgeFinal: () => "accept",
      judgeEvidence: () => "accept",
      onConnected: () => undefined,
      onDisconnected: () => undefined,
      serveLog: async () => utf8("no log"),
      onLogPruned: () => undefined,
      snapshot: async () => null,
      snapshotRows: async () => null,
      faucet: null,
      genesis: () => utf8("no genesis"),
      height: () => 0,
      finalProof: () => null,
    },
    wallMs: Date.now,
  });
  await eventually("it is linked", () => evil.linkedSeats().length === 3);
  hosted = network.nodes.map(
    (node) =>
      new HostedPeer(node, {
        version: "0.1.0",
        startedAtMs: Date.now(),
        nowMs: Date.now,
        home: null,
        keys: "public",
        keptEvents: 1024,
        defaultAgent: network.creator.publicKey,
        keyring: null,
        faucet: null,
      }),
  );
  const tokenFile = join(home, "token");
  api = await startApi({
    host: { peerCount: hosted.length, peer: (n) => hosted[n] ?? null, stop: () => undefined },
    token: await freshToken(tokenFile),
    listen: { host: "127.0.0.1", port: 0 },
    version: "0.1.0",
    onAccident: (error) => {
      throw error;
    },
    nowMs: Date.now,
    random: () => 0.5,
  });
  const agent = toHex(network.creator.publicKey);
  const peers = [{ name: "peer-0", agent, addresses: [] }];
  await writeApiFile(join(home, "api.json"), { url: api.url, tokenFile, pid: process.pid, peers });
});

afterAll(async () => {
  await api.close();
  for (const one of hosted) one.close();
  await evil.stop();
  await network.stop();
  rmSync(home, { recursive: true, force: true });
});

const electorate = () => network.front.peer.electorate;
const seat = () => electorate().seatOf(evilSeat.publicKey)!;
const tell = (message: QuorumMessage): void => evil.send([{ to: "members", message }]);
const slashes = () => network.nodes.map(({ peer }) => [...peer.ledger.table(SLASHES).values()]);

function voteFor(type: Vote["type"], term: number, entryId: Hash): Vote {
  const domain = voteDomain(electorate(), network.chain, network.market);
  const { set, setHash } = electorate();
  const sig = evilSeat.sign(voteDigest(domain, type, term, entryId));
  return { type, epoch: set.epoch, setHash, term, entryId, signer: seat(), sig };
}

/** A header of this seat's next turn that says it was executed ahead of itself. */
function flawedProposal(): Propose {
  const { tip, voter } = network.front.peer;
  let term = voter.term + 3;
  while (electorate().leaderOf(term) !== seat()) term++;
  const header: Header = {
    ...tip.header!,
    term,
    leader: seat(),
    parentTerm: term - 1,
    justifyHash: NO_GAP_HASH,
    height: tip.height + 1,
    execHeight: tip.height + 9,
  };
  const leaderSig = evilSeat.sign(proposeDigest(entryIdOf(header)));
  return { entry: { header, ops: [], leaderSig }, parentHeader: null, parentCert: null };
}

describe("a hostile seat", () => {
  test("that proposes what is invalid on its face loses a quarter of its bond", async () => {
    tell({ kind: "propose", propose: flawedProposal() });
    await eventually("every peer has slashed it", () => slashes().every((all) => all.length === 1));
    for (const [one] of slashes())
      expect(one).toMatchObject({ type: "E6", taken: FUNDS / 4n, due: FUNDS / 4n });
    expect(electorate().tolerance).toBe(1);
    for (const { peer } of network.nodes) expect(peer.halted).toBeNull();
    const { out } = await mabeam(home, "slash list --json");
    const { items } = JSON.parse(out[0]!);
    const text = (await mabeam(home, `slash show ${items[0].id.slice(0, 12)}`)).out.join("\n");
    expect(text).toContain("its header contradicts itself: EXECUTED_AHEAD");
    expect(text).toMatch(/execHeight +\d+/);
  });

  test("that acknowledges two entries in one term loses what is left, once, at every peer", async () => {
    const term = network.front.peer.voter.term + 2;
    const [a, b] = [1, 2].map((fill) => voteFor("ack", term, new Uint8Array(32).fill(fill)));
    tell({ kind: "vote", vote: a! });
    tell({ kind: "vote", vote: b! });
    await eventually("every peer has slashed it", () => slashes().every((all) => all.length === 2));
    for (const { peer } of network.nodes) {
      expect(conservation(peer.ledger).holds).toBe(true);
      expect(peer.ledger.one(TOTALS)).toMatchObject({ insurance: FUNDS / 2n });
      expect(peer.halted).toBeNull();
    }
    const [twoAcks] = [...slashes()[0]!].filter((one) => one.type === "E1");
    expect(twoAcks).toMatchObject({ term, taken: (FUNDS * 3n) / 4n });
  });

  test("is shown at every peer with both messages side by side", async () => {
    for (const peer of [0, 1, 2]) {
      const { items } = JSON.parse((await mabeam(home, `slash list --json --peer ${peer}`)).out[0]!);
      const one = items.find(({ offence }: { offence: string }) => offence === "E1");
      const ran = await mabeam(home, `slash show ${one.id} --peer ${peer}`);
      expect([ran.exit, ran.err]).toEqual([0, ""]);
      const text = ran.out.join("\n");
      expect(text).toContain("acknowledged two entries in one term");
      expect(text).toMatch(/≠ +entryId +(01){8}\S* +(02){8}/);
      const json = JSON.parse((await mabeam(home, `slash show ${one.id} --json --peer ${peer}`)).out[0]!);
      expect(json).toMatchObject({
        kind: "Slash",
        conviction: { class: "A" },
        evidence: { differ: ["entryId"], flaw: null },
      });
    }
  });

  test("is told of as proposed, then as applied", async () => {
    const { out } = await mabeam(home, "slash list --json");
    expect(JSON.parse(out[0]!).items).toHaveLength(2);
    for (const [i, backend] of hosted.entries()) {
      const { events } = await backend.events.read(0, 1024);
      const kinds = events.map((event) => event.type);
      expect([
        i,
        kinds.includes("slash.proposed"),
        kinds.filter((one) => one === "slash.applied").length,
      ]).toEqual([i, true, 2]);
    }
  });

  test("is not slashed again by the same evidence, nor by what anybody makes up", async () => {
    const { out } = await mabeam(home, "slash list --json");
    const { id } = JSON.parse(out[0]!).items[0];
    const shown = (await mabeam(home, `slash show ${id} --json`)).out[0]!;
    const again = await mabeam(home, ["slash", "report", file(home, "again", shown)]);
    expect([again.exit, again.err]).toEqual([6, expect.stringContaining("slash list")]);
    const forged = voteEvidence(
      { ...voteFor("ack", 1, new Uint8Array(32).fill(1)), signer: (seat() + 1) % 4 },
      { ...voteFor("ack", 1, new Uint8Array(32).fill(2)), signer: (seat() + 1) % 4 },
    )!;
    const made = Buffer.from(encodeEvidence(forged)).toString("base64");
    const refused = await mabeam(home, ["slash", "report", file(home, "made-up", made)]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("evidence invalid")]);
    expect(slashes().map((all) => all.length)).toEqual([2, 2, 2]);
  });
});
