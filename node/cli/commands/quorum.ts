// `quorum status`, `quorum members`, `quorum log`.
import { unreachable } from "../../../src/base/index.js";
import type { QuorumView } from "../../contract/index.js";
import type { Session } from "../session.js";
import { clock, labelled, painter, short, table } from "../show.js";

export async function status(session: Session): Promise<void> {
  const quorum = await session.client.ask("quorum", {}, "could not ask for the quorum");
  session.show(quorum, () => {
    labelled(session.terminal, [
      ["Members", `${quorum.members}, of whom ${quorum.quorum} must sign`],
      ["Tolerance", `byzantineTolerance ${quorum.byzantineTolerance}`],
      ["Epoch", String(quorum.epoch)],
      ["Term", `${quorum.term}, led by seat ${quorum.leader}`],
      ["Height", `${quorum.height}, at ledger time ${quorum.ledgerTime}`],
      ["Final", quorum.finalId],
      ["State root", quorum.stateRoot],
      ["This peer", quorum.seat === null ? "has no seat: it follows" : `holds seat ${quorum.seat}`],
      ...amnesiaRows(quorum),
      ...haltRows(quorum),
    ]);
    const { terminal } = session;
    const paint = painter(terminal);
    if (quorum.halted !== null) terminal.err(paint.red(`warning: it does not vote (${quorum.halted})`));
    if (quorum.amnesia !== null && !othersCanTell(quorum.amnesia))
      terminal.err(`Only your word can end this: see \`${terminal.self} quorum override-amnesia --help\``);
  });
}

type Rows = readonly (readonly [string, string])[];

/** Whether the other members have the power to tell what a seat in amnesia has signed: not with n ≤ 2. */
export const othersCanTell = ({ others, needed }: NonNullable<QuorumView["amnesia"]>): boolean =>
  others >= needed;

function amnesiaRows({ amnesia }: QuorumView): Rows {
  if (amnesia === null) return [];
  const since = amnesia.since === null ? "" : `since ${amnesia.since}: `;
  const state = `${since}it may have forgotten what it signed, and signs nothing`;
  if (!othersCanTell(amnesia)) return [["Amnesia", `${state}; too few others exist to tell`]];
  const { answered, power, needed } = amnesia;
  const by = answered.length === 0 ? "" : ` (by seat ${answered.join(", ")})`;
  return [
    ["Amnesia", state],
    ["Told", `${power} of ${needed} others that must tell where it stood${by}`],
  ];
}

function haltRows({ halt }: QuorumView): Rows {
  switch (halt?.kind) {
    case undefined:
      return [];
    case "fork":
      return [
        ["Stopped", "for ever: finalisations that exclude each other (fork)"],
        ...halt.certificates.map(
          ({ type, term, entry }) => ["", `${type} certificate of term ${term} for ${entry}`] as const,
        ),
      ];
    case "convictions":
      return [
        ["Stopped", `for ever: ${halt.seats} seats are convicted, ${halt.tolerated} are tolerated (fork)`],
      ];
    case "corrupt":
      return [
        ["Stopped", `the state after height ${halt.height} is not the quorum's (corrupt)`],
        ["", `own root   ${halt.own}`],
        ["", `final root ${halt.finalised}`],
      ];
    default:
      return unreachable(halt);
  }
}

export async function members(session: Session): Promise<void> {
  const list = await session.client.ask("members", {}, "could not list the members");
  session.show(list, () =>
    table(
      session.terminal,
      ["SEAT", "AGENT", "KEY", "POWER", ""],
      list.items.map((one) => [
        String(one.seat),
        short(one.agent),
        short(one.key),
        String(one.power),
        [one.leads && "leads", one.self && "this peer", one.slashed && "slashed"].filter(Boolean).join(", "),
      ]),
      "There are no members.",
    ),
  );
}

interface PageOptions {
  readonly limit: number;
  readonly cursor?: string;
}

export async function log(session: Session, { limit, cursor }: PageOptions): Promise<void> {
  const page = await session.client.ask("log", { query: { limit, cursor } }, "could not read the log");
  session.show(page, () => {
    table(
      session.terminal,
      ["HEIGHT", "ENTRY", "TERM", "LEADER", "TIME", "OPS", "BYTES", "SIGNED BY"],
      page.items.map((one) => [
        String(one.height),
        short(one.id),
        String(one.term),
        String(one.leader),
        clock(one.time),
        String(one.operations),
        String(one.bytes),
        one.signers === null ? "a descendant" : one.signers.join(" "),
      ]),
      "The log is empty.",
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}
