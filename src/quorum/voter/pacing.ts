// R1: when a term is entered, when its leader proposes, when the others stop waiting for it, and what they wait for.
import { equalBytes, type Hex, toHex } from "../../base/index.js";
import { type KnownEntry, opNames } from "../log/entries.js";
import { MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES } from "../log/limits.js";
import type { PacingRules } from "../rules.js";
import type { Certified, Voter } from "./state.js";
import type { Turn } from "./turn.js";

const NEVER = Number.POSITIVE_INFINITY;

/** An entry that others wait for (R1 i). */
const isBusy = (voter: Voter, { header }: KnownEntry): boolean =>
  voter.config.rules.isWork({
    operations: header.opsCount,
    changesPhase: voter.config.application.changesPhase(header),
  });

/** The time at which the oldest certified, unfinalised busy entry was certified. */
function busySinceMs(voter: Voter): number {
  let since = NEVER;
  for (const { known, sinceMs } of certifiedUnfinalised(voter)) {
    if (sinceMs < since && isBusy(voter, known)) since = sinceMs;
  }
  return since;
}

/**
 * The time at which the leader of the current term proposes: with work at once, else after an idle interval. Its margin
 * for (i) is Δ: no empty entry follows a busy one while its COMMITs are on their way. (iii) waits for the clock that
 * the header will carry.
 */
export function proposeAtMs(turn: Turn): number {
  const { voter, nowMs } = turn;
  const { deltaMs, idleMs } = voter.config.timing;
  const busySince = busySinceMs(voter);
  const dueMs = voter.config.application.transitionDueMs() ?? NEVER;
  const lagMs = nowMs - leaderClockMs(turn);
  const workAtMs = Math.min(busySince + deltaMs, dueMs + lagMs, batchAtMs(voter, busySince !== NEVER));
  const intervalMs = isAttested(voter) ? idleIntervalMs(voter) : idleMs;
  return voter.config.rules.restsUntilMs({ enteredAtMs: voter.clock.enteredAtMs, intervalMs, workAtMs });
}

/** So many entries without operations in a row make any interval the longest. */
const MOST_EMPTY_ENTRIES = 16;

/**
 * Y9: the idle interval of the current term, from the chain alone, so that leader and members agree on it. A term that
 * follows a skipped one has the shortest: a silent leader then delays the next entry by no more than its own turn.
 */
export function idleIntervalMs(voter: Voter): number {
  const { timing, rules } = voter.config;
  return rules.idleIntervalMs(emptyEntriesBefore(voter), timing);
}

function emptyEntriesBefore(voter: Voter): number {
  const before = entryBefore(voter);
  if (before === "skipped") return 0;
  // A member that lacks the header is patient: the leader has it, and may rest for long.
  if (before === "unknown") return MOST_EMPTY_ENTRIES;
  let empty = 0;
  for (let at: KnownEntry | undefined = before; at?.header.opsCount === 0; ) {
    empty += 1;
    if (empty === MOST_EMPTY_ENTRIES) break;
    at = voter.entries.get(at.parentHex);
  }
  return empty;
}

/** The entry certified in the term before the current one. */
function entryBefore({ term, lastFinal, sheets, entries }: Voter): KnownEntry | "skipped" | "unknown" {
  if (term === 1) return "skipped";
  if (lastFinal.term === term - 1) return entries.get(lastFinal.hex) ?? "unknown";
  const sheet = sheets.get(term - 1);
  const cert = sheet?.commitCert ?? sheet?.ackCert ?? null;
  if (cert === null) return "skipped";
  return entries.get(toHex(cert.entryId)) ?? "unknown";
}

/** True if the entry before attests the own newest root: no proof waits for a header that does. */
function isAttested(voter: Voter): boolean {
  const before = entryBefore(voter);
  const own = voter.roots.get(voter.executedHeight);
  if (typeof before === "string" || own === undefined) return true;
  return equalBytes(before.header.execRoot, own);
}

/** The batch rule (spec/log#Y3): at once if nothing busy is under way; else when full, or after batchMs. */
function batchAtMs(voter: Voter, isBusyAlready: boolean): number {
  const pending = voter.config.application.pending(excludedOps(voter));
  if (pending === null) return NEVER;
  const isFull = pending.count >= MAX_ENTRY_OPS || pending.bytes >= MAX_ENTRY_OPS_BYTES;
  return isBusyAlready && !isFull ? pending.oldestSeenMs + voter.config.timing.batchMs : pending.oldestSeenMs;
}

/** The first instant at which a member other than the leader has work to wait for; infinity without any (R1). */
function workAtMs(voter: Voter): number {
  const patienceMs = 2 * voter.config.timing.deltaMs;
  const dueMs = voter.config.application.transitionDueMs() ?? NEVER;
  return patienceMs + Math.min(busySinceMs(voter), dueMs, forwardedSinceMs(voter));
}

/** (ii): since when an operation forwarded to this term's leader has waited, while one of them still does. */
function forwardedSinceMs(voter: Voter): number {
  const { forwarded } = voter.clock;
  if (forwarded === null) return NEVER;
  const pending = voter.config.application.pending(excludedOps(voter));
  return pending !== null && pending.oldestSeenMs <= forwarded.newestSeenMs ? forwarded.atMs : NEVER;
}

/**
 * The time of R7 in the current term: t_lead, or t_adv once the leader has led. Both follow from the time of entry,
 * today's work and today's patience, so no timer is re-armed.
 */
