/** Exit codes that the commands of releases share, beside 0, 1 (it failed) and 2 (the command line isn't understood). */

/** A gate stayed closed, or the plan is blocked; nothing was done. */
export const refusedCode = 3;
/** A journal was changed, or a signature is missing. */
export const tamperedCode = 4;

/** What a command's help says of its exit codes. */
export const exitCodesHelp = (codes: Readonly<Record<number, string>>): string => `\nExit codes:\n${Object.entries(codes).map(([code, meaning]) => `  ${code}  ${meaning}`).join("\n")}`;
