// What gateways of one key say to each other, and when.
import { describe, expect, it } from "vitest";
import { Exchange, type ExchangeMessage, Pool } from "../../src/quota/index.js";
import { ask, MINUTE, RULES, TPM, use } from "./asking.js";

interface Gateway {
  readonly pool: Pool;
  readonly exchange: Exchange;
}

/** Of three with 400, 300 and 300 parts, empty. */
function gatewayOf(): Gateway {
  const pool = new Pool({ ...RULES, limits: [TPM], headroomBp: 0, parts: 0 });
  pool.part.set(400, -MINUTE);
  pool.turn(-MINUTE);
  const exchange = new Exchange("a", pool.part);
  exchange.hold(
    new Map([
      ["b", 300],
      ["c", 300],
    ]),
    0,
  );
  return { pool, exchange };
}
const told = (level: number, lendable: number): ExchangeMessage => ({
  kind: "told",
  levels: [{ dimension: "tokens", windowMs: MINUTE, level }],
  lendable,
});
const wants = ({ pool }: Gateway, tokens: number): string => {
  const one = ask("a", use(tokens));
  pool.ask(one, 0);
  return one.id;
};
const asks = ({ exchange }: Gateway, nowMs: number) =>
  exchange
    .step(nowMs)
    .send.filter(({ message }) => message.kind === "ask")
    .map(({ to, message }) => ({ to, ...(message as Extract<ExchangeMessage, { kind: "ask" }>) }));

