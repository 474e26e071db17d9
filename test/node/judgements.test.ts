// Judgements: who hears of a verdict, and what comes of a message that comes again.
import { describe, expect, test } from "vitest";
import { ACCEPT, ignore, reject, type Verdict } from "../../node/net/gate-port.js";
import { Judgements } from "../../node/net/judgements.js";

const GOSSIP = true;
const DIRECT = false;

/** Judgements, and what each copy of a message has heard. */
function judged() {
  const judgements = new Judgements(() => 0);
  /** another copy comes; null: it needs a judgement of its own */
  const come = (isGossiped: boolean, isPending = false): Verdict[] | null => {
    const heard: Verdict[] = [];
    return judgements.join("id", isGossiped, isPending, (verdict) => heard.push(verdict)) ? heard : null;
  };
  const begin = (isGossiped: boolean): Verdict[] => {
    const heard: Verdict[] = [];
    judgements.begin("id", isGossiped, (verdict) => heard.push(verdict));
    return heard;
  };
  return { judgements, come, begin };
}

describe("a message under judgement", () => {
  test("is judged once: 64 copies hear of the verdict, further ones are duplicates; gossip passes on the first", () => {
    const { judgements, come, begin } = judged();
    expect(come(GOSSIP)).toBeNull();
    const copies = [begin(GOSSIP), ...Array.from({ length: 64 }, () => come(GOSSIP)!)];
    expect(copies.slice(0, 64)).toEqual(Array(64).fill([]));
    expect(copies[64]).toEqual([ignore("DUPLICATE")]);
    judgements.tell("id", { kind: "pend", code: "NONCE" });
    judgements.conclude("id", ACCEPT, "known");
    const pend = { kind: "pend", code: "NONCE" };
    expect(copies[0]).toEqual([pend, ACCEPT]);
    expect(copies.slice(1, 64)).toEqual(Array(63).fill([pend, ignore("DUPLICATE")]));
    expect(copies[64]).toHaveLength(1);
  });

  test("that came directly is passed on by gossip with its first copy there; a bad one is every relayer's fault", () => {
    for (const [verdict, heard] of [
      [ACCEPT, [ACCEPT, ACCEPT, ignore("DUPLICATE")]],
      [reject("BAD_SIGNATURE"), Array(3).fill(reject("BAD_SIGNATURE"))],
    ] as const) {
      const { judgements, come, begin } = judged();
      const copies = [begin(DIRECT), come(GOSSIP)!, come(GOSSIP)!];
      judgements.conclude("id", verdict, "known");
      expect(copies.map(([only]) => only)).toEqual(heard);
    }
  });

  test("that waits for state keeps none of its copies but the one that gossip passes on", () => {
    const pend = { kind: "pend", code: "PENDING" };
    const { judgements, come, begin } = judged();
    begin(DIRECT);
    const copies = [come(DIRECT, true), come(GOSSIP, true), come(GOSSIP, true), come(DIRECT, true)];
    expect(copies).toEqual([[pend], [pend], [ignore("DUPLICATE")], [pend]]);
    judgements.conclude("id", ACCEPT, "known");
    expect(copies).toEqual([[pend], [pend, ACCEPT], [ignore("DUPLICATE")], [pend]]);
  });
});

describe("a message that was judged", () => {
  test("without a memory may come again; known, it is a duplicate; rejected, it is known to be bad", () => {
    const { judgements, come, begin } = judged();
    begin(GOSSIP);
    judgements.conclude("id", ignore("FULL"), null);
    expect(come(GOSSIP)).toBeNull();
    begin(GOSSIP);
    judgements.conclude("id", reject("BAD_SIGNATURE"), "rejected");
    expect(come(DIRECT)).toEqual([reject("KNOWN_BAD")]);
    judgements.forget("id");
    expect(come(GOSSIP)).toBeNull();
    judgements.remember("id");
    expect(come(GOSSIP)).toEqual([ignore("DUPLICATE")]);
  });

  test("and was accepted from one peer directly is still forwarded, once, when it comes by gossip", () => {
    const { judgements, come, begin } = judged();
    begin(DIRECT);
    judgements.conclude("id", ACCEPT, "known");
    expect([come(DIRECT), come(GOSSIP), come(GOSSIP)]).toEqual([
      [ignore("DUPLICATE")],
      [ACCEPT],
      [ignore("DUPLICATE")],
    ]);
  });

  test("and joined by a gossiped copy before its verdict is forwarded by that one alone", () => {
    const { judgements, come, begin } = judged();
    begin(DIRECT);
    const copy = come(GOSSIP);
    judgements.conclude("id", ACCEPT, "known");
    expect([copy, come(GOSSIP)]).toEqual([[ACCEPT], [ignore("DUPLICATE")]]);
  });
});
