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
  const exchange = new Exchange(pool.part);
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
    const loan = (share: number) => ({ share, parts: 300, standsMs: MINUTE });
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
    const loan = { share: only!.share + 1, parts: 300, standsMs: MINUTE };
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
      { kind: "loan", round: 1, loan: { share: 1, parts: 300, standsMs: 0 } },
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
      { kind: "loan", round: 1, loan: { share: only!.share, parts: 0, standsMs: 0 } },
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
      { to: "b", message: { kind: "loan", round: 7, loan: { share: 5, parts: 400, standsMs: 0 } } },
    ]);
    expect(lends("stranger", 5)).toEqual([]);
    one.exchange.hold(new Map([["c", 600]]), 0);
    expect(lends("b", 5)).toEqual([]);
    wants(one, 50_000);
    expect(lends("c", 5)).toEqual([{ to: "c", message: { kind: "loan", round: 7, loan: null } }]);
  });
});
