-- Creates the database "app" and its roles, or repairs them. It may run at any time.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
\set verifier `cat /run/secrets/OWNER_VERIFIER`
SELECT set_config('jlam.app_owner', :'verifier', false) AS verifier \gset
\set verifier `cat /run/secrets/APPLICATION_VERIFIER`
SELECT set_config('jlam.app_application', :'verifier', false) AS verifier \gset
\set verifier `cat /run/secrets/MONITORING_VERIFIER`
SELECT set_config('jlam.app_monitoring', :'verifier', false) AS verifier \gset
\set verifier `cat /run/secrets/BACKUP_VERIFIER`
SELECT set_config('jlam.app_backup', :'verifier', false) AS verifier \gset
\set verifier `cat /run/secrets/REPLICATION_VERIFIER`
SELECT set_config('jlam.app_replication', :'verifier', false) AS verifier \gset

BEGIN;
DO $role$
DECLARE
  verifier text := current_setting('jlam.app_owner', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role app_owner'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_owner') THEN
    CREATE ROLE app_owner;
  END IF;
  EXECUTE format('ALTER ROLE app_owner LOGIN CONNECTION LIMIT 41 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'app_owner') THEN
    ALTER ROLE app_owner NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'app_owner') THEN
    ALTER ROLE app_owner NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'app_owner') THEN
    ALTER ROLE app_owner NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'app_owner') THEN
    ALTER ROLE app_owner NOREPLICATION;
  END IF;
  IF (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'app_owner') THEN
    ALTER ROLE app_owner NOBYPASSRLS;
  END IF;
  ALTER ROLE app_owner RESET ALL;
END
$role$;
DO $role$
DECLARE
  verifier text := current_setting('jlam.app_application', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role app_application'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_application') THEN
    CREATE ROLE app_application;
  END IF;
  EXECUTE format('ALTER ROLE app_application LOGIN CONNECTION LIMIT 41 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'app_application') THEN
    ALTER ROLE app_application NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'app_application') THEN
    ALTER ROLE app_application NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'app_application') THEN
    ALTER ROLE app_application NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'app_application') THEN
    ALTER ROLE app_application NOREPLICATION;
  END IF;
  IF (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'app_application') THEN
    ALTER ROLE app_application NOBYPASSRLS;
  END IF;
  ALTER ROLE app_application RESET ALL;
  ALTER ROLE app_application SET statement_timeout = '30s';
  ALTER ROLE app_application SET idle_in_transaction_session_timeout = '60s';
END
$role$;
DO $role$
DECLARE
  verifier text := current_setting('jlam.app_monitoring', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role app_monitoring'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_monitoring') THEN
    CREATE ROLE app_monitoring;
  END IF;
  EXECUTE format('ALTER ROLE app_monitoring LOGIN CONNECTION LIMIT 2 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'app_monitoring') THEN
    ALTER ROLE app_monitoring NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'app_monitoring') THEN
    ALTER ROLE app_monitoring NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'app_monitoring') THEN
    ALTER ROLE app_monitoring NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'app_monitoring') THEN
    ALTER ROLE app_monitoring NOREPLICATION;
  END IF;
  IF (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'app_monitoring') THEN
    ALTER ROLE app_monitoring NOBYPASSRLS;
  END IF;
  IF pg_has_role(current_user, 'pg_monitor', 'MEMBER WITH ADMIN OPTION') THEN
    GRANT pg_monitor TO app_monitoring;
  END IF;
  ALTER ROLE app_monitoring RESET ALL;
  ALTER ROLE app_monitoring SET default_transaction_read_only = 'on';
  ALTER ROLE app_monitoring SET statement_timeout = '10s';
END
$role$;
DO $role$
DECLARE
  verifier text := current_setting('jlam.app_backup', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role app_backup'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_backup') THEN
    CREATE ROLE app_backup;
  END IF;
  EXECUTE format('ALTER ROLE app_backup LOGIN CONNECTION LIMIT 3 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'app_backup') THEN
    ALTER ROLE app_backup NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'app_backup') THEN
    ALTER ROLE app_backup NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'app_backup') THEN
    ALTER ROLE app_backup NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'app_backup') THEN
    ALTER ROLE app_backup NOREPLICATION;
  END IF;
  IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) THEN
    ALTER ROLE app_backup BYPASSRLS;
  END IF;
  ALTER ROLE app_backup RESET ALL;
  ALTER ROLE app_backup SET default_transaction_read_only = 'on';
END
$role$;
DO $role$
DECLARE
  verifier text := current_setting('jlam.app_replication', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role app_replication';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_replication') THEN
    CREATE ROLE app_replication;
  END IF;
  EXECUTE format('ALTER ROLE app_replication LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT CONNECTION LIMIT 4 PASSWORD %L', verifier);
END
$role$;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO app_monitoring;
CREATE SCHEMA IF NOT EXISTS monitoring;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA monitoring;
GRANT USAGE ON SCHEMA monitoring TO app_monitoring;
ALTER ROLE app_monitoring IN DATABASE postgres SET search_path = monitoring, public;
ALTER ROLE postgres PASSWORD NULL;
COMMIT;

SELECT EXISTS (SELECT 1 AS missing WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app')) AS missing \gset
\if :missing
CREATE DATABASE app OWNER app_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8';
\endif

\connect app
BEGIN;
REVOKE ALL ON DATABASE app FROM PUBLIC;
GRANT CONNECT ON DATABASE app TO app_application, app_monitoring, app_backup;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO app_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE ON SCHEMAS TO app_application, app_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_application;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE, SELECT ON SEQUENCES TO app_application;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT EXECUTE ON ROUTINES TO app_application;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON TABLES TO app_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON SEQUENCES TO app_backup;
DO $schemas$
DECLARE
  schema name;
BEGIN
  FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname = 'public' OR nspowner = 'app_owner'::regrole LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO app_application, app_backup', schema);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO app_application', schema);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO app_application', schema);
    EXECUTE format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA %I TO app_application', schema);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO app_backup', schema);
    EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO app_backup', schema);
  END LOOP;
END
$schemas$;
COMMIT;
