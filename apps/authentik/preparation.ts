/**
 * What runs before Authentik's server and worker, in a container of the same image: it migrates the database, lets
 * Authentik make what it makes at every start, applies the blueprints in their order and sets what no blueprint can.
 */

import { firstAdministrator } from "./blueprints/groups.ts";

/** Name of the secret that holds the first administrator's password. */
export const administratorPassword = "ADMINISTRATOR_PASSWORD";

/** Where the container finds the program. Its working directory is /, from which Python finds it as `jlam.prepare`. */
export const preparationPath = "/jlam/prepare.py";

/**
 * How long events are kept. A choice: long enough to look into what was noticed weeks later, and no longer, since they
 * hold names and addresses. Authentik's own default is a year.
 */
const eventRetention = "days=90";

/** Authentik's own blueprints that ours refer to: the scopes of both kinds of applications. */
const ofAuthentik = ["system/providers-oauth2.yaml", "system/providers-proxy.yaml"] as const;

/**
 * The command of the preparation for these blueprint files, named as Authentik names them: below /blueprints, in the order
 * in which they need one another.
 */
export const preparationCommand = (files: readonly string[]): readonly [string, ...string[]] => ["python", "-m", "jlam.prepare", ...ofAuthentik, ...files];

/**
 * The program, in the language of what it calls: Authentik's own start-up and its command `apply_blueprint`, which ends
 * the program with 1 and the reason for a blueprint that is not valid.
 */
export const preparation = `"""Prepares Authentik's database: migrations, blueprints in the order of the arguments, settings."""

import sys
from pathlib import Path

from authentik.root.setup import setup
from lifecycle.migrate import run_migrations
from lifecycle.wait_for_db import wait_for_db

setup()
wait_for_db()
run_migrations()

# Django's models can only be imported once it is set up, which the migrations do.
from django.core.management import call_command

from authentik.core.models import User
from authentik.root.signals import startup
from authentik.tenants.models import Tenant

# Its signing key and its embedded outpost, which blueprints refer to.
startup.send(sender=None)

for path in sys.argv[1:]:
    print(f"applying {path}", flush=True)
    call_command("apply_blueprint", path)

# Only where it is another: to set it ends all sessions of the account.
administrator = User.objects.get(username="${firstAdministrator}")
password = Path("/run/secrets/${administratorPassword}").read_text()
if not administrator.check_password(password):
    administrator.set_password(password)
    administrator.save()

# Events that somebody caused go with their account; the others when they are old.
Tenant.objects.filter(ready=True).update(event_retention="${eventRetention}", gdpr_compliance=True)
print("prepared", flush=True)
`;
