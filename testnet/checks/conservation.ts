// conservation: whenever a peer's books were read, what is held and burned was what had been minted (spec/money#A5).
import { type Check, type Testimony, verdict } from "./testimony.js";

export function checkConservation({ peers }: Testimony): Check {
  const wrongs: string[] = [];
  let read = 0;
  for (const peer of peers) {
    if (peer.books.length === 0) wrongs.push(`${peer.name} showed no books`);
    for (const { height, minted, holdings } of peer.books) {
      read++;
      const negative = holdings.find(({ amount }) => amount < 0n);
      if (negative !== undefined)
        wrongs.push(`${peer.name} at height ${height}: ${negative.what} is ${negative.amount}`);
      const sum = holdings.reduce((total, { amount }) => total + amount, 0n);
      if (sum !== minted) {
        wrongs.push(`${peer.name} at height ${height}: ${sum} held and burned, ${minted} minted`);
      }
    }
  }
  return verdict("conservation", wrongs, `${read} readings of ${peers.length} peers' books add up`);
}
