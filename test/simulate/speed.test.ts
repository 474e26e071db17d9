// The measure of the simulator's speed measures what it says: seven members, one operation a second, under faults.
import { expect, it } from "vitest";
import { simulatorSpeed } from "../../testnet/lab/simulate/speed.js";

it("a measure lives through at least what it is asked for, at one operation a second, and finalises", () => {
  const speed = simulatorSpeed(1, 50_000, () => performance.now());
  expect(speed.virtualMs).toBeGreaterThanOrEqual(50_000);
  expect(speed.wallMs).toBeGreaterThan(0);
  expect(speed.operations).toBeGreaterThan((speed.virtualMs / 1_000) * 0.85);
  expect(speed.operations).toBeLessThanOrEqual(speed.virtualMs / 1_000);
  expect(speed.entriesFinalised).toBeGreaterThan(20);
});
