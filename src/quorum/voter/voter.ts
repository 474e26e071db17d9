// The voter: hands one input to its rule, lets the timers act, and returns the writes, sends and reports.
import { invariant, unreachable } from "../../base/index.js";
import type { VoterInput, VoterOutput } from "../contract.js";
import type { QuorumMessage } from "../log/message.js";
import { overrideAmnesia, pursueQuery } from "../start/amnesia.js";
import { restart } from "../start/restart.js";
import { commitIfAllowed, receiveCertificate } from "./advance.js";
import {
  answerEntry,
  askLog,
  finalityWants,
  mayAnswer,
  pursueWants,
  receiveEntry,
  receiveFinal,
  receiveLog,
  silenceWants,
  silentAtMs,
  type Want,
} from "./catch-up.js";
import { finaliseTarget, onExecuted } from "./finality.js";
import { answerJustify, forgetGaps, proposalWants, receiveJustify } from "./gap.js";
import { tellFork, tellHalt } from "./halt.js";
import { inFlightWants } from "./in-flight.js";
import { prune } from "./memory.js";
import { giveUpAtMs, proposeAtMs } from "./pacing.js";
import { considerProposal, receiveOwnProposal, receivePropose } from "./proposal.js";
import { answerCerts, isToPropose, proposeIfDue, proposeWants, receiveCerts } from "./propose.js";
import { type Queued, sheetOf, type Voter } from "./state.js";
import { answerStatus, beat, receiveStatus } from "./status.js";
import { forwardAtMs, forwardIfDue, giveUpIfDue, retryIfDue } from "./timeouts.js";
import { beginTurn, endTurn, hasRoomToSign, type Turn } from "./turn.js";
import { receiveOwnVote, receiveVote } from "./votes.js";

/**
 * One step (spec/log#rules, spec/persistence#P0). Changes `voter` in place. The caller makes `writes` durable, the guard record first, the
 * rest in one synced batch with the rows of `finalised`; then performs `sends`. Before the first other input comes
 * `start`. Never throws on anything a peer sends.
 */
export function step(voter: Voter, input: VoterInput): VoterOutput {
  voter.started ||= input.kind === "start";
  invariant(voter.started, "a voter is started before anything else");
  const continues = input.sameBatch === true || input.kind === "executed" || input.kind === "start";
  const turn = beginTurn(voter, input.nowMs, continues);
  if (voter.standing === "halted") {
    if (input.kind === "start") tellHalt(turn);
    if (input.kind === "connected") tellFork(turn, input.peer);
    return endTurn(turn, null);
  }
  handle(turn, input);
  drain(turn);
  forwardIfDue(turn);
  const askAgainAtMs = pursueWants(turn, wantsOf(turn));
  prune(turn);
  forgetGaps(voter);
  return endTurn(turn, wakeAtMs(turn, askAgainAtMs));
}

function handle(turn: Turn, input: VoterInput): void {
  switch (input.kind) {
    case "start":
      restart(turn);
      return;
    case "message":
      receive(turn, input);
      return;
    case "connected":
      askLog(turn, input.peer);
      return;
    case "executed":
      onExecuted(turn, input.height, input.root);
      return;
    case "overrideAmnesia":
      overrideAmnesia(turn);
      return;
    case "tick":
    case "work":
      return;
    default:
      unreachable(input);
      return;
  }
}

/** One message, to its rule. `op` and `getLog` are the caller's: it has the mempool and the store. */
function receive(turn: Turn, { message, from, peer }: Extract<VoterInput, { kind: "message" }>): void {
  switch (message.kind) {
    case "propose":
      receivePropose(turn, message.propose, peer);
      return;
    case "vote":
      receiveVote(turn, message.vote, from, peer);
      return;
    case "cert":
      receiveCertificate(turn, message.cert, false, peer);
      return;
    case "certs":
      receiveCerts(turn, message.certs, peer);
      return;
    case "justify":
      receiveJustify(turn, message, from, peer);
      return;
    case "entry":
      receiveEntry(turn, message.entry, peer);
      return;
    case "status":
      receiveStatus(turn, message.status, from, peer);
      return;
    case "final":
      receiveFinal(turn, message.header, message.cert, peer);
      return;
    case "log":
      receiveLog(turn, message, peer);
      return;
    case "getCerts":
    case "getJustify":
    case "getEntry":
    case "getStatus":
      if (mayAnswer(turn, from)) answer(turn, message, from, peer);
      return;
    case "op":
    case "getLog":
      return;
    default:
      unreachable(message);
      return;
  }
}

