// A soak: four daemons under steady load, then in silence; what they hold in memory and on disk must not grow with time.
import { Authors, SEATS } from "./quorum/authors.js";
import { Daemons } from "./quorum/daemons.js";
import { offer } from "./quorum/load.js";

const RATE_PER_SECOND = 40;
const WINDOW_MS = 30_000;
/** Of all windows, those under load. */
const LOADED_SHARE = 2 / 3;
/** Memory and disk may differ so much between two windows of one kind: garbage is collected when it is. */
const SLACK = 1.25;

/** What one window showed. */
export interface Sample {
  readonly atMinute: number;
  readonly isLoaded: boolean;
  readonly perSecond: number;
  /** of each member, of one core */
  readonly cpuPercent: number;
  /** of the member that holds most */
  readonly residentMib: number;
  /** of all members' folders */
  readonly diskMib: number;
}

/**
 * @param minutes how long in all
 * @param onSample told of each window as it ends
 */
export async function soak(minutes: number, onSample: (sample: Sample) => void): Promise<readonly Sample[]> {
  const authors = new Authors();
  const daemons = await Daemons.start(authors);
  const samples: Sample[] = [];
  try {
    const windows = Math.max(3, Math.round((minutes * 60_000) / WINDOW_MS));
    for (let i = 0; i < windows; i++) {
      const isLoaded = i < windows * LOADED_SHARE;
      const before = { cpuMs: daemons.cpuMs(), atMs: performance.now() };
      const perSecond = isLoaded ? await load(daemons, authors) : await silence();
      const usedMs = (daemons.cpuMs() - before.cpuMs) / SEATS;
      const sample: Sample = {
        atMinute: ((i + 1) * WINDOW_MS) / 60_000,
        isLoaded,
        perSecond,
        cpuPercent: (100 * usedMs) / (performance.now() - before.atMs),
        residentMib: Math.max(...daemons.residentBytes()) / 2 ** 20,
        diskMib: (await daemons.diskBytes()) / 2 ** 20,
      };
      samples.push(sample);
      onSample(sample);
    }
  } finally {
    await daemons.close();
  }
  return samples;
}

async function load(daemons: Daemons, authors: Authors): Promise<number> {
  const operations = authors.sign((2 * RATE_PER_SECOND * WINDOW_MS) / 1000);
  const asked = { perSecond: RATE_PER_SECOND, window: Number.MAX_SAFE_INTEGER, warmUpMs: 0, ms: WINDOW_MS };
  return (await offer(daemons, operations, asked)).perSecond;
}

const silence = (): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(0), WINDOW_MS));

/** What grew: of the second half of each kind of window the last against the first; empty where nothing did. */
export function growth(samples: readonly Sample[]): readonly string[] {
  return [true, false].flatMap((isLoaded) => {
    const all = samples.filter((one) => one.isLoaded === isLoaded);
    const [first, last] = [all[Math.floor(all.length / 2)], all.at(-1)];
    if (first === undefined || last === undefined) return [];
    return (["residentMib", "diskMib"] as const)
      .filter((figure) => last[figure] > first[figure] * SLACK)
      .map(
        (figure) =>
          `${isLoaded ? "under load" : "in silence"} ${figure} grew from ${first[figure].toFixed(1)} to ${last[figure].toFixed(1)}`,
      );
  });
}
