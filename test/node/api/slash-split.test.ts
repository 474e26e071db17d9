// A slash's parts as people see them are those that the ledger booked: the view asks, and computes nothing.
import { expect, it } from "vitest";
import { slashDetail } from "../../../node/api/views/slash.js";
import { shareSlashed, TOTALS } from "../../../src/ledger/index.js";
import { createLedger, type Slash } from "../../../src/market/index.js";
import { Cluster, idOf } from "../../peer/cluster.js";

it("what is burned and what is insured are the ledger's own sums, for odd amounts too", () => {
  const peer = new Cluster({ agents: [["sue"]] }).host(0).live;
  for (const taken of [0n, 1n, 2n, 3n, 24_999_999n, 25_000_000n]) {
    const slash: Slash = {
      type: "E6",
      agent: idOf("owner 0"),
      key: idOf("seat 0"),
      epoch: 0,
      term: 7,
      height: 9,
      timeMs: peer.tip.timeMs,
      due: taken,
      taken,
    };
    const ledger = createLedger(peer.config.genesis);
    shareSlashed(ledger, taken);
    const { burned, insurance } = slashDetail(
      peer,
      { kind: "seat", slash, numbers: null, taking: null },
      null,
    );
    expect([burned, insurance]).toEqual([
      String(ledger.one(TOTALS).burned),
      String(ledger.one(TOTALS).insurance),
    ]);
  }
});
