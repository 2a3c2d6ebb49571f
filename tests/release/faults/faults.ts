/** Everything that can go wrong in a release, as a table: how it is made to, and what must come of it. */
import type { Fault } from "./fault.ts";
import { hostFaults } from "./hosts.ts";
import { kills } from "./kills.ts";
import { peopleFaults } from "./people.ts";
import { releaseFaults } from "./releases.ts";
import { wayFaults } from "./ways.ts";

export const faults: readonly Fault[] = [...releaseFaults, ...hostFaults, ...wayFaults, ...peopleFaults, ...kills];
