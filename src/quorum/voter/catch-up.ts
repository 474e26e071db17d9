// Catch-up: asks others for missing entries, certificates and log, each once per 2Δ; answers a few such questions per Δ.
import { type Bytes, type Hash, toHex } from "../../base/index.js";
import type { RefusalCode } from "../contract.js";
import { bodyFor, type KnownEntry } from "../log/entries.js";
import { MAX_ANSWERS_PER_DELTA, MAX_CATCH_UP_ENTRIES } from "../log/limits.js";
import { verifyLogBatch } from "../log/log-proof.js";
import { type Electorate, epochRefusal } from "../log/member-set.js";
import type { Certificate, Entry, Header, QuorumMessage } from "../log/message.js";
import { proposeDigest } from "../log/signing.js";
import { accuseOfBody, opsAreValid } from "./accuse.js";
import { receiveCertificate } from "./advance.js";
import { finaliseTarget, makeFinal, ownCertificates } from "./finality.js";
import { haltForFork } from "./halt.js";
import { rememberEntry } from "./memory.js";
import { idleIntervalMs } from "./pacing.js";
import { screenEntry, screenFinal, screenLog } from "./questions.js";
import type { Voter } from "./state.js";
import { refuse, type Turn, tellPeer } from "./turn.js";

/** So many times `idleMs` after news of the log was due, a peer asks whether it missed some. */
const SILENT_IDLES = 10;

/** The time at which a silent log makes this peer ask; it is woken for that. */
export const silentAtMs = (voter: Voter): number =>
  voter.newsAtMs + idleIntervalMs(voter) + SILENT_IDLES * voter.config.timing.idleMs;

/** The log itself, when nothing has been heard of it for long; a lone member has nobody to ask. */
export function silenceWants(turn: Turn): Want[] {
  const { voter, nowMs } = turn;
  if (nowMs < silentAtMs(voter) || voter.target !== null) return [];
  if (voter.seat !== null && voter.electorate.size === 1) return [];
  return [{ name: "log", message: getLog(voter), seat: null }];
}

/** R10: bodies and headers of the target, by id from members, by height from anyone. */
export function finalityWants(turn: Turn): Want[] {
  const { voter } = turn;
  const missing = finaliseTarget(turn);
  if (missing === null || voter.target === null) return [];
  const { cert } = voter.target;
  const byHeight: Want = { name: "log", message: getLog(voter), seat: cert.signers[0]! };
  if (voter.seat === null) return [byHeight];
  const name = `entry/${toHex(missing.id)}`;
  const byId: Want = {
    name,
    message: { kind: "getEntry", entryId: missing.id },
    seat: cert.signers[0]!,
  };
  // An entry asked for by id in vain is final at others, who then have it by height only.
  return (voter.asks.get(name)?.times ?? 0) === 0 ? [byId] : [byId, byHeight];
}

const getLog = (voter: Voter): QuorumMessage => ({
  kind: "getLog",
  fromHeight: voter.lastFinal.height + 1,
  max: MAX_CATCH_UP_ENTRIES,
});

/** Asks one peer for the log from the last final entry on. */
export function askLog(turn: Turn, peer: string): void {
  expectLog(turn);
  tellPeer(turn, peer, getLog(turn.voter));
}

/** A final header and its certificate, from gossip or a peer. */
export function receiveFinal(turn: Turn, header: Header, cert: Certificate, peer: string): void {
  const { voter } = turn;
  const screening = screenFinal(voter, header, cert);
  if (screening.kind === "refused") refuse(turn, peer, screening.code);
  if (screening.kind !== "certified") return;
  if (!receiveCertificate(turn, cert, false, peer)) return;
  turn.voter.newsAtMs = turn.nowMs;
  if (header.term <= voter.lastFinal.term) return;
  // Of an entry without operations the header is all there is: nobody is asked for its body.
  screening.known.body ??= bodyFor(header, []);
  rememberEntry(voter, screening.known);
}

/** A `log` answer: verified, made final, and continued at the same peer while it has more. */
export function receiveLog(turn: Turn, batch: Extract<QuorumMessage, { kind: "log" }>, peer: string): void {
  const { voter, nowMs } = turn;
  const screening = screenLog(voter, batch, nowMs);
  if (screening.kind === "refused") refuse(turn, peer, screening.code);
  if (screening.kind === "empty" && voter.target === null) voter.newsAtMs = nowMs;
  if (screening.kind !== "news") return;
  const { height, id } = voter.lastFinal;
  const fresh = screening.batch;
  const { electorate } = voter;
  const verified = verifyLogBatch(fresh, { electorate, ...voter.config }, { height, id });
  if (!verified.ok) {
    const headers = [...fresh.entries.map((entry) => entry.header), ...fresh.descendants];
    if (verified.error === "CONFLICT" && batch.cert !== null) {
      haltForFork(turn, [batch.cert, ...ownCertificates(voter)], headers);
      return;
    }
    refuse(turn, peer, logRefusal(electorate, headers));
    return;
  }
  for (const known of verified.value.descendants) rememberEntry(voter, known);
  const path = verified.value.entries.map((known) => rememberEntry(voter, known));
  receiveCertificate(turn, verified.value.cert, true, peer);
  if (voter.standing === "halted") return;
  // The certificate may have completed a target of its own and have finalised some of these already.
  const rest = path.filter((known) => known.header.height > voter.lastFinal.height);
  if (rest.length > 0) makeFinal(turn, rest);
  if (voter.target !== null || batch.entries.length > 1) askLog(turn, peer);
}

