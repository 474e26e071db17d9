// The table “Bad input”, row “a person”: the built program against a real daemon. Each time the exit code of
// spec/api#exit-codes, on stderr what, why and how to mend it, nothing on stdout, and nothing changed.
//
// The other rows: peers in hostile-peer.test.ts (whole nodes), test/node/net-*.test.ts (the network alone) and
// test/quorum/hostile.test.ts (the log alone); disks in damaged-disk.test.ts, test/node/{guard-file,store-level,crash,
// lock}.test.ts and test/quorum/memory.test.ts.
import { existsSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { WalletView } from "../../node/contract/index.js";
import { toHex } from "../../src/index.js";
import { eventually } from "./eventually.js";
import { credits, HostedNetwork } from "./network.js";
import { cleanUp, Daemon, expectRefusal, mabeam, newHome } from "./process.js";

let network: HostedNetwork;
let daemon: Daemon;
/** ids: one that takes bids throughout, one that is over */
let open: string;
let over: string;
let walletBefore: WalletView;

const OTHER_CHAIN = "ab".repeat(32);
const STRANGER = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

beforeAll(async () => {
  network = await HostedNetwork.start();
  daemon = await Daemon.start(newHome(), network.quickFlags);
  await daemon.funded();
  const lasting = { commitMs: 600_000, lockups: [credits(100), credits(5000)] };
  open = toHex(await network.openAuction(lasting));
  const short = await network.openAuction({ commitMs: 600, revealMs: 1200 });
  over = toHex(short);
  await network.ended(short);
  await eventually("the daemon knows both", async () => {
    const found = await daemon.get<{ outcome?: object | null }>(`/v1/auctions/${over}`);
    return (found.outcome ?? null) !== null;
  });
  walletBefore = await daemon.get("/v1/wallet");
});

afterAll(async () => {
  await cleanUp();
  await network.stop();
});

/** Neither money nor nonces moved: no operation of this agent has reached the log, nor waits for it. */
async function nothingChanged(): Promise<void> {
  const { height: _, ...wallet } = await daemon.get<WalletView>("/v1/wallet");
  expect(walletBefore).toMatchObject(wallet);
  expect(await daemon.get(`/v1/auctions/${open}`)).toMatchObject({ phase: "open", commits: 0 });
}

const refused = async (line: string, exit: number, says: RegExp): Promise<void> =>
  expectRefusal(await daemon.run(line), exit, says);

describe("of a running daemon a person asks what cannot be", () => {
  afterEach(nothingChanged);

  test("an unknown auction: 5, and where the known ones are listed", async () => {
    const unknown = "ab".repeat(32);
    const lines = ["auction show", "auction watch", "auction verify", "bid list"].map(
      (one) => `${one} ${unknown}`,
    );
    lines.push(`bid place ${unknown} 5`, `auction cancel ${unknown} --yes`, "auction show abcdef");
    for (const line of [...lines, `auction show ${unknown} --json`])
      await refused(line, 5, /Fix: .*bin\/mabeam\.mjs auction list`/);
  });

  test("an unknown agent: 5", async () => {
    await refused(`wallet balance ${STRANGER}`, 5, /an account begins/);
    await refused(`wallet transfer ${STRANGER} 1`, 5, /recipient unknown/);
  });

  test("a bid over the funds: 7, with what is free and what is needed", () =>
    refused(`bid place ${open} 600`, 7, /free 500 credits, needed 5000.001 credits[\s\S]*wallet balance/));

  test("a transfer over the funds: 7", () =>
    refused(`wallet transfer ${toHex(network.creator.publicKey)} 500`, 7, /free 500 credits/));

  test("a bid above every lockup: 2, and where they are shown", () =>
    refused(`bid place ${open} 5001`, 2, /lockup[\s\S]*auction show/));

  test("a bid after the close: 6, and when it closed", () =>
    refused(`bid place ${over} 5`, 6, /closed 20\d\d-.*Z[\s\S]*--phase open/));

  // What the program or the API refuses by itself is in test/node/cli/bad-input.test.ts: these are the ledger's rules.
  test.each(["--lockup 10 --commit 1ms", "--lockup 5 --reserve 10"])(
    "`auction create gpu %s`: 2",
    async (flags) => expectRefusal(await daemon.run(`auction create gpu ${flags}`), 2, /Fix: /),
  );

  test("a bid of 0: 2", () => refused(`bid place ${open} 0 --now`, 2, /Fix: /));

  test("cancelling another's auction: 6", () =>
    refused(`auction cancel ${open} --yes`, 6, /not the creator/));

  test("a transcript of an auction that is not over: 6", () => refused(`auction verify ${open}`, 6, /watch/));

  test("an address that nobody has: 1 or 2, by what is wrong with it", async () => {
    await refused("peers connect nonsense", 2, /multiaddr/);
    await refused("peers connect /ip4/127.0.0.1/tcp/1", 1, /Fix: /);
  });

  test("a transcript of another chain: 9, and both chains", async () => {
    const file = join(daemon.home, "over.json");
    await eventually("its end is attested", async () => {
      return (await daemon.run(`auction verify ${over} --save ${file}`)).exit === 0;
    });
    const ran = await mabeam(newHome(), ["verify", file, "--chain", OTHER_CHAIN]);
    expect(ran.exit).toBe(9);
    expect(ran.err).toMatch(
      new RegExp(`the check genesis failed[\\s\\S]*${network.chainHex}[\\s\\S]*${OTHER_CHAIN}`),
    );
  });
});

describe("a daemon cannot start", () => {
  let occupied: Server;
  let port: number;

  beforeAll(async () => {
    occupied = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => occupied.once("listening", resolve));
    port = (occupied.address() as { port: number }).port;
  });
  afterAll(() => occupied.close());

  const start = (home: string, ...flags: string[]) => mabeam(home, ["daemon", ...flags]);

  test.concurrent("in a folder that belongs to no network, and with none named: 1, and both ways out", async () => {
    expectRefusal(await start(newHome()), 1, /Fix: .*daemon --join <multiaddr> --chain <hash>.*testnet up/);
  });

  test.concurrent("with another chain's hash: 9, both hashes, and nothing kept of that network", async () => {
    const home = newHome();
    const ran = await start(home, "--join", network.address, "--chain", OTHER_CHAIN);
    expectRefusal(ran, 9, new RegExp(`${OTHER_CHAIN}|${network.chainHex}`));
    expect(readdirSync(home)).not.toContain("genesis.cbor");
    expect(readdirSync(home)).not.toContain("api.json");
    expect((await Daemon.start(home, network.quickFlags)).banner.chain).toBe(network.chainHex);
  });

  test.concurrent("in a folder of another chain: 9, and how to leave it alone", async () => {
    const home = newHome();
    const first = await Daemon.start(home, network.quickFlags);
    expect(await first.stop()).toBe(0);
    expectRefusal(await start(home, "--join", network.address, "--chain", OTHER_CHAIN), 9, /--home/);
  });

  test.concurrent("where nobody listens: 1, naming the address", async () => {
    const ran = await start(newHome(), "--join", "/ip4/127.0.0.1/tcp/1", "--chain", network.chainHex);
    expectRefusal(ran, 1, /127\.0\.0\.1\/tcp\/1/);
  });

  test.concurrent("with a chain or an address that is none: 2", async () => {
    expectRefusal(await start(newHome(), "--join", network.address, "--chain", "abc"), 2, /--chain|chain/);
    expectRefusal(await start(newHome(), "--join", "localhost:99", "--chain", OTHER_CHAIN), 2, /multiaddr/);
  });

  test.concurrent("on a port that is taken, for the API or for peers: 10, naming it, and no trace of a start", async () => {
    for (const taken of [
      ["--api", `127.0.0.1:${port}`],
      ["--listen", `/ip4/127.0.0.1/tcp/${port}`],
    ]) {
      const home = newHome();
      expectRefusal(await start(home, ...network.quickFlags, ...taken), 10, new RegExp(`${port} is taken`));
      expect(existsSync(join(home, "api.json"))).toBe(false);
      expect(existsSync(join(home, "daemon.pid"))).toBe(false);
    }
  });

  test.concurrent("in a folder that another daemon holds: 10, naming its process, which goes on", async () => {
    const ran = await start(daemon.home, ...network.quickFlags);
    expectRefusal(
      ran,
      10,
      new RegExp(`process ${daemon.banner.pid} is using it[\\s\\S]*kill ${daemon.banner.pid}`),
    );
    expect((await daemon.run("status")).exit).toBe(0);
  });

  test.concurrent("on an address that is not this machine's: 1", async () => {
    for (const foreign of [
      ["--api", "192.0.2.1:80", "--insecure-api-public"],
      ["--listen", "/ip4/192.0.2.1/tcp/0"],
    ])
      expectRefusal(await start(newHome(), ...network.quickFlags, ...foreign), 1, /192\.0\.2\.1[\s\S]*Fix: /);
  });

  test.concurrent("on an address beyond this machine without saying so: 2", async () => {
    expectRefusal(
      await start(newHome(), ...network.quickFlags, "--api", "0.0.0.0:0"),
      2,
      /--insecure-api-public/,
    );
  });
});

test("a daemon that is down: 3, whether it ended in order, was killed, or never was", async () => {
  const home = newHome();
  expectRefusal(await mabeam(home, ["status"]), 3, /bin\/mabeam\.mjs daemon`/);
  const one = await Daemon.start(home, network.quickFlags);
  await one.kill();
  for (const line of ["status", `bid place ${open} 5`, `auction watch ${open}`, "stop"]) {
    expectRefusal(await one.run(line), 3, /nothing listens there[\s\S]*start it again/);
  }
  const again = await Daemon.start(home, network.quickFlags);
  expect(await again.stop()).toBe(0);
  expectRefusal(await again.run("wallet balance"), 3, /holds no api.json/);
});
