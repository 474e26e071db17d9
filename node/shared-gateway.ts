// A gateway that shares its key, and the peer that it has it by: where its leases stand, and over which it speaks with the others.
import { toHex } from "../src/base/index.js";
import type { Command } from "../src/peer/event.js";
import type { HostedPeer } from "./api/index.js";
import type { HostedEvent } from "./gateway/hosted-event.js";
import type { HostedGateway } from "./gateway/hosted-gateway.js";
import { type GivenShared, sharedTermsOf } from "./gateway/shared/given.js";
import type { PeerSide } from "./gateway/shared/peer-side.js";
import { QuotaLinks } from "./gateway/shared/quota-links.js";
import { SharedKey } from "./gateway/shared/shared-key.js";
import { NO_LEDGER } from "./gateway/spending/spending.js";
import type { PeerNode } from "./peer-node.js";

/** Who is met later is told where this gateway is. */
const ANNOUNCE_MS = 1_000;

/**
 * Shares the key of a gateway whose peer runs. What its named agents may spend its own books hold: credits of such a network
 * are what windows are paid with, not what requests cost.
 * @throws Accident TERM_TOO_SHORT, WINDOW_TOO_SHORT
 */
export async function shareKey(
  running: HostedGateway,
  given: GivenShared,
  node: PeerNode,
  peer: HostedPeer,
  tell: (event: HostedEvent) => void,
): Promise<void> {
  const agent = peer.around.defaultAgent!;
  const { params } = peer.state.ledger;
  const terms = sharedTermsOf(given, agent, params);
  const side: PeerSide = {
    get state() {
      return peer.state;
    },
    agent,
    get isClockRight() {
      return node.clockDistance === null;
    },
    nowMs: Date.now,
    command: (command: Command) => node.command(command),
  };
  const { presences } = node.handover;
  const links = new QuotaLinks({
    direct: node.direct,
    presences: {
      of: (one) => presences.of(one)?.said ?? null,
      find: async (one) => void (await presences.find(one)),
    },
    shared: terms.shared,
    agent,
    hear: (gateway, pool, message) => running.pools.hear(gateway, pool, message),
  });
  await links.serve();
  const key = peer.state.agents.get(toHex(agent))!;
  const announcing = setInterval(() => presences.announce(key), ANNOUNCE_MS);
  announcing.unref();
  presences.announce(key);
  running.join(NO_LEDGER, null);
  running.share(new SharedKey(terms, side, running.pools, links, tell));
}
