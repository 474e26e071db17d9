// A further daemon, as a person starts it: it joins, trades, is killed, comes back, and proves what happened.
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuctionView, BidView, NodeView, WalletView } from "../../node/contract/index.js";
import { toHex } from "../../src/index.js";
import { auctionOf } from "../../src/market/index.js";
import { eventually } from "./eventually.js";
import { credits, GRANT, GRANT_STAKE, HostedNetwork } from "./network.js";
import { cleanUp, Daemon, mabeam, newHome } from "./process.js";

let network: HostedNetwork;
let daemon: Daemon;
let mortal: Daemon;
let forgetful: Daemon;

beforeAll(async () => {
  network = await HostedNetwork.start();
  const starts = [1, 2, 3].map(() => Daemon.start(newHome(), network.joinFlags));
  [daemon, mortal, forgetful] = (await Promise.all(starts)) as [Daemon, Daemon, Daemon];
  await Promise.all([daemon, mortal, forgetful].map((one) => one.funded()));
});

afterAll(async () => {
  await cleanUp();
  await network.stop();
});

const auctionAt = (one: Daemon, id: string): Promise<AuctionView> => one.get(`/v1/auctions/${id}`);
const bidsOf = async (one: Daemon, id: string): Promise<readonly BidView[]> =>
  (await one.get<{ items: BidView[] }>(`/v1/auctions/${id}/bids`)).items;
const knows = (one: Daemon, id: string) =>
  eventually("the daemon knows the auction", async () => (await auctionAt(one, id)).phase === "open");
const ended = (one: Daemon, id: string) =>
  eventually("the auction is over", async () => {
    const { outcome = null } = await auctionAt(one, id);
    return outcome;
  });

test("a daemon joins by one line, catches up from the log, and is funded", async () => {
  expect(daemon.banner).toMatchObject({
    kind: "Daemon",
    chain: network.chainHex,
    storage: "persistent",
    quorum: { members: 4, byzantineTolerance: 1 },
  });
  const status = await daemon.json<NodeView>("status");
  expect(status).toMatchObject({
    kind: "Node",
    mode: "ready",
    seat: null,
    testnet: true,
    keys: "passphrase-beside",
  });
  expect(status.height).toBeGreaterThan(0);
  expect(await daemon.json("wallet balance")).toMatchObject({
    free: String(GRANT),
    locked: "0",
    stake: String(GRANT_STAKE),
    held: true,
  });
});

test.concurrent("every command that reads answers people in words and machines in one line of JSON", async () => {
  const lines = {
    status: ["Node", /^Peer +12D3/m],
    id: ["Identity", new RegExp(`^Agent +${daemon.banner.agent}`, "m")],
    peers: ["PeerList", /^PEER +SEAT[\s\S]*127\.0\.0\.1/],
    "auction list": ["AuctionList", /^(AUCTION +PHASE|$)/],
    "wallet balance": ["Wallet", /^Free +[0-9.]+ credits$/m],
    "stake list": ["Wallet", /^Free stake +[0-9.]+ credits$/m],
    "quorum status": ["Quorum", /^Tolerance +byzantineTolerance 1$/m],
    "quorum members": ["MemberList", /leads/],
    "quorum log": ["LogEntryList", /^HEIGHT[\s\S]*SIGNED BY/],
    "slash list": ["SlashList", /^$/],
  } as const;
  for (const [line, [kind, words]] of Object.entries(lines)) {
    const [document, ran] = await Promise.all([daemon.json(line), daemon.run(line)]);
    expect([line, document.apiVersion, document.kind]).toEqual([line, "v1", kind]);
    expect([line, ran.exit]).toEqual([line, 0]);
    expect(ran.out).toMatch(words);
  }
  await eventually(
    "the log has more than a page",
    async () => (await daemon.json<{ height: number }>("status")).height > 3,
  );
  const log = await daemon.json<{ items: { height: number }[]; nextCursor: string }>("quorum log --limit 2");
  const next = await daemon.json<{ items: { height: number }[] }>(
    `quorum log --limit 1 --cursor ${log.nextCursor}`,
  );
  expect(next.items[0]!.height).toBe(log.items[1]!.height - 1);
});