describe("an exchange", () => {
  it("tells levels at first, each second, and when one is a hundredth of the limit away from what others take it for", () => {
    const one = gatewayOf();
    const tellsAt = (nowMs: number) => one.exchange.step(nowMs).send.map(({ to }) => to);
    expect(tellsAt(0)).toEqual(["b", "c"]);
    expect(tellsAt(999)).toEqual([]);
    expect(tellsAt(1_000)).toEqual(["b", "c"]);
    one.pool.ask(ask("a", use(999)), 1_000);
    one.pool.turn(1_000);
    expect(tellsAt(1_000)).toEqual([]);
    one.pool.ask(ask("a", use(1)), 1_000);
    one.pool.turn(1_000);
    expect(tellsAt(1_000)).toEqual(["b", "c"]);
    // What flows off is known to all.
    expect(tellsAt(1_999)).toEqual([]);
  });

  it("asks who has most, for no more than is needed and what flows off on its way, and one round at a time", () => {
    const one = gatewayOf();
    wants(one, 50_000);
    one.pool.turn(0);
    one.exchange.receive("b", told(0, 60_000_000), 0);
    one.exchange.receive("c", told(0, 90_000_000), 0);
    expect(asks(one, 0)).toEqual([
      { to: "c", kind: "ask", round: 1, share: 90_000_000 },
      { to: "b", kind: "ask", round: 1, share: 10_000_000 + 2 * 100_000 },
    ]);
    expect(asks(one, 1)).toEqual([]);
  });

  it("asks nobody where all together have too little", () => {
    const one = gatewayOf();
    wants(one, 50_000);
    one.pool.turn(0);
    one.exchange.receive("b", told(0, 99_000_000), 0);
    expect(asks(one, 0)).toEqual([]);
    // At 300 parts five million more in a second; 100,000 flow off on their way.
    expect(asks(one, 219)).toEqual([]);
    expect(asks(one, 220)).toHaveLength(1);
  });

  it("lets a request go when all have answered, and forgets what comes later, twice, too much or from others", () => {
    const one = gatewayOf();
    const id = wants(one, 50_000);
    one.pool.turn(0);
    one.exchange.receive("b", told(0, 60_000_000), 0);
    one.exchange.receive("c", told(0, 60_000_000), 0);
    const [first, second] = asks(one, 0);
    const loan = (share: number) => ({ share, parts: 300, standsMs: MINUTE, isOwed: false });
    const comes = (from: string, round: number, share: number) => {
      one.exchange.receive(from, { kind: "loan", round, loan: loan(share) }, 1);
      return one.exchange.step(1).isTurnDue;
    };
    expect(comes("stranger", 1, first!.share)).toBe(false);
    expect(comes("b", 2, first!.share)).toBe(false);
    expect(comes(first!.to, 1, first!.share)).toBe(false);
    expect(comes(first!.to, 1, first!.share)).toBe(false);
    expect(comes(second!.to, 1, second!.share)).toBe(true);
    expect(one.pool.turn(1).begun.map((begun) => begun.id)).toEqual([id]);
    expect(comes(second!.to, 1, second!.share)).toBe(false);
  });

  it("takes nothing that was not asked for", () => {
    const one = gatewayOf();
    wants(one, 41_000);
    one.pool.turn(0);
    one.exchange.receive("b", told(0, 60_000_000), 0);
    const [only] = asks(one, 0);
    const loan = { share: only!.share + 1, parts: 300, standsMs: MINUTE, isOwed: false };
    one.exchange.receive("b", { kind: "loan", round: 1, loan }, 1);
    expect(one.exchange.step(1).isTurnDue).toBe(false);
  });

  it("waits 200 ms for a loan, and goes on with what has come", () => {
    const one = gatewayOf();
    wants(one, 50_000);
    one.pool.turn(0);
    one.exchange.receive("b", told(0, 60_000_000), 0);
    one.exchange.receive("c", told(0, 60_000_000), 0);
    const [first] = asks(one, 0);
    one.exchange.receive(
      first!.to,
      { kind: "loan", round: 1, loan: { share: 1, parts: 300, standsMs: 0, isOwed: false } },
      1,
    );
    expect(one.exchange.step(199)).toMatchObject({ isTurnDue: false, wakeAtMs: 200 });
    expect(one.exchange.step(200).isTurnDue).toBe(true);
  });

  it("counts what flows off at a lender by what the lender has, whatever it says", () => {
    const one = gatewayOf();
    wants(one, 41_000);
    one.pool.turn(0);
    one.exchange.receive("b", told(0, 60_000_000), 0);
    const [only] = asks(one, 0);
    one.exchange.receive(
      "b",
      { kind: "loan", round: 1, loan: { share: only!.share, parts: 0, standsMs: 0, isOwed: false } },
      21,
    );
    expect(one.exchange.step(21).isTurnDue).toBe(true);
    expect(one.pool.turn(21).begun).toEqual([]);
  });

  it("lends what it need not, and nothing to who has no part", () => {
    const one = gatewayOf();
    one.exchange.step(0);
    const lends = (from: string, share: number) => {
      one.exchange.receive(from, { kind: "ask", round: 7, share }, 0);
      return one.exchange.step(0).send.filter(({ message }) => message.kind === "loan");
    };
    expect(lends("b", 5)).toEqual([
      {
        to: "b",
        message: { kind: "loan", round: 7, loan: { share: 5, parts: 400, standsMs: 0, isOwed: false } },
      },
    ]);
    expect(lends("stranger", 5)).toEqual([]);
    one.exchange.hold(new Map([["c", 600]]), 0);
    expect(lends("b", 5)).toEqual([]);
    wants(one, 50_000);
    expect(lends("c", 5)).toEqual([{ to: "c", message: { kind: "loan", round: 7, loan: null } }]);
  });
});