type Request = Extract<QuorumMessage, { kind: "getCerts" | "getJustify" | "getEntry" | "getStatus" }>;

function answer(turn: Turn, request: Request, from: number | null, peer: string): void {
  switch (request.kind) {
    case "getCerts":
      answerCerts(turn, request.fromTerm, request.toTerm, peer);
      return;
    case "getJustify":
      answerJustify(turn, request.justifyHash, request.from, peer);
      return;
    case "getEntry":
      answerEntry(turn, request.entryId, peer);
      return;
    case "getStatus":
      answerStatus(turn, request.nonce, from, peer);
      return;
    default:
      unreachable(request);
      return;
  }
}

/**
 * Handles all that follows from the input: own messages first, then the rules that wait for something, then the timers.
 * Ends when nothing is left, or when the guard record is full and the rest waits for the next step.
 */
function drain(turn: Turn): void {
  const { voter } = turn;
  while (hasRoomToSign(voter) && voter.standing !== "halted") {
    const next = voter.queue.shift();
    if (next !== undefined) handleQueued(turn, next);
    else if (!act(turn)) break;
  }
  pursueQuery(turn);
  beat(turn);
}

function handleQueued(turn: Turn, item: Queued): void {
  switch (item.kind) {
    case "vote":
      receiveOwnVote(turn, item.vote);
      return;
    case "propose":
      receiveOwnProposal(turn, item.propose, item.id);
      return;
    case "commit":
      commitIfAllowed(turn, sheetOf(turn.voter, item.term));
      return;
    case "cert":
      receiveCertificate(turn, item.cert, item.trusted, item.peer);
      return;
    default:
      unreachable(item);
      return;
  }
}

/** Runs one rule that is ready; false if none is. */
function act(turn: Turn): boolean {
  const { voter } = turn;
  if (voter.target !== null) finaliseTarget(turn);
  if (voter.seat === null || voter.standing === "querying" || voter.standing === "halted") return false;
  return considerProposal(turn) || proposeIfDue(turn) || giveUpIfDue(turn) || retryIfDue(turn);
}

/** All wants, derived from the state: a part that is no longer needed is no longer asked for. */
function wantsOf(turn: Turn): Want[] {
  if (turn.voter.standing === "halted") return [];
  const { voter } = turn;
  return [
    ...finalityWants(turn),
    ...proposalWants(voter),
    ...inFlightWants(voter),
    ...proposeWants(turn),
    ...silenceWants(turn),
  ];
}

/** The time at which this voter must be stepped next if nothing else happens. */
function wakeAtMs(turn: Turn, askAgainAtMs: number | null): number | null {
  const { voter, nowMs } = turn;
  if (voter.standing === "halted") return null;
  if (voter.queue.length > 0 || !hasRoomToSign(voter)) return nowMs;
  let least = Number.POSITIVE_INFINITY;
  const consider = (at: number | null): void => {
    if (at !== null && at > nowMs && at < least) least = at;
  };
  consider(askAgainAtMs);
  consider(silentAtMs(voter));
  considerMemberDeadlines(turn, consider);
  return Number.isFinite(least) ? least : null;
}

function considerMemberDeadlines(turn: Turn, consider: (at: number | null) => void): void {
  const { voter } = turn;
  const { query, clock } = voter;
  if (voter.seat === null) return;
  if (voter.electorate.size > 1) consider(voter.nextStatusAtMs);
  if (query !== null) consider(query.askAgainAtMs);
  if (voter.standing === "querying") {
    if (query !== null) consider(query.untilMs);
    return;
  }
  if (isToPropose(voter)) consider(proposeAtMs(turn));
  consider(clock.expired ? clock.retryAtMs : giveUpAtMs(turn));
  consider(forwardAtMs(voter));
}
