// A newcomer's side of a faucet: it asks until its account exists, or nobody will give it one.
import type { Bytes } from "../src/base/index.js";
import { GRANTERS } from "../src/market/index.js";
import type { Log } from "./log.js";
import type { PeerNode } from "./peer-node.js";

const ASK_EVERY_MS = 2000;
const MOST_ATTEMPTS = 30;

/** Asks the peers that it is connected to. In a network of several owners none of them has a faucet: a granter's owner gives. */
export function askFaucet(node: PeerNode, agent: Bytes, log: Log): NodeJS.Timeout {
  let attempts = 0;
  const timer = setInterval(() => {
    const { ledger } = node.peer;
    attempts++;
    if (ledger.accountOf(agent) !== null || ledger.table(GRANTERS).size === 0 || attempts > MOST_ATTEMPTS) {
      clearInterval(timer);
      return;
    }
    void node.askFaucet(agent).then((code) => log.info({ code }, "asked the faucet"));
  }, ASK_EVERY_MS);
  return timer;
}
