/** An application without a group would be open to every account. Checked by tsc alone. */
import { forwardAuth, oidc } from "../index.ts";

oidc({ callback: "/callback", groups: ["members"] });
forwardAuth({ groups: ["operators", "administrators"] });

// @ts-expect-error no groups are said
oidc({ callback: "/callback" });

// @ts-expect-error a list without a group
oidc({ callback: "/callback", groups: [] });

// @ts-expect-error a wall for nobody in particular
forwardAuth({});

// @ts-expect-error a wall with a list without a group
forwardAuth({ groups: [] });

// @ts-expect-error a callback is needed to come back
oidc({ groups: ["members"] });
