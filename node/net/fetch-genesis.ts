// The genesis of a chain that one knows by hash only, from any peer: its word need not be trusted.
import { multiaddr } from "@multiformats/multiaddr";
import { type Bytes, equalBytes, type Hash, toHex } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import { createDialer } from "./host.js";
import { CALL_LIMIT_MS } from "./limits.js";
import { NetworkRefusal } from "./ports.js";
import { whyUnreached } from "./reach.js";
import { askGenesis } from "./sync-client.js";

/**
 * Dials a peer, asks for the genesis bytes and compares H('genesis', bytes) with the chain's id (spec/encoding#N1).
 * Runs a host of its own that listens to nothing, with a key of its own, and stops it.
 * @param signal gives the dialling up
 * @throws NetworkRefusal BAD_ADDRESS, UNREACHABLE, BAD_ANSWER, REFUSED, or WRONG_CHAIN if the hash differs
 */
export async function fetchGenesis(address: string, chain: Hash, signal?: AbortSignal): Promise<Bytes> {
  const target = parseAddress(address);
  const dialer = await createDialer();
  try {
    const connection = await dialer
      .dial(target, {
        signal: AbortSignal.any([AbortSignal.timeout(CALL_LIMIT_MS), ...(signal ? [signal] : [])]),
      })
      .catch((error: unknown) => unreached(address, error));
    const genesis = await askGenesis(connection).catch((error: unknown) => {
      throw error instanceof NetworkRefusal ? error : unreached(address, error);
    });
    const hash = taggedHash("genesis", genesis);
    if (equalBytes(hash, chain)) return genesis;
    throw new NetworkRefusal("WRONG_CHAIN", `${address} serves chain ${toHex(hash)}, not ${toHex(chain)}`);
  } finally {
    await dialer.stop();
  }
}

function unreached(address: string, error: unknown): never {
  throw new NetworkRefusal("UNREACHABLE", `${address} cannot be reached: ${whyUnreached(address, error)}`);
}

/** @throws NetworkRefusal BAD_ADDRESS */
export function parseAddress(address: string): ReturnType<typeof multiaddr> {
  try {
    return multiaddr(address);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NetworkRefusal("BAD_ADDRESS", `${address} is not a multiaddr: ${reason}`);
  }
}
