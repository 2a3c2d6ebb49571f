/** What several stacks of JLAM share: images that more than one uses, and the way mail leaves. */
import { image, mail } from "@jlam/compose-dsl";

/** Node's base image, for every program of ours. */
export const node = image("node", "docker.io/library/node:24-trixie-slim");

/** Mail to members and to ourselves: caught in local and ci, sent by SMTP elsewhere. */
export const outgoingMail = mail("outgoing", { owner: "platform" });
