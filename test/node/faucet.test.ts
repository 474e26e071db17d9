// The faucet's desk: one grant for each newcomer, however often it asks and whenever the grant becomes final.
import { describe, expect, it } from "vitest";
import { FaucetDesk } from "../../node/faucet.js";
import type { Command, CommandResult } from "../../src/peer/event.js";

const AGENT = new Uint8Array(32).fill(7);

const ANN = { peer: "ann", group: "10.1" };

/** A desk whose grants are final when the test says so. */
function desk(answer: (command: Command) => CommandResult = () => ({ ok: true }) as CommandResult) {
  const granted: Command[] = [];
  let isFinal = false;
  const finals = new Set<Uint8Array>();
  let nowMs = 0;
  const accountOf = (to: Uint8Array) => (isFinal || finals.has(to) ? { free: 5n } : null);
  const ledger = { params: { maxValidityMs: 3_600_000 }, accountOf };
  const faucet = new FaucetDesk(
    { granter: new Uint8Array(32).fill(1), free: 5n, stake: 2n },
    { ledger } as never,
    {
      submit: async (command) => {
        granted.push(command);
        return answer(command);
      },
    },
    () => nowMs,
  );
  const clock = { passMs: (ms: number) => (nowMs += ms) };
  const finish = (to: Uint8Array) => void finals.add(to);
  return { faucet, granted, clock, finish, becomeFinal: (is = true) => (isFinal = is) };
}

describe("a faucet", () => {
  it("grants once to a newcomer that asks again before its grant is final", async () => {
    const { faucet, granted, becomeFinal } = desk();
    const answers = await Promise.all([
      faucet.fund(AGENT, ANN),
      faucet.fund(AGENT, ANN),
      faucet.fund(AGENT, ANN),
    ]);
    expect(answers).toEqual(["ACCEPTED", "ACCEPTED", "ACCEPTED"]);
    expect(granted).toHaveLength(1);
    becomeFinal();
    expect(await faucet.fund(AGENT, ANN)).toBe("ALREADY_FUNDED");
    expect(granted).toHaveLength(1);
  });

  it("funds every newcomer, not only the first", async () => {
    const { faucet, granted } = desk();
    await faucet.fund(AGENT, ANN);
    await faucet.fund(new Uint8Array(32).fill(8), ANN);
    expect(granted).toHaveLength(2);
  });

  it("lets a newcomer whose grant was refused ask again", async () => {
    let refuses = true;
    const { faucet, granted } = desk(() =>
      refuses ? { ok: false, refusal: { code: "BUSY", detail: {} } } : ({ ok: true } as CommandResult),
    );
    // Who asks meanwhile is told the same: nothing is granted before it is.
    expect(await Promise.all([faucet.fund(AGENT, ANN), faucet.fund(AGENT, ANN)])).toEqual(["BUSY", "BUSY"]);
    refuses = false;
    expect(await faucet.fund(AGENT, ANN)).toBe("ACCEPTED");
    expect(granted).toHaveLength(2);
  });

  const keys = (n: number, from = 0) =>
    Array.from({ length: n }, (_, i) => new Uint8Array(32).fill(i + from));
  const count = (answers: readonly string[], code: string) => answers.filter((one) => one === code).length;

  it("gives one peer four grants at once, and one more each minute", async () => {
    const { faucet, granted, clock } = desk();
    const answers = await Promise.all(keys(60).map((key) => faucet.fund(key, ANN)));
    expect([count(answers, "ACCEPTED"), count(answers, "FAUCET_BUSY")]).toEqual([4, 56]);
    clock.passMs(59_000);
    expect(await faucet.fund(keys(1, 100)[0]!, ANN)).toBe("FAUCET_BUSY");
    clock.passMs(1_000);
    expect(await faucet.fund(keys(1, 100)[0]!, ANN)).toBe("ACCEPTED");
    expect(granted).toHaveLength(5);
  });

  it("holds no more than eight grants for one group of addresses, under however many names", async () => {
    const { faucet, granted } = desk();
    const farm = await Promise.all(
      keys(60).map((key, i) => faucet.fund(key, { peer: `sybil ${i}`, group: "10.1" })),
    );
    expect([count(farm, "ACCEPTED"), granted.length]).toEqual([8, 8]);
    expect(await faucet.fund(keys(1, 200)[0]!, { peer: "ben", group: "10.2" })).toBe("ACCEPTED");
  });

  it("gives one group of addresses 24 grants at once, and one more each five seconds", async () => {
    const { faucet, clock, finish } = desk();
    let asked = 0;
    const fund = async (): Promise<string> => {
      const [key] = keys(1, asked++);
      const answer = await faucet.fund(key!, { peer: `sybil ${asked}`, group: "10.1" });
      finish(key!); // nothing waits: only the rate is left
      return answer;
    };
    const answers: string[] = [];
    for (let i = 0; i < 25; i++) answers.push(await fund());
    expect([count(answers, "ACCEPTED"), answers.at(-1)]).toEqual([24, "FAUCET_BUSY"]);
    clock.passMs(4_999);
    expect(await fund()).toBe("FAUCET_BUSY");
    clock.passMs(1);
    expect(await fund()).toBe("ACCEPTED");
  });

  it("never has more than half of the granter's places waiting", async () => {
    const { faucet, granted } = desk();
    for (const [i, key] of keys(200).entries())
      await faucet.fund(key, { peer: `peer ${i}`, group: `group ${i % 20}` });
    expect(granted).toHaveLength(32);
  });
});
