// An amount of money in words that programs and people read alike.

const MICROS = 1_000_000;
const DIGITS = 6;

/** Credits with six decimals: `0.012345`. @param micros whole micro-credits ≥ 0 */
export const creditWords = (micros: number): string =>
  `${Math.floor(micros / MICROS)}.${String(micros % MICROS).padStart(DIGITS, "0")}`;