export function giveUpAtMs(turn: Turn): number {
  const { voter } = turn;
  const { idleMs, deltaMs } = voter.config.timing;
  const { enteredAtMs, atOnce } = voter.clock;
  if (atOnce) return enteredAtMs;
  const patienceMs = extraMs(deltaMs, voter.failures);
  const intervalMs = idleIntervalMs(voter);
  const restsUntilMs = voter.config.rules.restsUntilMs({
    enteredAtMs,
    intervalMs,
    workAtMs: workAtMs(voter),
  });
  const candidate = voter.sheets.get(voter.term)?.candidate ?? null;
  if (candidate === null || !candidate.leads) return restsUntilMs + 2 * patienceMs;
  // A leader that has led idles no more: what became of its entry is not waited for over a long idle interval.
  const ledAtMs = Math.max(enteredAtMs, candidate.receivedAtMs);
  return Math.min(restsUntilMs, ledAtMs + idleMs) + 3 * patienceMs;
}

/** g_k = min(1.5^k, 8) in thousandths: integers, the same everywhere. */
const GROWTH = [1000, 1500, 2250, 3375, 5062, 7593, 8000] as const;

/** A time that grows with k failed terms since the last finalisation: Δ_k, PRECISION_k, MSGDELAY_k. */
export function extraMs(baseMs: number, failures: number): number {
  return Math.floor((baseMs * GROWTH[Math.min(failures, GROWTH.length - 1)]!) / 1000);
}

/**
 * A leader's clock: the lesser of its own and the (n−Q+1)-th smallest of the members' (spec/time#timely). The own clock is
 * among them, and unknown ones count as own. So F slow or fast clocks do not put an honest proposal out of time.
 */
export function leaderClockMs(turn: Turn): number {
  const { voter, nowMs } = turn;
  const offsets = voter.clockOffsets.map((offset) => offset ?? 0).sort((a, b) => a - b);
  return Math.max(0, nowMs + Math.min(0, offsets[voter.electorate.size - voter.electorate.quorum]!));
}

const NONE: ReadonlySet<Hex> = new Set();

/** Entries above the last final one that have an AckCert and whose header is known; as `excludedOps`, made once. */
function certifiedUnfinalised(voter: Voter): readonly Certified[] {
  voter.certified ??= collectCertified(voter);
  return voter.certified;
}

function collectCertified(voter: Voter): readonly Certified[] {
  const found: Certified[] = [];
  for (const term of voter.ackedTerms) {
    const sheet = voter.sheets.get(term);
    const known = sheet?.ackCert ? voter.entries.get(toHex(sheet.ackCert.entryId)) : undefined;
    if (sheet !== undefined && known !== undefined) found.push({ known, sinceMs: sheet.ackCertAtMs });
  }
  return found;
}

/**
 * Operations under way, which no leader includes again and no member waits for. They stand in certified entries that
 * are not final, or in final entries that are not executed. Made once for each change of the chain.
 */
export function excludedOps(voter: Voter): ReadonlySet<Hex> {
  voter.excluded ??= collectExcluded(voter);
  return voter.excluded;
}

function collectExcluded(voter: Voter): ReadonlySet<Hex> {
  const excluded = new Set<Hex>();
  const add = (known: KnownEntry | undefined): void => {
    if (known?.body) for (const name of opNames(known.body)) excluded.add(name);
  };
  const seen = new Set<Hex>();
  for (const { known } of certifiedUnfinalised(voter)) {
    // What is certified vouches for all below it, also where their own certificates were missed.
    let at: KnownEntry | undefined = known;
    while (at !== undefined && at.header.height > voter.lastFinal.height && !seen.has(at.hex)) {
      seen.add(at.hex);
      add(at);
      at = voter.entries.get(at.parentHex);
    }
  }
  for (let at = voter.entries.get(voter.lastFinal.hex); at !== undefined; ) {
    if (at.header.height <= voter.executedHeight) break;
    add(at);
    at = voter.entries.get(at.parentHex);
  }
  return excluded.size === 0 ? NONE : excluded;
}

/**
 * R1: enters the term after a certified one. The certificate, persisted in the same batch, is the durable record of
 * the term: a restart derives it (P1), so terms never decrease (I6).
 */
export function enterAfter(turn: Turn, term: number): void {
  const { voter } = turn;
  if (term < voter.term) return;
  voter.term = term + 1;
  startTermClock(turn);
}

/** Arms R1's timers: they all follow from the moment of entry. */
export function startTermClock(turn: Turn): void {
  const { voter, nowMs } = turn;
  const atOnce = isSkippedAtOnce(turn);
  if (atOnce) voter.heard[voter.electorate.leaderOf(voter.term)]!.skippedAtOnceIn = voter.term;
  voter.clock = { enteredAtMs: nowMs, atOnce, expired: false, retryAtMs: null, forwarded: null };
}

/** R1, skip at once: true if the leader has been silent for too long; the own term is never skipped at once. */
function isSkippedAtOnce(turn: Turn): boolean {
  const { voter, nowMs } = turn;
  const { rules, timing } = voter.config;
  const { size: seats } = voter.electorate;
  const leader = voter.electorate.leaderOf(voter.term);
  const heard = voter.heard[leader]!;
  return (
    leader !== voter.seat &&
    rules.isSkippedAtOnce({
      terms: voter.term - heard.inTerm,
      ms: nowMs - heard.atMs,
      wasSkippedAtOnce: heard.skippedAtOnceIn === voter.term - seats,
      seats,
      deltaMs: timing.deltaMs,
    })
  );
}

/** A valid message of a seat, of any term, ends the silence that would skip its terms at once (R1). */
export function noteHeard(turn: Turn, seat: number, kind: Parameters<PacingRules["isSignOfLife"]>[0]): void {
  if (!turn.voter.config.rules.isSignOfLife(kind)) return;
  const heard = turn.voter.heard[seat]!;
  heard.atMs = turn.nowMs;
  heard.inTerm = turn.voter.term;
}
