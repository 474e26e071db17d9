// `auction create`.
import { type FormatName, goesByUnits, type NodeView } from "../../contract/index.js";
import { EXIT } from "../commands.js";
import { CliFailure, exitOf } from "../failure.js";
import { tellIfLate } from "../late.js";
import type { Session } from "../session.js";

interface CreateOptions {
  readonly units: number;
  readonly lockup: readonly string[];
  readonly format: FormatName;
  readonly buy?: true;
  readonly ceiling?: string;
  readonly reserve?: string;
  readonly hiddenReserve?: string;
  readonly standingWeight?: number;
  readonly bond?: string;
  readonly startIn: number;
  readonly commit?: number;
  readonly reveal?: number;
  readonly deliver?: number;
  readonly settle?: number;
  readonly value?: string;
  readonly from?: string;
  readonly to?: string;
  readonly agent?: string;
  readonly fee?: string;
  readonly wait?: true;
}

const WHAT = "could not open the auction";

export async function create(session: Session, options: CreateOptions, capability: string): Promise<void> {
  const side = sideOf(options);
  const { timing } = await session.client.ask("node", {}, WHAT);
  const body = { ...bodyOf(options, timing, capability), ...side };
  const receipt = await session.client.ask("createAuction", { body }, WHAT);
  const id = receipt.auction;
  if (id === null)
    throw new CliFailure(EXIT.failed, "NO_AUCTION", WHAT, "the daemon named none", "see its log");
  if (options.wait === true) {
    session.progress("Waiting for the log …");
    await session.waitFor(
      "quorum.finalised,operation.*",
      (event) => {
        tellIfLate(session, event, receipt.operation);
        return known(session, id);
      },
      WHAT,
    );
  }
  session.show(receipt, () => {
    session.terminal.out(id);
    const most = BigInt(body.reserve) * (goesByUnits(body.format) ? BigInt(body.lot.units) : 1n);
    if (body.direction === "buy" && body.lockups.every((one) => BigInt(one) < most))
      session.progress(
        "Every lockup is below the ceiling: a bidder may gain by keeping a second bid of its own hidden",
      );
    session.progress(`Follow it: ${session.terminal.self} auction watch ${id.slice(0, 10)}`);
  });
}

/** What people need who copy an id and type an amount; and a daemon that is started again. */
const HAND_COMMIT_MS = 60_000;
const HAND_REVEAL_MS = 30_000;

/** Which way the lot goes, and the worst price at which it does. @throws CliFailure USAGE */
function sideOf({ buy, ceiling, reserve }: CreateOptions) {
  if (buy !== true && ceiling === undefined) return { direction: "sell", reserve: reserve ?? "0" } as const;
  if (buy === true && ceiling !== undefined) return { direction: "buy", reserve: ceiling } as const;
  const why =
    buy === true ? "a purchase has a ceiling: the most that is paid" : "a ceiling is of what is bought";
  throw new CliFailure(EXIT.usage, "USAGE", WHAT, why, "give --buy and --ceiling together, or neither");
}

function bodyOf(options: CreateOptions, timing: NodeView["timing"], capability: string) {
  return {
    lot: { capability, units: options.units, from: options.from ?? null, to: options.to ?? null },
    format: options.format,
    lockups: [...options.lockup],
    startInMs: options.startIn,
    hiddenReserve: options.hiddenReserve ?? null,
    standingWeight: options.standingWeight ?? null,
    ...(options.bond === undefined ? {} : { bond: options.bond }),
    commitMs: options.commit ?? Math.max(HAND_COMMIT_MS, timing.commitMs),
    revealMs: options.reveal ?? Math.max(HAND_REVEAL_MS, timing.revealMs),
    ...deliveryIn(options),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(options.fee === undefined ? {} : { fee: options.fee }),
  };
}

/** What is said of a delivery; what is not, the daemon knows. @throws CliFailure USAGE */
function deliveryIn({ deliver, settle, value, buy, format }: CreateOptions) {
  if (deliver === undefined && (settle !== undefined || value !== undefined)) {
    throw new CliFailure(
      EXIT.usage,
      "USAGE",
      WHAT,
      "nothing is delivered",
      "give --deliver, or leave these out",
    );
  }
  if (value !== undefined && (buy === true || !goesByUnits(format))) {
    const fix = "leave --value out: the highest lockup says it";
    throw new CliFailure(EXIT.usage, "USAGE", WHAT, "only a sale by units declares a value", fix);
  }
  return {
    ...(deliver === undefined ? {} : { deliverMs: deliver }),
    ...(settle === undefined ? {} : { settleMs: settle }),
    ...(value === undefined ? {} : { value }),
  };
}

/** The auction, or null while the log does not hold it. */
async function known(session: Session, id: string) {
  try {
    return await session.client.ask("auction", { params: { id } }, "could not see the auction");
  } catch (error) {
    if (exitOf(error) === EXIT.notFound) return null;
    throw error;
  }
}
