// The measure of the simulator's speed measures what it says: seven members, one operation a second, under faults.
import { expect, it } from "vitest";
import { simulatorSpeed } from "../../testnet/simulate/speed.js";

it("a measure lives through at least what it is asked for, at one operation a second, and finalises", () => {
  let reading = 0;
  const speed = simulatorSpeed(1, 50_000, () => {
    reading += 250;
    return reading;
  });
  expect(speed.virtualMs).toBeGreaterThanOrEqual(50_000);
  expect(speed.wallMs).toBe(250);
  expect(speed.operations).toBeGreaterThan((speed.virtualMs / 1_000) * 0.85);
  expect(speed.operations).toBeLessThanOrEqual(speed.virtualMs / 1_000);
  expect(speed.entriesFinalised).toBeGreaterThan(20);
}, 60_000);
