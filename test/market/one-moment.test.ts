// What one moment brings has no bound of its own: an entry in which more is due than a call takes arguments is executed as any other.
import { expect, it } from "vitest";
import { AUCTIONS, newAuction } from "../../src/market/index.js";
import { agent, offer, World } from "./world.js";

/** Node takes some 125,000. */
const MANY = 130_000;

it("a hundred and thirty thousand auctions open in one entry", () => {
  const w = new World({ names: ["sue"] });
  const { ledger, timeMs } = w;
  const terms = offer({ openMs: timeMs + 50 });
  const one = newAuction(ledger.network, agent("sue"), 0, terms, { height: 0, timeMs }, ledger.clock);
  for (let i = 0; i < MANY; i++) {
    const id = new Uint8Array(32);
    new DataView(id.buffer).setUint32(0, i);
    ledger.put(AUCTIONS, id, { ...one, id });
  }
  const { phaseChanges } = w.entry([], { isAudited: false, isCommitted: false });
  expect(phaseChanges).toHaveLength(MANY);
});
