// What stands between agents and the upstream: the policy that is judged.
import type { CallFigures } from "../../upstream/load.js";
import type { CallRecord } from "./call-record.js";
import type { Member } from "./crowd.js";

/** One try of a client's to have a call answered. */
export interface Knock<Call extends CallFigures = CallFigures> {
  /** of this try alone */
  readonly id: string;
  readonly member: Member;
  /** which of the member's lanes: a conversation of its own */
  readonly lane: number;
  readonly call: Call;
  readonly record: CallRecord;
  /** how often the client tried before */
  readonly repeated: number;
  /** the client's patience ends */
  readonly untilMs: number;
}

export type Reply =
  | { readonly kind: "answered" }
  /** status 429; `retryMs` null: it does not say when */
  | { readonly kind: "refused"; readonly retryMs: number | null }
  /** an error that a client does not try again */
  | { readonly kind: "error" };

export interface Door<Call extends CallFigures = CallFigures> {
  knock(one: Knock<Call>): Promise<Reply>;
}
