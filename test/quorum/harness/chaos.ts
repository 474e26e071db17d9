// One run of chaos and healing: a seed decides what goes wrong; afterwards everything must be well.
import { violations } from "./checks.js";
import { type Bend, Cluster, HEALTHY } from "./cluster.js";
import { text } from "./keys.js";
import type { CrashPoint, MemberOptions } from "./member.js";

export interface ChaosOptions extends MemberOptions {
  readonly size: number;
  readonly seed: number;
  readonly bends?: ReadonlyMap<number, Bend>;
  readonly followers?: number;
  readonly chaosMs?: number;
  readonly crashes?: boolean;
  /** what a mutant's disk does to rows before they are written */
  readonly forgets?: (key: string) => boolean;
}

export interface ChaosResult {
  readonly cluster: Cluster;
  readonly broken: readonly string[];
  /** every honest member finalised new operations after healing */
  readonly live: boolean;
  readonly accused: ReadonlySet<number>;
}

const CRASH_POINTS: readonly CrashPoint[] = ["beforeGuard", "afterGuard", "afterBatch"];

export function chaos(options: ChaosOptions): ChaosResult {
  const cluster = new Cluster(options.size, options);
  const honest = cluster.members.map((_, i) => i).filter((i) => !options.bends?.has(i));
  cluster.start();
  const untilMs = cluster.nowMs + (options.chaosMs ?? 8000);
  for (let round = 0; cluster.nowMs < untilMs; round++) {
    const sides = cluster.members.map(() => cluster.random(3));
    const parted = cluster.random(3) === 0;
    const oneWay = cluster.random(4) === 0 ? cluster.random(options.size) : -1;
    cluster.faults = {
      lossPercent: 15,
      duplicatePercent: 10,
      minDelayMs: 1,
      maxDelayMs: cluster.random(4) === 0 ? 600 : 30,
      passes: (from, to) => (!parted || sides[from] === sides[to]) && to !== oneWay,
    };
    cluster.submit(text(`op ${round}`), [honest[cluster.random(honest.length)]!]);
    if (options.crashes !== false) crashSome(cluster, honest, options);
    cluster.run(100 + cluster.random(500));
    for (const at of honest) if (cluster.members[at]!.voter === null) revive(cluster, at, options);
  }
  cluster.faults = { ...HEALTHY };
  for (const at of honest) cluster.members[at]!.crashNext = null;
  cluster.submit(text("after healing"), honest);
  const live = cluster.run(120_000, () =>
    honest.every((at) => cluster.members[at]!.log.some((entry) => entry.ops.some((op) => isLast(op)))),
  );
  const accused = new Set<number>();
  for (const at of honest)
    for (const one of cluster.members[at]!.evidence) {
      accused.add(one.kind === "votes" ? one.a.signer : one.a.header.leader);
    }
  return { cluster, broken: violations(cluster, honest), live, accused };
}

const isLast = (op: Uint8Array): boolean => Buffer.from(op).toString() === "after healing";

function crashSome(cluster: Cluster, honest: readonly number[], options: ChaosOptions): void {
  if (cluster.random(3) !== 0) return;
  const at = honest[cluster.random(honest.length)]!;
  const member = cluster.members[at]!;
  if (cluster.random(2) === 0) {
    member.crashNext = CRASH_POINTS[cluster.random(3)]!;
  } else {
    cluster.crash(at);
    revive(cluster, at, options);
  }
}

function revive(cluster: Cluster, at: number, options: ChaosOptions): void {
  const { rows } = cluster.members[at]!;
  if (options.forgets) for (const key of [...rows.keys()]) if (options.forgets(key)) rows.delete(key);
  cluster.restart(at);
}
