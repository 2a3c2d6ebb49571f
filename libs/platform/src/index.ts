/** What several stacks of JLAM share: images that more than one uses, and the way mail leaves. */
import { image, mail } from "@jlam/compose-dsl";

/** Node's base image, for every program of ours. */
export const node = image("node", "docker.io/library/node:24-trixie-slim");

/** Redis, as the database of sessions and where an older program still wants one. */
export const redisServer = image("redis", "docker.io/library/redis:8.2");

/** Mail to members and to ourselves: caught in local and ci, sent by SMTP elsewhere. */
export const outgoingMail = mail("outgoing", { owner: "platform" });