test.concurrent("an auction of its own is opened, bid on, watched, settled and verified; the machine that verifies never joined", async () => {
  const created = await daemon.run(
    "auction create gpu.h100 --lockup 100 --reserve 2 --commit 20s --reveal 20s --wait",
  );
  expect([created.exit, created.err]).toEqual([0, ""]);
  const id = created.out.trim();
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  const watchers = [
    daemon.run(`auction watch ${id.slice(0, 8)}`),
    mabeam(daemon.home, ["auction", "watch", id, "--json"]),
  ];
  const auction = auctionOf(network.front.peer.ledger, id)!.id;
  await network.bid(network.rival, auction, credits(30));
  await network.bid(network.creator, auction, credits(20));
  expect(await daemon.json(`auction show ${id.slice(0, 10)}`)).toMatchObject({
    kind: "Auction",
    id,
    phase: "open",
  });
  const [words, stream] = await Promise.all(watchers);
  expect([words!.exit, stream!.exit]).toEqual([0, 0]);
  expect(words!.out).toMatch(new RegExp(`sold to ${toHex(network.rival.publicKey).slice(0, 10)} for 20\n$`));
  const events = stream!.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.at(-1)).toMatchObject({
    type: "auction.settled",
    auction: id,
    clearingPrice: String(credits(20)),
  });
  expect(events.filter((one) => one.type === "bid.revealed")).toHaveLength(2);
  expect((await daemon.run(`auction show ${id}`)).out).toMatch(/^Price +20 credits$/m);

  const file = join(daemon.home, "transcript.json");
  const verified = await eventually("the end is attested", async () => {
    const ran = await mabeam(daemon.home, ["auction", "verify", id, "--save", file, "--json"]);
    return ran.exit === 0 && ran;
  });
  expect(JSON.parse(verified.out)).toMatchObject({ kind: "Verification", ok: true, byzantineTolerance: 1 });
  const stranger = newHome();
  const offline = await mabeam(stranger, ["verify", file, "--chain", network.chainHex, "--json"]);
  expect([offline.exit, offline.err]).toEqual([0, ""]);
  expect(JSON.parse(offline.out)).toMatchObject({
    kind: "Verification",
    ok: true,
    outcome: {
      auction: id,
      awards: [{ bidder: toHex(network.rival.publicKey), pays: String(credits(20)) }],
      clearingPrice: String(credits(20)),
      burned: "0",
    },
  });
  expect((await mabeam(stranger, ["verify", file, "--chain", network.chainHex])).out).toMatch(
    /^Price +20 credits$/m,
  );
});

/** Bids 50 with 100 locked, against a rival's 10, and comes back differently by `loseWhat`. */
async function bidDieAndReturn(own: Daemon, loseWhat: (home: string) => void): Promise<Daemon> {
  const { free } = await own.get<WalletView>("/v1/wallet");
  const auction = await network.openAuction({ commitMs: 30_000, revealMs: 60_000 });
  const id = toHex(auction);
  await knows(own, id);
  const placed = await own.json<{ auction: string }>(`bid place ${id} 50 --now --wait`);
  expect(placed).toMatchObject({ kind: "Receipt", auction: id });
  await network.bid(network.rival, auction, credits(10));
  expect((await bidsOf(own, id))[0]).toMatchObject({
    state: "sealed",
    amount: null,
    bidder: own.banner.agent,
  });
  await own.kill();
  loseWhat(own.home);
  const back = await Daemon.start(own.home, network.joinFlags);
  expect(back.banner.agent).toBe(own.banner.agent);
  const outcome = await ended(back, id);
  expect(outcome).toMatchObject({
    status: "sold",
    awards: [{ bidder: own.banner.agent }],
    clearingPrice: String(credits(10)),
  });
  expect(outcome).toMatchObject({ burned: "0", forfeits: [] });
  const wallet = await back.get<WalletView>("/v1/wallet");
  // The fee of a bid burns; reveals are free.
  const fee = network.genesis.params.minFee;
  expect(wallet).toMatchObject({ free: String(BigInt(free) - credits(10) - fee), locked: "0", locks: [] });
  return back;
}

test.concurrent("killed between commit and reveal and started again, it remembers its opening and keeps its lockup", async () => {
  await bidDieAndReturn(mortal, () => undefined);
});

test.concurrent("with its data lost and only its keys restored, it finds its opening in the log", async () => {
  const back = await bidDieAndReturn(forgetful, (home) => {
    const kept = newHome();
    renameSync(join(home, "keys"), join(kept, "keys"));
    rmSync(home, { recursive: true });
    mkdirSync(home, { mode: 0o700 });
    renameSync(join(kept, "keys"), join(home, "keys"));
  });
  expect(await back.stop()).toBe(0);
  expect(() => readFileSync(join(back.home, "api.json"))).toThrow();
});
