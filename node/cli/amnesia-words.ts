// What an operator must know before it lets a seat in amnesia sign again, in `--help` and before the question.

export const AMNESIA_RISK = [
  "This seat may have signed messages that it no longer knows: its store was lost or damaged, or is an older copy.",
  "If it signs again, it may contradict them. Whoever holds both can convict it: its bond is burned, and a log that",
  "few members sign can fork. It is safe only if nobody has received what it signed after the store that it has now.",
] as const;

export const AMNESIA_HELP = `A seat in amnesia signs nothing until others have told where it stood; \`mabeam quorum status\` counts their
answers. In a quorum of one or two members there are too few others, and the operator's word is all there is.

${AMNESIA_RISK.join("\n")}`;
