// When a peer counts as catching up.

/** Entries behind what a certificate has shown that a peer may be in the ordinary course of things. */
const MARGIN = 8;

export const isFarBehind = (shownHeight: number, ownHeight: number): boolean =>
  shownHeight > ownHeight + MARGIN;
