// The process of one peer of a testnet: the daemon of its folder, and the demo agents whose keys lie there.
import "../../node/polyfill.js";
import { exitOf, failureLines } from "../../node/cli/failure.js";
import { pathsOf } from "../../node/config/paths.js";
import { runDaemon } from "../../node/daemon.js";
import type { PeerNode } from "../../node/peer-node.js";
import { printable } from "../../node/printable.js";
import { Auctioneer, DEMO_FORMATS } from "../agents/auctioneer.js";
import { startCrew } from "../agents/crew.js";
import { accessTo } from "../agents/peer-access.js";
import { demoWindows } from "../genesis.js";
import { faucetOf, planTestnet, type TestnetPlan } from "../plan.js";
import type { PeerPost, PeerWord, TradeWord } from "./words.js";

const post = JSON.parse(process.argv[2]!) as PeerPost;
const plan = planTestnet(post);
const say = (word: PeerWord): void => {
  if (process.connected) process.send?.(word);
};

// Whoever started this peer is the only one to end it in order: gone, however that came, it ends by itself.
const abandoned = (): void => void process.kill(process.pid, "SIGTERM");
process.once("disconnect", abandoned);

// Whoever read its words may be gone; it ends in order all the same.
process.stderr.on("error", () => undefined);

try {
  await runDaemon(
    {
      flags: { home: post.home },
      configFile: null,
      insecureApiPublic: false,
      json: true,
      io: {
        out: () => undefined,
        err: (line) => void process.stderr.write(`${printable(line, false)}\n`),
        colors: false,
        progress: false,
        self: "mabeam",
        outlive: () => undefined,
      },
    },
    {
      ...(post.place === 0 ? { faucet: faucetOf(plan) } : {}),
      onServing(node, api) {
        const { tokenFile } = pathsOf(post.home);
        const stops: (() => void)[] = [];
        process.on("message", (word: TradeWord) => stops.push(trade(plan, node, word)));
        say({ kind: "serving", api, tokenFile, addresses: node.multiaddrs() });
        return () => {
          for (const stop of stops) stop();
        };
      },
    },
  );
} catch (error) {
  for (const line of failureLines(error, "mabeam")) process.stderr.write(`${line}\n`);
  process.exitCode = exitOf(error);
}
// An open channel would keep the process alive.
process.off("disconnect", abandoned);
if (process.connected) process.disconnect();

/** Puts the agents of this place to work. Returns how to end that. */
function trade(plan: TestnetPlan, node: PeerNode, rhythm: TradeWord): () => void {
  const access = accessTo(node);
  const { genesis } = node.peer.config;
  const crew = startCrew({
    plan,
    network: node.peer.ledger.network,
    formats: DEMO_FORMATS,
    windows: demoWindows(genesis.params),
    verdictMs: genesis.params.verdictMs,
    journal: {
      decided() {},
      refused: (agent, wish, { code }) => say({ kind: "refused", agent, wish, code }),
    },
    accessOf: (place) => (place === post.place ? access : null),
    nextNonceOf: ({ key }) => node.peer.ledger.accountOf(key.publicKey)?.nonces.bulk ?? 0,
  });
  const auctioneer = new Auctioneer(crew.stalls, rhythm);
  void auctioneer.run().then(async (late) => {
    await crew.tradesOver();
    say({ kind: "traded", late: late.length });
  });
  return () => {
    auctioneer.stop();
    crew.stop();
  };
}
