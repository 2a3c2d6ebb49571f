/** A unit can't be forgotten, misspelt, or taken for another. Checked by tsc alone. */
import { bytes, duration, gib, mib, seconds, service } from "../index.ts";
import { basis } from "../testing/platform.fixture.ts";

duration("30s");
duration("1.5h");
duration(seconds(30));
bytes("512M");
bytes(gib(1));

// @ts-expect-error words are no units
duration("30 sec");

// @ts-expect-error a number alone could be anything
duration("30");

// @ts-expect-error nor does a number say what it counts
duration(30);

// @ts-expect-error Compose writes sizes so, the model doesn't
bytes("512mb");

// @ts-expect-error a duration is no size
bytes("30s");

// @ts-expect-error a size is no duration
duration(mib(512));

// @ts-expect-error memory without a unit
service("web", { ...basis, resources: { memory: "512", cpus: 1 } });

// @ts-expect-error a grace period in words
service("web", { ...basis, stopGrace: "10 sec" });
