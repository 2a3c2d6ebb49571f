/** What one look at the machine found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  /** `problem`: the platform can't run here; `warning`: it can, with less; `not-checked`: it could not be seen. */
  readonly state: "ok" | "warning" | "problem" | "not-checked";
  /** What was found, in words. */
  readonly what: string;
  readonly fix: string | undefined;
}

const finding = (check: string, state: Finding["state"], what: string, fix?: string): Finding => ({ check, state, what, fix });

export const ok = (check: string, what: string): Finding => finding(check, "ok", what);
export const warning = (check: string, what: string, fix: string): Finding => finding(check, "warning", what, fix);
export const problem = (check: string, what: string, fix: string): Finding => finding(check, "problem", what, fix);
export const notChecked = (check: string, what: string): Finding => finding(check, "not-checked", what);
