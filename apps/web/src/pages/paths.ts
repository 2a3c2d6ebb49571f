/** Addresses that more than one page leads to. */
export const SIGN_IN_PATH = "/inloggen";
export const SIGN_OUT_PATH = "/uitloggen";
export const ACCOUNT_PATH = "/account";
export const DIARY_PATH = "/dagboek";
export const CONSENT_PATH = "/toestemming";
