"""Prepares Authentik's database: migrations, blueprints in the order of the arguments, settings."""

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
administrator = User.objects.get(username="akadmin")
password = Path("/run/secrets/ADMINISTRATOR_PASSWORD").read_text()
if not administrator.check_password(password):
    administrator.set_password(password)
    administrator.save()

# Events that somebody caused go with their account; the others when they are old.
Tenant.objects.filter(ready=True).update(event_retention="days=90", gdpr_compliance=True)
print("prepared", flush=True)
