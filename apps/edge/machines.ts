/** Programs that come with a password instead of a session, where a service lets them in. */
import { createHash } from "node:crypto";
import { derived, generated, machines, type DynamicConfiguration, type Secret, type Surroundings } from "@jlam/compose-dsl";

/** Traefik's secret that lists who may come, in the form of htpasswd. */
const machineUsers = "MACHINE_USERS";

/** Plain SHA-1 is one of the forms that Traefik takes; it is enough for a password of 32 random bytes, and for no other. */
const list = derived({ password: generated({ bytes: 32, sharedAs: "machine-password" }) }, ({ password }) => `${machines.user}:{SHA}${createHash("sha1").update(password).digest("base64")}\n`);

/** Whether a service of the environment lets machines in. */
export const letsMachinesIn = ({ services }: Pick<Surroundings, "services">): boolean => services.some(({ signIn }) => signIn?.kind === "forward-auth" && signIn.machines);

/** The list, where it is needed. */
export const machineSecrets = (around: Pick<Surroundings, "services">): Readonly<Record<string, Secret>> => (letsMachinesIn(around) ? { [machineUsers]: list } : {});

/** What is behind gets no password: it would only be one more place that could tell it. */
export const machinePassword: DynamicConfiguration = { http: { middlewares: { [machines.middleware]: { basicAuth: { usersFile: `/run/secrets/${machineUsers}`, removeHeader: true } } } } };
