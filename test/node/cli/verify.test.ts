// `verify` and `auction verify`: what a daemon answers is held against the question, and against the proof, whole.
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { transcriptToView } from "../../../node/api/index.js";
import { auctionView, outcomeView, shownAuction } from "../../../node/api/views/auction.js";
import type { TranscriptView } from "../../../node/contract/index.js";
import { type AuctionView, asDocument, type OutcomeView } from "../../../node/contract/index.js";
import { toHex } from "../../../src/base/index.js";
import { encodeGenesis } from "../../../src/ledger/index.js";
import { type AuctionId, auctionOf } from "../../../src/market/index.js";
import { assembleTranscript, decodeWitness, ownWitnessKey } from "../../../src/peer/index.js";
import { Cluster, ended, idOf, opened, placed } from "../../peer/cluster.js";
import { closeAll, file, mabeam, newHome, type Stub, saying } from "./cli-fixture.js";

interface Answers {
  readonly auction: AuctionView;
  readonly outcome: OutcomeView;
  readonly transcript: TranscriptView;
}

let cluster: Cluster;
let stub: Stub;
let sold: Answers;
let other: Answers;
let unsold: Answers;
const chain = () => toHex(cluster.chain);

/** What an honest daemon answers about an ended auction. */
function answersOf(auction: AuctionId): Answers {
  const host = cluster.host(0);
  const row = () => host.rows.get(ownWitnessKey(toHex(auction)));
  expect(cluster.run(5000, () => row() !== undefined)).toBe(true);
  const witness = decodeWitness(row()!)!;
  cluster.run(5000, () => host.log().at(-1)!.header.height > witness.attestedAt);
  const { ledger } = host.live;
  const known = auctionOf(ledger, auction)!;
  const genesis = encodeGenesis(host.genesis);
  const transcript = assembleTranscript(toHex(auction), genesis, host.log(known.createdAt), witness)!;
  return {
    auction: auctionView(shownAuction(ledger, known)),
    outcome: outcomeView(shownAuction(ledger, known))!,
    transcript: transcriptToView(transcript),
  };
}

/** Lets the daemon answer this, whatever auction it is asked about. */
function answer({ auction, outcome, transcript }: Answers): void {
  stub.said = {
    auction: asDocument("Auction", auction),
    outcome: asDocument("Outcome", outcome),
    transcript: asDocument("Transcript", transcript),
  };
}

beforeAll(async () => {
  cluster = new Cluster({
    agents: [["sue", "ann", "bob"]],
    params: { deltaMs: 100, idleMs: 1000, precisionMs: 50, minRevealMs: 350, minCommitMs: 300 },
  });
  const settled = (reserve: bigint): Answers => {
    const auction = opened(cluster, "sue", { commitMs: 300, revealMs: 350, reserve });
    placed(cluster, "ann", auction, 500n);
    placed(cluster, "bob", auction, 300n);
    ended(cluster, auction);
    return answersOf(auction);
  };
  [sold, other, unsold] = [settled(10n), settled(20n), settled(900n)];
  stub = await saying({});
});

afterAll(closeAll);

const verify = (id: string) => stub.run(`auction verify ${id} --chain ${chain()}`);

test("an honest answer verifies, by the id and by its beginning", async () => {
  const forgotten = { ...sold, auction: { ...sold.auction, forgotten: true } };
  for (const answers of [sold, unsold, forgotten]) {
    answer(answers);
    for (const id of [answers.auction.id, answers.auction.id.slice(0, 9)]) {
      const { exit, out } = await verify(id);
      expect([exit, out.join("\n")]).toEqual([0, expect.stringContaining("the daemon says the same")]);
    }
  }
});

test("a valid proof of another auction is no answer", async () => {
  answer(other);
  expect(await verify(sold.auction.id)).toMatchObject({ exit: 9, out: [] });
  answer({ ...other, auction: sold.auction });
  const { exit, err } = await verify(sold.auction.id);
  expect([exit, err]).toEqual([9, expect.stringContaining(other.auction.id)]);
  answer({ ...sold, transcript: other.transcript });
  expect((await verify(sold.auction.id)).exit).toBe(9);
  answer(sold);
  const foreign = "00".repeat(32);
  expect((await stub.run(`auction verify ${sold.auction.id} --chain ${foreign}`)).exit).toBe(9);
});

