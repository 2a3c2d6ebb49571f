/** What every service of this stack says of itself. */
import { forwardAuth, notBackedUp, volume, type Volume } from "@jlam/compose-dsl";

export const operations = { owner: "platform", zone: "operations" } as const;

/** Behind the wall, for those who run the platform. */
export const forOperators = forwardAuth({ groups: ["administrators", "operators"] });

/** And for programs of theirs that ask for figures or announce silences. */
export const forOperatorsAndMachines = forwardAuth({ groups: ["administrators", "operators"], machines: true });

/** BusyBox' wget, which images of the Prometheus project have. */
export const wget = ["wget", "-q", "-O", "/dev/null"] as const;

/** The user `nobody` of those images. */
export const nobody = "65534:65534";

/** Figures and logs that nobody restores: after a disaster they begin anew. */
export const kept = (name: string, what: string): Volume => volume(name, { holds: "measurements", backup: notBackedUp(`${what} that nobody restores after a disaster`) });

/** Images that hold one program and nothing that could ask it anything. */
export const asksNothing = { "health-check": "the image holds nothing but the program; Prometheus asks it every 15 s instead" } as const;
