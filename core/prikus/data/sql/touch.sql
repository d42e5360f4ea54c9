-- Versions and authors of rows, so that Core updates count too (patterns 2).
create or replace function core.touch() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  new.row_version := old.row_version + 1;
  new.changed_xid := pg_current_xact_id();
  new.updated_at := now();
  new.updated_by_kind := coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system');
  new.updated_by_id := nullif(current_setting('app.actor_id', true), '')::bigint;
  return new;
end $$;

create or replace function core.append_only() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
