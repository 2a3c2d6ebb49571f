/** What the rotation of a secret consists of, by its kind. Pure: the plan is shown before anything is done. */
import { loginName } from "@jlam/postgres/roles";
import type { WantedSecret } from "../wanted.ts";

export const stepNames = ["add", "open", "switch", "deploy", "verify", "revoke"] as const;
export type StepName = (typeof stepNames)[number];

/**
 * - `database-login`: two logins of one role, each with its password.
 * - `issued-elsewhere`: whoever issues it lets two live beside each other until the old one is revoked there.
 * - `replaced`: all consumers change at once, in one deploy; the old value is kept for a rollback until it is revoked.
 */
type RotationKind = "database-login" | "issued-elsewhere" | "replaced";

export interface Step {
  readonly name: StepName;
  /** What is done, as a sentence without its full stop. */
  readonly what: string;
  /** `jlam` does it by itself; a `person` (or the release machine) does it, and says so. */
  readonly by: "jlam" | "person";
}

const rotationKind = ({ login, kind }: Pick<WantedSecret, "login" | "kind">): RotationKind =>
  login !== undefined ? "database-login" : kind === "provided" ? "issued-elsewhere" : "replaced";

/** The steps from one version to the next, in their order. Until the last one the way back is open. */
export function rotationSteps(secret: Pick<WantedSecret, "id" | "kind" | "login" | "consumers">, from: number, to: number): readonly Step[] {
  const { id, login } = secret;
  const consumers = secret.consumers.length === 0 ? "whoever uses it" : secret.consumers.join(", ");
  const step = (name: StepName, by: Step["by"], what: string): Step => ({ name, by, what });
  const add = step("add", "jlam", `seal version ${to} of ${id} beside version ${from}, which stays in use`);
  const change = step("switch", "jlam", `give consumers version ${to} from the next deploy on`);
  const deploy = step("deploy", "person", `commit, and deploy ${consumers}`);
  const kind = rotationKind(secret);
  switch (kind) {
    case "database-login": {
      const [old, next] = login === undefined ? ["", ""] : [loginName(login.database, login.kind, from), loginName(login.database, login.kind, to)];
      return [
        add,
        step("open", "jlam", `open the login ${next} on the database, beside ${old}`),
        change,
        deploy,
        step("verify", "jlam", `${next} can sign in, and ${old} has no session any more`),
        step("revoke", "jlam", `close the login ${old}, and forget version ${from}`),
      ];
    }
    case "issued-elsewhere":
      return [
        add,
        change,
        deploy,
        step("verify", "person", `see that ${consumers} work with version ${to}`),
        step("revoke", "person", `revoke version ${from} at whoever issued it; jlam then forgets it`),
      ];
    case "replaced":
      return [
        add,
        change,
        deploy,
        step("verify", "person", `see that ${consumers} work with version ${to}`),
        step("revoke", "jlam", `forget version ${from}`),
      ];
  }
}
