// An agent's word of where it is served, brought by a host of the test's own.
import { multiaddr } from "@multiformats/multiaddr";
import type { Libp2p } from "libp2p";
import { AGENTS_PROTOCOL } from "../../node/handover/presences.js";
import { ask } from "../../node/net/call.js";
import {
  type PresenceAnswer,
  presenceAnswer,
  presenceDigest,
  presenceQuestion,
  type Whereabouts,
} from "../../src/handover/index.js";
import { type AgentKey, decode, encode } from "../../src/index.js";
import type { Party } from "./handover-fixture.js";
import { chain, market } from "./net-fixture.js";

/** Tells a daemon that `agent` is served by `host`. @returns what it answers */
export async function agentsWord(
  host: Libp2p,
  to: Party,
  agent: AgentKey,
  signer: AgentKey = agent,
  seq = Date.now(),
): Promise<PresenceAnswer | null> {
  const said: Whereabouts = {
    agent: agent.publicKey,
    peer: host.peerId.toString(),
    addresses: host.getMultiaddrs().map(String).slice(0, 4),
    seq,
  };
  const connection = await host.dial(multiaddr(to.station.network.multiaddrs()[0]!));
  const presence = { said, sig: signer.sign(presenceDigest(chain, market, said)) };
  const bytes = await ask(
    connection,
    AGENTS_PROTOCOL,
    encode(presenceQuestion, { kind: "here", presence }),
    2048,
  );
  const decoded = decode(presenceAnswer, bytes, 2048);
  return decoded.ok ? decoded.value : null;
}
