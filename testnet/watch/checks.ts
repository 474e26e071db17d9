// The checks of a finite run, in the order of the report: the laws, fed with the testimony of real peers.
import { amount, encode, type Hex, toHex } from "../../src/base/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { disagreements, lastCommonHeight } from "../lab/checks/agreement.js";
import { endedBy } from "../lab/checks/auctions.js";
import { booksWrongs } from "../lab/checks/books.js";
import type { History } from "../lab/checks/history.js";
import { LAW_NAMES, LAWS } from "../lab/checks/laws.js";
import { outcomeWrong } from "../lab/checks/outcome.js";
import { budgetsOpened } from "../lab/checks/payers.js";
import { earlyReveals, Secrecy, type SecretBid, type Trace } from "../lab/checks/secrecy.js";
import { slashWrong, stakeWrongs } from "../lab/checks/slashing.js";
import { tradesOf } from "../lab/checks/trades.js";
import { type Finding, historyOf, type PeerTestimony, type Testimony } from "./testimony.js";
import { transcripts } from "./transcript.js";

/** A verdict; `detail` counts what was looked at, or names what is wrong. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const CHECKS: Readonly<Record<string, (testimony: Testimony, history: History) => Finding>> = {
  "state-root": stateRoot,
  conservation,
  outcome,
  secrecy,
  slashing,
  transcript: transcripts,
  live,
};

export function checksOf(testimony: Testimony): readonly Check[] {
  const history = historyOf(testimony);
  return [
    ...Object.entries(CHECKS).map(([name, check]) => verdict(name, check(testimony, history))),
    ...laws(testimony, history),
  ];
}

/** A peer that has executed more than the log that was read is left out; the one whose log it is never is. */
function laws({ params, opening, peers, log }: Testimony, history: History): readonly Check[] {
  const executed = peers.filter(({ height }) => height <= log.length);
  const seen = `${history.operations().length} operations, ${history.auctions().size} auctions, ${budgetsOpened(history)} budgets in ${log.length} entries`;
  return LAW_NAMES.map((name) =>
    verdict(name, { wrongs: LAWS[name](history, { ...params, opening }, executed), seen }),
  );
}

const MAX_NAMED = 3;

/** Holds if nothing is wrong; otherwise names the first few wrongs. */
function verdict(name: string, { wrongs, seen }: Finding): Check {
  if (wrongs.length === 0) return { name, ok: true, detail: seen };
  const more = wrongs.length > MAX_NAMED ? `; and ${wrongs.length - MAX_NAMED} more` : "";
  return { name, ok: false, detail: wrongs.slice(0, MAX_NAMED).join("; ") + more };
}

/** At every height that two peers reported. Also fails where no height was reported by all: silence is not agreement. */
function stateRoot({ peers }: Testimony): Finding {
  const roots = peers.map(({ name, roots: said }) => ({ name, said }));
  const common = lastCommonHeight(peers.map((peer) => peer.roots));
  const silence = common === null ? ["no height was reported by every peer"] : [];
  return {
    wrongs: [...disagreements("state root", roots).values(), ...forks(peers).values(), ...silence],
    seen: `${peers.length} peers agree, at last at height ${common}`,
  };
}

/** By height at which two peers had different entries. */
export const forks = (peers: readonly PeerTestimony[]): ReadonlyMap<number, string> =>
  disagreements(
    "entry",
    peers.map(({ name, entries: said }) => ({ name, said })),
  );

/** Whenever a peer's books were read. */
function conservation({ peers }: Testimony): Finding {
  const wrongs = peers.flatMap(({ name, books }) =>
    books.length === 0
      ? [`${name} showed no books`]
      : books.flatMap((one) =>
          booksWrongs(one).map(({ what }) => `${name} at height ${one.height}: ${what}`),
        ),
  );
  const read = peers.reduce((total, { books }) => total + books.length, 0);
  return { wrongs, seen: `${read} readings of ${peers.length} peers' books add up` };
}

