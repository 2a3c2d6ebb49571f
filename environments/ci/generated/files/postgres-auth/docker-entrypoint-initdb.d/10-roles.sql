-- Creates the database "auth" and its roles, or repairs them. It may run at any time.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
\set verifier `cat /run/secrets/OWNER_VERIFIER`
SELECT set_config('jlam.auth_owner', :'verifier', false) AS verifier \gset
\set verifier `cat /run/secrets/APPLICATION_VERIFIER`
SELECT set_config('jlam.auth_application', :'verifier', false) AS verifier \gset
\set verifier `cat /run/secrets/MONITORING_VERIFIER`
SELECT set_config('jlam.auth_monitoring', :'verifier', false) AS verifier \gset
\set verifier `cat /run/secrets/BACKUP_VERIFIER`
SELECT set_config('jlam.auth_backup', :'verifier', false) AS verifier \gset

BEGIN;
DO $role$
DECLARE
  verifier text := current_setting('jlam.auth_owner', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role auth_owner'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_owner') THEN
    CREATE ROLE auth_owner;
  END IF;
  EXECUTE format('ALTER ROLE auth_owner LOGIN CONNECTION LIMIT 28 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'auth_owner') THEN
    ALTER ROLE auth_owner NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'auth_owner') THEN
    ALTER ROLE auth_owner NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'auth_owner') THEN
    ALTER ROLE auth_owner NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'auth_owner') THEN
    ALTER ROLE auth_owner NOREPLICATION;
  END IF;
  IF (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'auth_owner') THEN
    ALTER ROLE auth_owner NOBYPASSRLS;
  END IF;
  ALTER ROLE auth_owner RESET ALL;
END
$role$;
DO $role$
DECLARE
  verifier text := current_setting('jlam.auth_application', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role auth_application'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_application') THEN
    CREATE ROLE auth_application;
  END IF;
  EXECUTE format('ALTER ROLE auth_application LOGIN CONNECTION LIMIT 28 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'auth_application') THEN
    ALTER ROLE auth_application NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'auth_application') THEN
    ALTER ROLE auth_application NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'auth_application') THEN
    ALTER ROLE auth_application NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'auth_application') THEN
    ALTER ROLE auth_application NOREPLICATION;
  END IF;
  IF (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'auth_application') THEN
    ALTER ROLE auth_application NOBYPASSRLS;
  END IF;
  ALTER ROLE auth_application RESET ALL;
  ALTER ROLE auth_application SET statement_timeout = '30s';
  ALTER ROLE auth_application SET idle_in_transaction_session_timeout = '60s';
END
$role$;
DO $role$
DECLARE
  verifier text := current_setting('jlam.auth_monitoring', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role auth_monitoring'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_monitoring') THEN
    CREATE ROLE auth_monitoring;
  END IF;
  EXECUTE format('ALTER ROLE auth_monitoring LOGIN CONNECTION LIMIT 2 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'auth_monitoring') THEN
    ALTER ROLE auth_monitoring NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'auth_monitoring') THEN
    ALTER ROLE auth_monitoring NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'auth_monitoring') THEN
    ALTER ROLE auth_monitoring NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'auth_monitoring') THEN
    ALTER ROLE auth_monitoring NOREPLICATION;
  END IF;
  IF (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'auth_monitoring') THEN
    ALTER ROLE auth_monitoring NOBYPASSRLS;
  END IF;
  IF pg_has_role(current_user, 'pg_monitor', 'MEMBER WITH ADMIN OPTION') THEN
    GRANT pg_monitor TO auth_monitoring;
  END IF;
  ALTER ROLE auth_monitoring RESET ALL;
  ALTER ROLE auth_monitoring SET default_transaction_read_only = 'on';
  ALTER ROLE auth_monitoring SET statement_timeout = '10s';
END
$role$;
DO $role$
DECLARE
  verifier text := current_setting('jlam.auth_backup', true);
BEGIN
  IF verifier IS NULL OR verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
    RAISE EXCEPTION 'no SCRAM verifier was given for role auth_backup'
      USING HINT = 'Its secret file is missing, empty, or holds a plain password.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_backup') THEN
    CREATE ROLE auth_backup;
  END IF;
  EXECUTE format('ALTER ROLE auth_backup LOGIN CONNECTION LIMIT 3 PASSWORD %L', verifier);
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = 'auth_backup') THEN
    ALTER ROLE auth_backup NOSUPERUSER;
  END IF;
  IF (SELECT rolcreatedb FROM pg_roles WHERE rolname = 'auth_backup') THEN
    ALTER ROLE auth_backup NOCREATEDB;
  END IF;
  IF (SELECT rolcreaterole FROM pg_roles WHERE rolname = 'auth_backup') THEN
    ALTER ROLE auth_backup NOCREATEROLE;
  END IF;
  IF (SELECT rolreplication FROM pg_roles WHERE rolname = 'auth_backup') THEN
    ALTER ROLE auth_backup NOREPLICATION;
  END IF;
  IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) THEN
    ALTER ROLE auth_backup BYPASSRLS;
  END IF;
  ALTER ROLE auth_backup RESET ALL;
  ALTER ROLE auth_backup SET default_transaction_read_only = 'on';
END
$role$;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO auth_monitoring;
CREATE SCHEMA IF NOT EXISTS monitoring;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA monitoring;
GRANT USAGE ON SCHEMA monitoring TO auth_monitoring;
ALTER ROLE auth_monitoring IN DATABASE postgres SET search_path = monitoring, public;
ALTER ROLE postgres PASSWORD NULL;
COMMIT;

SELECT EXISTS (SELECT 1 AS missing WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'auth')) AS missing \gset
\if :missing
CREATE DATABASE auth OWNER auth_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8';
\endif

\connect auth
BEGIN;
REVOKE ALL ON DATABASE auth FROM PUBLIC;
GRANT CONNECT ON DATABASE auth TO auth_application, auth_monitoring, auth_backup;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO auth_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT USAGE ON SCHEMAS TO auth_application, auth_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO auth_application;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT USAGE, SELECT ON SEQUENCES TO auth_application;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT EXECUTE ON ROUTINES TO auth_application;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT SELECT ON TABLES TO auth_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT SELECT ON SEQUENCES TO auth_backup;
DO $schemas$
DECLARE
  schema name;
BEGIN
  FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname = 'public' OR nspowner = 'auth_owner'::regrole LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO auth_application, auth_backup', schema);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO auth_application', schema);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO auth_application', schema);
    EXECUTE format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA %I TO auth_application', schema);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO auth_backup', schema);
    EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO auth_backup', schema);
  END LOOP;
END
$schemas$;
COMMIT;
