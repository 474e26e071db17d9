// How a rule says no. Codes are stable: people, programs and tests rely on them.

/** A refusal: its code, and the facts it rests on (amounts as decimal text). */
export interface Rejection<Code extends string = string> {
  readonly code: Code;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

export const reject = <Code extends string>(
  code: Code,
  detail: Rejection["detail"] = {},
): Rejection<Code> => ({ code, detail });