/** Every peer announced each settled auction, once, as the log says. */
function outcome({ peers, params }: Testimony, history: History): Finding {
  const settled = [...history.auctions()].filter(
    ([, { course }]) => course.reveal !== undefined && course.ended !== undefined,
  );
  const wrongs = peers.flatMap(({ name, sightings }) => {
    const said = sightings.flatMap(({ notice }) => (notice.kind === "auctionSettled" ? [notice] : []));
    const strangers = said.filter(
      ({ auction, height }) => !history.auctions().has(toHex(auction)) || !history.isComplete(1, height),
    );
    return [
      ...strangers.map(
        ({ auction }) => `${name} settled ${toHex(auction).slice(0, 8)}, of which the log knows nothing`,
      ),
      ...settled.flatMap(([id]) => {
        const [first, ...others] = said.filter(({ auction }) => toHex(auction) === id);
        const wrong =
          first === undefined
            ? "never announced as settled"
            : others.length > 0
              ? `announced as settled ${others.length + 1} times`
              : outcomeWrong(history, params, first);
        return wrong === null ? [] : [`${name}, auction ${id.slice(0, 8)}: ${wrong}`];
      }),
    ];
  });
  return { wrongs, seen: `${settled.length} outcomes recomputed, ${peers.length} peers agree with each` };
}

/** Below this length other bytes hold the same too often to say anything; demo agents' values take five bytes. */
const MIN_TELLING_BYTES = 5;

/** An amount as it would lie in an operation. */
const ENCODED: Trace = {
  isRare: false,
  of(value) {
    const bytes = encode(amount, value);
    return bytes.length >= MIN_TELLING_BYTES ? bytes : null;
  },
};

/** Whatever was seen, in its order. */
function secrecy({ peers, secrets }: Testimony, history: History): Finding {
  const bids = new Map<Hex, SecretBid[]>();
  for (const bid of secrets) bids.set(bid.auction, [...(bids.get(bid.auction) ?? []), bid]);
  const law = new Secrecy(bids, ENCODED);
  const seen = peers.flatMap(({ name, sightings, overheard }, peer) => [
    ...sightings.map(({ order, notice }) => ({ order, name, wrong: () => told(law, peer, notice) })),
    ...overheard.map(({ order, bytes }) => ({ order, name, wrong: () => law.passedWrong(peer, bytes) })),
  ]);
  const wrongs = seen
    .sort((a, b) => a.order - b.order)
    .flatMap(({ name, wrong }) => {
      const what = wrong();
      return what === null ? [] : [`${name} ${what}`];
    });
  const heard = peers.reduce((sum, { overheard }) => sum + overheard.length, 0);
  return {
    wrongs: [...wrongs, ...earlyReveals(history)],
    seen: `${secrets.length} bids stayed secret in ${heard} gossiped operations and ${seen.length - heard} notices`,
  };
}

function told(law: Secrecy, peer: number, notice: Notice): string | null {
  law.known(peer, notice);
  return law.toldWrong(notice);
}

/** By any peer's account. */
/** What a failed trade costs is not held against the log: `trade-money` and `funds` recompute it. */
function slashing({ peers, honest, opening, params, log }: Testimony, history: History): Finding {
  const failed = (tradesOf(history, params, log.length)?.courses ?? []).flatMap(({ performer, ending }) =>
    ending !== null && ending.due > 0n ? [performer] : [],
  );
  const kept = new Set([...honest].filter((agent) => !failed.includes(agent)));
  const wrongs = peers.flatMap(({ name, sightings, accounts }) => [
    ...sightings.flatMap(({ notice }) => {
      const wrong = slashWrong(notice, honest);
      return wrong === null ? [] : [`${name} ${wrong}`];
    }),
    ...stakeWrongs(opening, accounts, kept).map((wrong) => `at ${name} ${wrong}`),
  ]);
  const all = peers.flatMap(({ sightings }) => sightings.filter(({ notice }) => notice.kind === "slashed"));
  return { wrongs, seen: `${honest.size} honest agents, none convicted; ${all.length} convictions in all` };
}

/** Every auction that the log creates has come to its end, at every peer: asked once all windows have passed (spec/log#L1). */
function live({ peers }: Testimony, history: History): Finding {
  const auctions = [...history.auctions()];
  const wrongs = peers.flatMap(({ name, sightings }) => {
    const ended = new Set(sightings.map(({ notice }) => endedBy(notice)));
    return auctions
      .filter(([id]) => !ended.has(id))
      .map(([, { name: auction }]) => `${name} knows of no end of auction ${auction}`);
  });
  return { wrongs, seen: `${auctions.length} auctions were created, and all have ended` };
}
