// Four daemons and the load on them.
import { Authors } from "../quorum/authors.js";
import { Daemons } from "../quorum/daemons.js";
import { latencies, type Offered, offer, type Pace, type SaturationAsked, saturate } from "../quorum/load.js";

export async function open() {
  const authors = new Authors();
  const daemons = await Daemons.start(authors);
  /** Each transfer moves one micro-credit to the payee: what was counted as final must have had its effect. */
  const checked = async <T>(count: number, work: () => Promise<T>): Promise<T> => {
    const before = await daemons.fundsOf(authors.payee.publicKey);
    const result = await work();
    const moved = (await daemons.fundsOf(authors.payee.publicKey)) - before;
    if (moved < BigInt(count)) throw new Error(`of ${count} transfers ${moved} had an effect`);
    return result;
  };
  return {
    jobs: {
      async saturate({ signAhead, ...load }: SaturationAsked): Promise<number> {
        return checked(1, () => saturate(daemons, authors.sign(signAhead), load));
      },
      /** Without a check of effects: what is offered beyond what is taken may still be under way. */
      async offer({ signAhead, ...asked }: Offered & { readonly signAhead: number }): Promise<Pace> {
        return offer(daemons, authors.sign(signAhead), asked);
      },
      async latencies(count: number): Promise<readonly number[]> {
        return checked(count, () => latencies(daemons, authors.sign(count), count));
      },
    },
    close: () => daemons.close(),
  };
}
