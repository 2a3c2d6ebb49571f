import type { Migration } from "../migration.ts";
import { siteMessage } from "./0001-site-message.ts";
import { member } from "./0002-member.ts";
import { diary } from "./0003-diary.ts";
import { consent } from "./0004-consent.ts";
import { accessRecord } from "./0005-access-record.ts";
import { erasure } from "./0006-erasure.ts";
import { retention } from "./0007-retention.ts";
import { namesAtProvider } from "./0008-names-at-provider.ts";
import { withdrawnDiaries } from "./0009-withdrawn-diaries.ts";

/** Every step of the schema, in order. A new step is a new file and a line here. */
export const migrations: readonly Migration[] = [siteMessage, member, diary, consent, accessRecord, erasure, retention, namesAtProvider, withdrawnDiaries];
