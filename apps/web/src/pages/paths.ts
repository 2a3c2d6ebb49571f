/** Addresses that more than one page leads to. */
export const SIGN_IN_PATH = "/inloggen";
export const SIGN_OUT_PATH = "/uitloggen";
export const ACCOUNT_PATH = "/account";
export const DIARY_PATH = "/dagboek";
export const CONSENT_PATH = "/toestemming";
export const DIARY_API_PATH = "/api/dagboek";
export const ACCESS_PATH = "/account/inzage";
export const ERASURE_PATH = "/account/verwijderen";
/** Where an erasure is taken back. */
export const STAY_PATH = "/account/behouden";
/** With .json or .csv behind it. */
export const EXPORT_PATH = "/account/export";
export const PRIVACY_PATH = "/privacy";
export const OPERATORS_PATH = "/beheer";

/** The way to one's own pages, at the top of each of them. */
export const ACCOUNT = { href: ACCOUNT_PATH, text: "Mijn account" } as const;
