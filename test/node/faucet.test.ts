// The faucet's desk: one grant for each newcomer, however often it asks and whenever the grant becomes final.
import { describe, expect, it } from "vitest";
import { FaucetDesk } from "../../node/faucet.js";
import type { Command, CommandResult } from "../../src/peer/event.js";

const AGENT = new Uint8Array(32).fill(7);

/** A desk whose grants are final when the test says so. */
function desk(answer: (command: Command) => CommandResult = () => ({ ok: true }) as CommandResult) {
  const granted: Command[] = [];
  let isFinal = false;
  const ledger = { params: { maxValidityMs: 3_600_000 }, accountOf: () => (isFinal ? { free: 5n } : null) };
  const faucet = new FaucetDesk(
    { granter: new Uint8Array(32).fill(1), amount: 5n },
    { ledger } as never,
    {
      submit: async (command) => {
        granted.push(command);
        return answer(command);
      },
    },
    () => 0,
  );
  return { faucet, granted, becomeFinal: () => (isFinal = true) };
}

describe("a faucet", () => {
  it("grants once to a newcomer that asks again before its grant is final", async () => {
    const { faucet, granted, becomeFinal } = desk();
    const answers = await Promise.all([faucet.fund(AGENT), faucet.fund(AGENT), faucet.fund(AGENT)]);
    expect(answers).toEqual(["ACCEPTED", "ACCEPTED", "ACCEPTED"]);
    expect(granted).toHaveLength(1);
    becomeFinal();
    expect(await faucet.fund(AGENT)).toBe("ALREADY_FUNDED");
    expect(granted).toHaveLength(1);
  });

  it("funds every newcomer, not only the first", async () => {
    const { faucet, granted } = desk();
    await faucet.fund(AGENT);
    await faucet.fund(new Uint8Array(32).fill(8));
    expect(granted).toHaveLength(2);
  });

  it("lets a newcomer whose grant was refused ask again", async () => {
    let refuses = true;
    const { faucet, granted } = desk(() =>
      refuses ? { ok: false, refusal: { code: "BUSY", detail: {} } } : ({ ok: true } as CommandResult),
    );
    // Who asks meanwhile is told the same: nothing is granted before it is.
    expect(await Promise.all([faucet.fund(AGENT), faucet.fund(AGENT)])).toEqual(["BUSY", "BUSY"]);
    refuses = false;
    expect(await faucet.fund(AGENT)).toBe("ACCEPTED");
    expect(granted).toHaveLength(2);
  });
});
