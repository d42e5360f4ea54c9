-- Versions and authors of rows, so that Core updates count too (patterns 2). An update that writes version 0 leaves it as
-- it is: words of programs are nobody's edit, no form is stale by them, and lists that are followed tell them all the same.
create or replace function core.touch() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  new.row_version := old.row_version + case new.row_version when 0 then 0 else 1 end;
  new.changed_xid := pg_current_xact_id();
  new.updated_at := now();
  new.updated_by_kind := coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system');
  new.updated_by_id := nullif(current_setting('app.actor_id', true), '')::bigint;
  return new;
end $$;

-- The columns that a trigger names may be changed by the role that merges and erases patients, the others by nobody.
create or replace function core.append_only() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  if tg_op = 'UPDATE' and current_user = 'prikus_' || current_database() || '_lifecycle'
      and to_jsonb(new) - coalesce(tg_argv, '{}') = to_jsonb(old) - coalesce(tg_argv, '{}') then
    return new;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- Lists that programs follow say what is gone: rows that are deleted for good leave their number.
create or replace function core.note_gone() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  insert into core.gone_row (clinic_id, table_name, row_id)
    values (old.clinic_id, tg_table_schema || '.' || tg_table_name, old.id);
  return null;
end $$;
