/** Every alert that there is. */
import { availability } from "./availability.ts";
import { backups } from "./backups.ts";
import { data } from "./data.ts";
import type { Category, Definition } from "./definition.ts";
import { machine } from "./machine.ts";
import { monitoring } from "./monitoring.ts";
import { objectives } from "./objectives.ts";
import { security } from "./security.ts";
import { traffic } from "./traffic.ts";

export const definitions: readonly Definition[] = [...availability, ...data, ...traffic, ...security, ...objectives, ...machine, ...backups, ...monitoring];

export { deadMansSwitch } from "./monitoring.ts";
export { budgetsOf, type Slo } from "./objectives.ts";

/** The alert of that name. @throws RangeError where there is none */
export function definitionOf(name: string): Definition {
  const found = definitions.find((definition) => definition.name === name);
  if (!found) throw new RangeError(`there is no alert "${name}"; the alerts are ${definitions.map((definition) => definition.name).join(", ")}`);
  return found;
}

/** How often rules of a category are looked at, in seconds: what must page within 30 s needs more than two looks. */
export const evaluationSeconds = (category: Category): number => (category === "availability" || category === "data" ? 10 : 15);
