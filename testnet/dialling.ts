// Who dials whom when a testnet starts: members to each other, everyone else to a few.
import { Random } from "./lab/simulate/world/random.js";

/** Links that a peer without a seat dials. Full meshes cost more handshakes than they are worth. */
export const LINKS_PER_FOLLOWER = 4;
/** Followers' links that go to members: what is proposed and voted comes from there. */
const LINKS_TO_MEMBERS = 2;

export interface Dial {
  readonly from: number;
  readonly to: number;
}

/**
 * The dials of a network whose first `seats` peers are members: each pair of members once; each further peer dials
 * earlier ones, two members among them, chosen by the seed so that links spread evenly. The graph is connected.
 */
export function dialPlan(peers: number, seats: number, seed: number): readonly Dial[] {
  const random = new Random(seed, "dialling");
  const links = new Array<number>(peers).fill(0);
  const dials: Dial[] = [];
  const dial = (from: number, to: number): void => {
    dials.push({ from, to });
    links[from]!++;
    links[to]!++;
  };
  for (let from = 1; from < seats; from++) for (let to = 0; to < from; to++) dial(from, to);
  for (let from = seats; from < peers; from++) {
    const members = leastLinked(random, links, 0, seats).slice(0, LINKS_TO_MEMBERS);
    const others = leastLinked(random, links, 0, from).filter((one) => !members.includes(one));
    for (const to of [...members, ...others.slice(0, LINKS_PER_FOLLOWER - members.length)]) dial(from, to);
  }
  return dials;
}

/** The peers `start..end−1`, those with the fewest links first, in random order among equals. */
function leastLinked(random: Random, links: readonly number[], start: number, end: number): number[] {
  const candidates = random.shuffled(Array.from({ length: end - start }, (_, i) => start + i));
  return candidates.sort((a, b) => links[a]! - links[b]!);
}
