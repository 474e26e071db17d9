export type Evidence = {};