describe("a request that is greater than its gateway's part", () => {
  const want = (waitedMs: number | null, nth = 1): ExchangeMessage => ({ kind: "want", nth, waitedMs });
  const lends = ({ exchange }: Gateway, from: string, nowMs: number): number | null => {
    exchange.receive(from, { kind: "ask", round: 7, share: 1_000 }, nowMs);
    const loans = exchange
      .step(nowMs)
      .send.flatMap(({ message }) => (message.kind === "loan" ? [message.loan] : []));
    return loans[0]?.share ?? null;
  };
  /** What it says of its own, and to whom. */
  const saysAt = ({ exchange }: Gateway, nowMs: number) =>
    exchange
      .step(nowMs)
      .send.flatMap(({ to, message }) => (message.kind === "want" ? [[to, message.waitedMs]] : []));

  it("is told to all four times a second, as long as it waits", () => {
    const one = gatewayOf();
    const id = wants(one, 40_001);
    one.pool.turn(0);
    expect(saysAt(one, 100)).toEqual([
      ["b", 100],
      ["c", 100],
    ]);
    expect(saysAt(one, 349)).toEqual([]);
    expect(saysAt(one, 350)).toHaveLength(2);
    one.pool.leave(id, 350);
    expect(saysAt(one, 350)).toEqual([
      ["b", null],
      ["c", null],
    ]);
    expect(saysAt(one, 1_000)).toEqual([]);
  });

  it("that fits a part is nobody else's matter", () => {
    const one = gatewayOf();
    wants(one, 40_000);
    one.pool.ask(ask("a", use(1)), 0);
    one.pool.turn(0);
    expect(saysAt(one, 100)).toEqual([]);
  });

  it("holds whoever has waited less, who lends it all that there is, and nobody else; for a second if nothing more is heard", () => {
    const one = gatewayOf();
    wants(one, 40_000);
    one.pool.turn(0);
    wants(one, 40_000);
    // The second waits since 0; at 1,000 another has waited for 1,001.
    one.exchange.receive("b", want(1_000), 1_000);
    expect(lends(one, "b", 1_000)).toBeNull();
    one.exchange.receive("b", want(1_001), 1_000);
    one.exchange.step(1_000);
    expect(lends(one, "c", 1_000)).toBeNull();
    expect(lends(one, "b", 1_000)).toBe(1_000);
    expect(one.pool.turn(MINUTE / 2)).toMatchObject({ begun: [] });
    expect(one.exchange.step(1_999).isTurnDue).toBe(false);
    expect(one.exchange.step(2_000).isTurnDue).toBe(true);
    expect(lends(one, "b", 2_000)).toBeNull();
  });

  it("is passed over when it has been first for a window and a half, for as long", () => {
    const one = gatewayOf();
    wants(one, 40_000);
    one.pool.turn(0);
    wants(one, 40_000);
    const isHeldAt = (nowMs: number, nth: number) => {
      one.exchange.receive("b", want(10 * MINUTE, nth), nowMs);
      one.exchange.step(nowMs);
      return lends(one, "b", nowMs) !== null;
    };
    expect(isHeldAt(1_000, 1)).toBe(true);
    expect(isHeldAt(1_000 + 1.5 * MINUTE - 1, 1)).toBe(true);
    expect(isHeldAt(1_000 + 1.5 * MINUTE, 1)).toBe(false);
    expect(isHeldAt(1_000 + 1.5 * MINUTE, 2)).toBe(true);
  });

  it("is owed for: as much of its gateway's own flow is others' afterwards", () => {
    const one = gatewayOf();
    const id = wants(one, 60_000);
    wants(one, 100);
    one.pool.turn(0);
    one.exchange.receive("b", told(0, 300_000_000), 0);
    const [only] = asks(one, 0);
    const loan = { share: only!.share, parts: 300, standsMs: MINUTE, isOwed: true };
    one.exchange.receive("b", { kind: "loan", round: 1, loan }, 1);
    expect(one.exchange.step(1).isTurnDue).toBe(true);
    expect(one.pool.turn(1).begun.map((begun) => begun.id)).toEqual([id]);
    // 200 of 1,000 parts, and what flows off on its way: of its own 400 that is half a minute.
    one.exchange.step(1);
    expect(one.pool.turn(10_000).begun).toEqual([]);
    expect(lends(one, "c", 10_000)).toBe(1_000);
    expect(one.exchange.step(30_000).isTurnDue).toBe(false);
    expect(one.exchange.step(30_020).isTurnDue).toBe(true);
    expect(one.pool.turn(30_020).begun).toHaveLength(1);
  });
});
