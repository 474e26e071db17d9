// Parts: what one gateway has of a key that several share, and what they lend one another (spec/gateway#parts-and-loans).

/** All of a key's limits, in parts. */
export const WHOLE_PARTS = 1_000;

/** A loan is told in billionths of a key's limits, whole numbers: of every limit the same. */
export const BILLIONTHS_A_PART = 1_000_000;

/** What one gateway has lent another. */
export interface Loan {
  /** billionths of the key's limits, > 0 */
  readonly share: number;
  /** the lender's, 0 to 1,000: so fast a loan flows off there */
  readonly parts: number;
  /** so long what the lender had used before flows off first, ms ≥ 0: by then none of the loan has flowed off as nothing */
  readonly standsMs: number;
  /** its lender had requests that waited, and were held for it */
  readonly isOwed: boolean;
}

/** A loan as it arrives. */
export interface Borrowed extends Loan {
  /** since it was asked for, ms ≥ 0, by the borrower's clock */
  readonly elapsedMs: number;
}

/** How full a gateway's part of a limit is, as others are told. */
export interface ToldLevel {
  readonly dimension: string;
  readonly windowMs: number;
  /** billionths of the key's limit, ≥ 0 */
  readonly level: number;
}

/** What has flowed off of a limit since its pool began: whole part·ms (1,000 parts in a ms: all that flows off in it), of what its gateway used and of what it lent. */
export interface Flowed {
  readonly dimension: string;
  readonly windowMs: number;
  readonly used: number;
  readonly lent: number;
}