test("whatever a daemon says beside its proof is compared with it, field by field", async () => {
  const fake: Readonly<Record<string, unknown>> = {
    id: null,
    creator: other.auction.creator.replace(/^./, (one) => (one === "a" ? "b" : "a")),
    lot: { ...sold.auction.lot, units: 9 },
    reserve: "11",
    hiddenReserve: true,
    standingWeight: 1,
    lockups: ["7"],
    bond: "1",
    deliverMs: 1,
    settleMs: 1,
    value: "1",
    phase: "void",
    opensAt: "2031-01-01T00:00:00.000Z",
    commitClosesAt: "2031-01-01T00:00:00.000Z",
    revealClosesAt: "2031-01-01T00:00:00.000Z",
    commits: 3,
    reveals: 1,
    createdHeight: sold.auction.createdHeight + 1,
    outcome: { ...sold.outcome, clearingPrice: "299" },
  };
  const fakeOutcome: Readonly<Record<string, unknown>> = {
    auction: other.auction.id,
    status: "void",
    awards: [{ bidder: toHex(idOf("bob")), units: 1, pays: "299", receives: "0" }],
    clearingPrice: "299",
    burned: "777",
    forfeits: [{ agent: toHex(idOf("bob")), amount: "1" }],
    height: sold.outcome.height + 1,
    time: "2031-01-01T00:00:00.000Z",
  };
  const unfaked = Object.keys(sold.auction).filter((name) => !(name in fake));
  expect([unfaked, Object.keys(sold.outcome).sort()]).toEqual([
    ["format", "direction", "forgotten"],
    Object.keys(fakeOutcome).sort(),
  ]);
  const caught: string[] = [];
  const lies: [string, Answers][] = [
    ...Object.entries(fake)
      .filter(([name]) => name !== "id")
      .map(([name, value]): [string, Answers] => [
        name,
        { ...sold, auction: { ...sold.auction, [name]: value } as AuctionView },
      ]),
    ...Object.entries(fakeOutcome).map(([name, value]): [string, Answers] => [
      name,
      { ...sold, outcome: { ...sold.outcome, [name]: value } as OutcomeView },
    ]),
  ];
  for (const [name, lie] of lies) {
    answer(lie);
    const { exit, err } = await verify(sold.auction.id);
    if (exit === 9 && err.includes("the check claim failed") && err.includes(`says ${name} `))
      caught.push(name);
  }
  expect(caught).toEqual(lies.map(([name]) => name));
});

test("a file must be of the auction that is named, and holds each key once", async () => {
  const text = JSON.stringify(asDocument("Transcript", sold.transcript));
  const name = file(stub.home, "sold.json", text);
  const run = (path: string, id?: string) =>
    stub.run(["verify", path, "--chain", chain(), ...(id === undefined ? [] : ["--auction", id])]);
  expect((await run(name)).exit).toBe(0);
  expect((await run(name, sold.auction.id)).exit).toBe(0);
  expect((await run(name, sold.auction.id.slice(0, 8))).exit).toBe(0);
  expect((await run(name, other.auction.id)).exit).toBe(9);
  const twice = text.replace('"auction":', `"auction":"${other.auction.id}","auction":`);
  expect((await run(file(stub.home, "twice.json", twice))).exit).toBe(9);
  const spaced = JSON.stringify(JSON.parse(text), null, 2);
  expect((await run(file(stub.home, "spaced.json", `${spaced}\n \n`))).exit).toBe(0);
});

const VECTORS = new URL("../../vectors/", import.meta.url);
const { chain: vectorChain } = JSON.parse(readFileSync(new URL("transcripts.json", VECTORS), "utf8"));

test.each(readdirSync(new URL("transcripts/", VECTORS)))(
  "the transcript %s holds offline, and is refused with exit 9 where a byte of a part is another",
  async (name) => {
    const view: TranscriptView = JSON.parse(readFileSync(new URL(`transcripts/${name}`, VECTORS), "utf8"));
    const home = newHome();
    const verify = async (said: TranscriptView) =>
      (await mabeam(home, ["verify", file(home, name, JSON.stringify(said)), "--chain", vectorChain])).exit;
    const turned = (part: string) => `${part.slice(0, 40)}${part[40] === "A" ? "B" : "A"}${part.slice(41)}`;
    const [first, ...entries] = view.entries as [TranscriptView["entries"][0], ...TranscriptView["entries"]];
    const changed: readonly TranscriptView[] = [
      { ...view, genesis: turned(view.genesis) },
      { ...view, certificate: turned(view.certificate) },
      { ...view, proofs: view.proofs.map(turned) },
      { ...view, entries: [{ ...first, header: turned(first.header) }, ...entries] },
      { ...view, entries: [{ ...first, ops: first.ops.map(turned) }, ...entries] },
    ];
    expect(await verify(view)).toBe(0);
    for (const one of changed) expect(await verify(one)).toBe(9);
  },
);
