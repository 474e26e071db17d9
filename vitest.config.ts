import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * What `npm test` leaves to `npm run test:long`: real processes and networks, searches through millions of states, and runs
 * that are long because more of them find more. All else is fast enough to be run after every change.
 */
const LONG = [
  "test/attacks/**/*.test.ts",
  "test/bench/**/*.test.ts",
  "test/e2e/**/*.test.ts",
  "test/examples/**/*.test.ts",
  "test/fuzz/**/*.test.ts",
  "test/ledger/credit-law.test.ts",
  "test/market/{any-packing,budget-law,budget-packing,conservation,credit-packing,dispute-money,idle,one-moment,replay,replayed,restored,reveal-room,trade-money,violations}.test.ts",
  "test/node/{crash,daemon-life,lock,taken-state}.test.ts",
  "test/node/cli/program.test.ts",
  "test/node/gateway/in-daemon.test.ts",
  "test/node/keys/key-store.test.ts",
  "test/node/sdk/agents/**/*.test.ts",
  "test/peer/{idle-entries,restarts,proof/transcript}.test.ts",
  "test/processes/**/*.test.ts",
  "test/quorum/attacks/power-loss.test.ts",
  "test/quorum/{agreement,explorer,evidence-pairs,evidence-mutations,mutants}.test.ts",
  "test/quota/{laws,key-laws,mutants}.test.ts",
  "test/scenarios/**/*.test.ts",
  "test/simulate/{idle,mutants,overload,people,simulate,shrink,slashing,speed,swarm-*}.test.ts",
  "test/testnet/{agents,cli,folder,network,residence,trades}.test.ts",
];
/** The rooms of `src/`: pure, so their tests may share one load of its modules. Loading cost as much as half the tests. */
const PURE = ["test/{base,crypto,handover,ledger,market,peer,quorum,quota,simulate}/**/*.test.ts"];
/** Of the long ones: they fill both cores by themselves, or count what a process holds in memory. */
const ALONE = ["test/attacks/{bytes-and-streams,signature-flood}.test.ts"];
/** A third of the long tests' time is waiting, for terms that time out and peers that come back: one more fills it. */
const LONG_WORKERS = 3;

/**
 * The longest of all, the longest first. Without a cache, as in a clean checkout, the larger file goes first, and these are
 * small: the longest began last, and one core had nothing to do beside it.
 */
const FIRST = [
  "test/e2e/damaged-disk.test.ts",
  "test/processes/kill.test.ts",
  "test/simulate/swarm-second-half.test.ts",
  "test/fuzz/fuzz.test.ts",
  "test/simulate/swarm-first-half.test.ts",
  "test/simulate/mutants.test.ts",
  "test/quorum/explorer.test.ts",
  "test/simulate/simulate.test.ts",
  "test/simulate/overload.test.ts",
  "test/e2e/hostile-peer.test.ts",
  "test/testnet/cli.test.ts",
  "test/e2e/new-user.test.ts",
  "test/processes/faults.test.ts",
  "test/attacks/eclipse.test.ts",
  "test/e2e/join.test.ts",
  "test/market/budget-law.test.ts",
  "test/testnet/network.test.ts",
];

/** Of each project's files those first that take longest, then the others as usual. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = FIRST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? FIRST.length : at;
    };
    const groups = [...new Set(usual.map(({ project }) => project))];
    return groups.flatMap((group) =>
      usual.filter(({ project }) => project === group).sort((a, b) => rank(a) - rank(b)),
    );
  }
}

const common = {
  setupFiles: ["test/setup.ts"],
  // No test is about time: this only ends one that hangs, on a machine however busy.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  pool: "forks",
  maxWorkers: 2,
} as const;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...common,
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [...LONG, ...PURE],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: "pure",
          include: PURE,
          exclude: LONG,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: "long",
          include: LONG,
          exclude: ALONE,
          maxWorkers: LONG_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...common, name: "alone", include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
