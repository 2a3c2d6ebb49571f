/** Nobody keeps data without saying what it is and what saves it. Checked by tsc alone. */
import { backedUp, coveredBy, notBackedUp, objectStore, postgres, volume } from "../index.ts";

const backup = notBackedUp("a test");
const owner = "platform";
const database = postgres("app", { owner, holds: "medical-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }) });
volume("files", { holds: "medical-data", backup: coveredBy(database) });

// @ts-expect-error a volume without a data class
volume("files", { backup });

// @ts-expect-error a volume without a backup decision
volume("files", { holds: "medical-data" });

// @ts-expect-error a resource without a data class
postgres("app", { owner, backup });

// @ts-expect-error a resource without a backup decision
postgres("app", { owner, holds: "medical-data" });

// @ts-expect-error a resource without an owner
objectStore("files", { holds: "medical-data", backup });

// @ts-expect-error a class that nobody knows
volume("files", { holds: "data", backup });

// @ts-expect-error not to back up needs a reason
volume("files", { holds: "medical-data", backup: notBackedUp() });

// @ts-expect-error a backup promises both how much may be lost and how long it takes
backedUp({ loseAtMost: "24h" });
