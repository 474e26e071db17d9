export type VotingRules = {};