/** A log that is no proof to this voter may be one to voters of another epoch. */
const logRefusal = (electorate: Electorate, headers: readonly Header[]): RefusalCode =>
  headers.map((header) => epochRefusal(electorate, header)).find((code) => code !== null) ?? "BAD_LOG";

/** An entry asked for by id: its leader's signature is not checked again, its id and body are. */
export function receiveEntry(turn: Turn, entry: Entry, peer: string): void {
  const { voter } = turn;
  const screening = screenEntry(voter, entry.header);
  if (screening.kind === "refused") refuse(turn, peer, screening.code);
  if (screening.kind !== "asked for") return;
  const { known } = screening;
  known.body = bodyFor(entry.header, entry.ops);
  if (known.body === null) {
    refuse(turn, peer, "BAD_BODY");
    return;
  }
  known.leaderSig = entry.leaderSig;
  accuseOfFetched(turn, known, entry.leaderSig);
  rememberEntry(voter, known);
  voter.excluded = null;
}

/** A body that never came with its proposal may be invalid too: its leader is accused, if it signed the entry. */
function accuseOfFetched(turn: Turn, known: KnownEntry, leaderSig: Bytes): void {
  const { electorate, config } = turn.voter;
  if (opsAreValid(turn.voter, known)) return;
  const leader = electorate.set.members[known.header.leader];
  if (leader === undefined || !config.verifier.verify(leader.key, proposeDigest(known.id), leaderSig)) return;
  accuseOfBody(turn, known, leaderSig);
}

/** Serves an entry by id, as long as its body is held. */
export function answerEntry(turn: Turn, entryId: Hash, peer: string): void {
  const known = turn.voter.entries.get(toHex(entryId));
  if (known === undefined || known.body === null || known.leaderSig === null) return;
  const entry: Entry = { header: known.header, ops: known.body.ops, leaderSig: known.leaderSig };
  tellPeer(turn, peer, { kind: "entry", entry });
}

/** A missing entry, certificate or stretch of log. `name` tells two wants apart; `seat` most likely has it. */
export interface Want {
  readonly name: string;
  readonly message: QuorumMessage;
  readonly seat: number | null;
}

/** Sends the wants that are due, and forgets those that are no longer wanted. Returns when to ask again. */
export function pursueWants(turn: Turn, wants: readonly Want[]): number | null {
  const { voter, nowMs } = turn;
  if (wants.length === 0 && voter.asks.size === 0) return null;
  const againMs = 2 * voter.config.timing.deltaMs;
  const names = new Set(wants.map((want) => want.name));
  for (const name of voter.asks.keys()) if (!names.has(name)) voter.asks.delete(name);
  let wakeAtMs: number | null = null;
  for (const want of wants) {
    let ask = voter.asks.get(want.name);
    if (ask === undefined || nowMs >= ask.atMs + againMs) {
      ask = { atMs: nowMs, times: (ask?.times ?? 0) + 1 };
      voter.asks.set(want.name, ask);
      askSomeone(turn, want, ask.times);
    }
    wakeAtMs = Math.min(wakeAtMs ?? Number.POSITIVE_INFINITY, ask.atMs + againMs);
  }
  return wakeAtMs;
}

/** Members ask members in turn; a peer without a seat asks where the news came from, then anyone. */
function askSomeone(turn: Turn, want: Want, times: number): void {
  const { voter } = turn;
  const { message } = want;
  if (message.kind === "getLog") expectLog(turn);
  const { size } = voter.electorate;
  if (voter.seat === null || size === 1) {
    const peer = times === 1 ? (voter.target?.peer ?? null) : null;
    turn.sends.push({ to: peer === null ? { kind: "anyone" } : { kind: "peer", peer }, message });
    return;
  }
  let seat = ((want.seat ?? voter.seat + 1) + times - 1) % size;
  if (seat === voter.seat) seat = (seat + 1) % size;
  turn.sends.push({ to: { kind: "seat", seat }, message });
}

/** `log` answers are taken for a while from now on. */
function expectLog(turn: Turn): void {
  const { voter, nowMs } = turn;
  voter.logAwaitedUntilMs = nowMs + Math.max(5000, 20 * voter.config.timing.deltaMs);
}

/**
 * True if a question is answered now. Only members ask the log's questions. An honest one asks each once per 2Δ, and
 * asks another member when it gets no answer. Answers may be a mebibyte, and a liar can ask for ever.
 */
export function mayAnswer(turn: Turn, from: number | null): boolean {
  const { voter, nowMs } = turn;
  const answered = from === null ? undefined : voter.answered[from];
  if (answered === undefined) return false;
  if (nowMs - answered.sinceMs >= voter.config.timing.deltaMs) {
    answered.sinceMs = nowMs;
    answered.count = 0;
  }
  answered.count += 1;
  return answered.count <= MAX_ANSWERS_PER_DELTA;
}
