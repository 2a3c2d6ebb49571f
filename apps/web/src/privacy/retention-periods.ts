/** How long data is kept, once: the retention run applies it and the privacy notice says it. */
export const RETENTION = {
  /** Least that Stcrt. 2019, 38007 asks for under NEN 7513, counted from the writing; the database's trigger holds the same. */
  accessLogYears: 5,
  /** A diary after its consent was taken back: as long as erasing an account can be taken back, so that it can be downloaded first. */
  withdrawnDiaryDays: 14,
  /** Notices on the site, after they ended: long enough to look back at an incident. */
  siteMessageDays: 365,
} as const;
