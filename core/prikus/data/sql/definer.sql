-- The only ways of the application to tables without a clinic. Owned by the definer role; each names its rows itself.
-- Applied again at every upgrade; a changed signature gets a new name, since N and N-1 run together.

create or replace function core.enter(p_key bytea, p_touch boolean, out session_id bigint, out account_id bigint,
    out clinic_id bigint, out staff_id bigint, out auth_level int, out state_version bigint)
returns setof record language plpgsql security definer set search_path = core, pg_temp as $$
begin
  return query
    select s.id, s.account_id, s.clinic_id, s.staff_id, s.auth_level, c.state_version
    from session s left join clinic c on c.id = s.clinic_id
    where s.key_hash = p_key and s.expires_at > now() and s.seen_at > now() - interval '30 minutes';
  if p_touch then
    update session s set seen_at = now() where s.key_hash = p_key and s.seen_at < now() - interval '1 minute';
  end if;
end $$;

create or replace function core.account_for_sign_in(p_email text, out account_id bigint, out password_hash text, out wait_seconds int)
returns setof record language sql security definer set search_path = core, pg_temp as $$
  select id, password_hash, greatest(0, ceil(extract(epoch from wait_until - now())))::int from account where email = p_email
$$;

create or replace function core.note_sign_in(p_account bigint, p_ok boolean)
returns void language sql security definer set search_path = core, pg_temp as $$
  update account set failures = case when p_ok then 0 else failures + 1 end,
    wait_until = case when p_ok or failures < 2 then null
      else now() + least(interval '1 second' * power(2, failures - 2), interval '90 seconds') end
  where id = p_account
$$;

create or replace function core.account_to_prove(p_key bytea, out account_id bigint, out password_hash text, out wait_seconds int)
returns setof record language sql security definer set search_path = core, pg_temp as $$
  select a.id, a.password_hash, greatest(0, ceil(extract(epoch from a.wait_until - now())))::int
  from session s join account a on a.id = s.account_id where s.key_hash = p_key and s.expires_at > now()
$$;

create or replace function core.note_proof(p_key bytea)
returns void language sql security definer set search_path = core, pg_temp as $$
  update session set proved_at = now() where key_hash = p_key
$$;

create or replace function core.is_proved(p_session bigint, p_minutes int)
returns boolean language sql security definer set search_path = core, pg_temp as $$
  select exists (select 1 from session where id = p_session
    and clinic_id = current_setting('app.clinic_id')::bigint and proved_at > now() - make_interval(mins => p_minutes))
$$;

create or replace function core.memberships(p_account bigint, out clinic_id bigint, out clinic_name text, out staff_id bigint)
returns setof record language sql security definer set search_path = core, pg_temp as $$
  select c.id, c.name, s.id from staff_member s join clinic c on c.id = s.clinic_id
  where s.account_id = p_account and s.deleted_at is null order by c.name
$$;

create or replace function core.open_session(p_key bytea, p_account bigint, p_clinic bigint, p_staff bigint, p_level int,
    p_address text, p_browser text)
returns bigint language plpgsql security definer set search_path = core, pg_temp as $$
declare v_id bigint;
begin
  if p_clinic is not null and not exists (select 1 from staff_member where clinic_id = p_clinic and id = p_staff
      and account_id = p_account and deleted_at is null) then
    raise exception 'not a member of this clinic' using errcode = 'insufficient_privilege';
  end if;
  insert into session (key_hash, account_id, clinic_id, staff_id, auth_level, expires_at, address, browser)
  values (p_key, p_account, p_clinic, p_staff, p_level, now() + interval '12 hours', p_address, p_browser)
  returning id into v_id;
  return v_id;
end $$;

create or replace function core.close_session(p_key bytea)
returns void language sql security definer set search_path = core, pg_temp as $$
  delete from session where key_hash = p_key
$$;

create or replace function core.close_sessions_of_staff(p_staff bigint)
returns void language sql security definer set search_path = core, pg_temp as $$
  delete from session where clinic_id = current_setting('app.clinic_id')::bigint and staff_id = p_staff
$$;

create or replace function core.invite(p_email text, p_key bytea, out account_id bigint, out is_new boolean)
language plpgsql security definer set search_path = core, pg_temp as $$
begin
  insert into account (email) values (p_email) on conflict (email) do nothing;
  select a.id, a.password_hash is null into account_id, is_new from account a where a.email = p_email;
  if is_new then
    insert into one_use_link (key_hash, account_id, expires_at) values (p_key, account_id, now() + interval '72 hours');
  end if;
end $$;

create or replace function core.link_account(p_key bytea, out account_id bigint, out email text)
returns setof record language sql security definer set search_path = core, pg_temp as $$
  select a.id, a.email from one_use_link l join account a on a.id = l.account_id
  where l.key_hash = p_key and l.used_at is null and l.expires_at > now()
$$;

create or replace function core.use_link(p_key bytea, p_password_hash text)
returns bigint language plpgsql security definer set search_path = core, pg_temp as $$
declare v_account bigint;
begin
  update one_use_link set used_at = now() where key_hash = p_key and used_at is null and expires_at > now()
    returning account_id into v_account;
  if v_account is not null then
    update account set password_hash = p_password_hash, failures = 0, wait_until = null where id = v_account;
    update one_use_link set used_at = now() where account_id = v_account and used_at is null;
    delete from session where account_id = v_account;
  end if;
  return v_account;
end $$;

create or replace function core.clinic_state(out id bigint, out slug text, out name text, out currency text, out time_zone text,
    out locale text, out state_version bigint, out plan_code text, out plan_title text, out ends_on date, out state text, out plan_plugins text[])
language sql security definer set search_path = core, pg_temp as $$
  select c.id, c.slug, c.name, c.currency, c.time_zone, c.locale, c.state_version, p.code, p.title, s.ends_on, s.state,
    coalesce((select array_agg(plugin_id order by plugin_id) from plan_plugin where plan_id = p.id), '{}')
  from clinic c left join subscription s on s.clinic_id = c.id left join subscription_plan p on p.id = s.plan_id
  where c.id = current_setting('app.clinic_id')::bigint
$$;

-- Bytes that the clinic's plan gives, null without a limit.
create or replace function core.disk_quota()
returns bigint language sql security definer set search_path = core, pg_temp as $$
  select p.disk from subscription s join subscription_plan p on p.id = s.plan_id
  where s.clinic_id = current_setting('app.clinic_id')::bigint
$$;

create or replace function core.bump_state()
returns bigint language sql security definer set search_path = core, pg_temp as $$
  update clinic set state_version = state_version + 1 where id = current_setting('app.clinic_id')::bigint returning state_version
$$;

create or replace function core.enqueue(p_kinds text[], p_ref bigint, p_due timestamptz)
returns bigint[] language sql security definer set search_path = core, pg_temp as $$
  with made as (
    insert into work (clinic_id, kind, ref, due)
    select current_setting('app.clinic_id')::bigint, kind, p_ref, p_due from unnest(p_kinds) kind returning id)
  select coalesce(array_agg(id), '{}') from made
$$;

-- The heads of one event. Those of ordered listeners know what they are in order of.
create or replace function core.deliver(p_kinds text[], p_ordered text[], p_ref bigint, p_aggregate text, p_seq int)
returns bigint[] language sql security definer set search_path = core, pg_temp as $$
  with made as (
    insert into work (clinic_id, kind, ref, aggregate, aggregate_seq)
    select current_setting('app.clinic_id')::bigint, kind, p_ref, case when kind = any (p_ordered) then p_aggregate end,
      case when kind = any (p_ordered) then p_seq end
    from unnest(p_kinds) kind returning id)
  select coalesce(array_agg(id), '{}') from made
$$;

create or replace function core.finish(p_work bigint, p_attempt int)
returns boolean language sql security definer set search_path = core, pg_temp as $$
  with gone as (delete from work where id = p_work and attempt = p_attempt and state = 'running'
    and clinic_id = current_setting('app.clinic_id')::bigint returning 1)
  select exists (select 1 from gone)
$$;

-- Lays work aside unless what is on for the clinic has changed since it was looked at. Whoever is changing it now is
-- waited for: either their `unpark` finds this work, or this finds their version.
create or replace function core.park(p_work bigint, p_attempt int, p_version bigint)
returns boolean language plpgsql security definer set search_path = core, pg_temp as $$
begin
  perform 1 from clinic c where c.id = (select clinic_id from work where id = p_work)
    and c.state_version = p_version for share;
  if not found then
    return false;
  end if;
  update work set state = 'parked', lease_until = null, error = null
    where id = p_work and attempt = p_attempt and state = 'running';
  -- What waits for its turn behind parked work would be looked at by every claim.
  update work w set state = 'parked', error = null from work p
    where p.id = p_work and p.aggregate is not null and w.clinic_id = p.clinic_id and w.kind = p.kind and w.state = 'due';
  return true;
end $$;

create or replace function core.unpark(p_kinds text[])
returns bigint[] language sql security definer set search_path = core, pg_temp as $$
  with woken as (
    update work set state = 'due', due = now() where state = 'parked' and kind = any (p_kinds)
      and clinic_id = current_setting('app.clinic_id')::bigint returning id)
  select coalesce(array_agg(id), '{}') from woken
$$;

-- Finds are gathered by the index of trigrams and sorted then: left to itself, the planner walks the clinic in the order of
-- names, since it does not know that finds stand together there. Two letters are no trigram, but are met soon on that walk.
create or replace function core.find_patients(p_words text[], p_digits text, p_limit int, out id bigint)
returns setof bigint language plpgsql security definer rows 10 set search_path = core, public, pg_temp as $$
declare has_trigram boolean := length(p_digits) > 2 or exists (select 1 from unnest(p_words) word where length(word) > 2);
begin
  return query execute
    'select f.id from (select p.id, p.sort_name from patient p where p.clinic_id = $1 and p.deleted_at is null'
    || coalesce((select string_agg(format(' and p.search_name like %L', '%' || word || '%'), '') from unnest(p_words) word), '')
    || case when p_digits <> '' then format(' and p.phone_digits like %L', '%' || p_digits || '%') else '' end
    || case when has_trigram then ' offset 0' else '' end
    || ') f order by f.sort_name, f.id limit $2'
    using current_setting('app.clinic_id')::bigint, p_limit;
end $$;

create or replace function core.delete_expired()
returns int language sql security definer set search_path = core, pg_temp as $$
  with gone as (delete from session where expires_at < now() returning 1),
    links as (delete from one_use_link where expires_at < now() - interval '30 days' returning 1)
  select (select count(*) from gone)::int + (select count(*) from links)::int
$$;

create or replace function core.staff_without_password()
returns setof bigint language sql stable security definer set search_path = core, pg_temp as $$
  select s.id from staff_member s join account a on a.id = s.account_id
  where s.clinic_id = current_setting('app.clinic_id')::bigint and a.password_hash is null
$$;

create or replace function core.waits_elsewhere(p_account bigint)
returns boolean language sql security definer set search_path = core, pg_temp as $$
  select exists (select 1 from staff_member s join account a on a.id = s.account_id
    where a.id = p_account and a.password_hash is null and s.deleted_at is null
      and s.clinic_id <> current_setting('app.clinic_id')::bigint)
$$;

create or replace function core.reissue_link(p_staff bigint, p_key bytea)
returns boolean language plpgsql security definer set search_path = core, pg_temp as $$
declare v_account bigint;
begin
  select a.id into v_account from staff_member s join account a on a.id = s.account_id
    where s.clinic_id = current_setting('app.clinic_id')::bigint and s.id = p_staff and s.deleted_at is null
      and a.password_hash is null;
  if v_account is null then
    return false;
  end if;
  update one_use_link set used_at = now() where account_id = v_account and used_at is null;
  insert into one_use_link (key_hash, account_id, expires_at) values (p_key, v_account, now() + interval '72 hours');
  return true;
end $$;

create or replace function core.set_time_zone(p_zone text)
returns void language sql security definer set search_path = core, pg_temp as $$
  update clinic set time_zone = p_zone, state_version = state_version + 1
  where id = current_setting('app.clinic_id')::bigint
$$;

create or replace function core.find_webhook(p_hash bytea, out clinic_id bigint, out connection_id bigint, out state_version bigint)
returns setof record language sql security definer set search_path = core, pg_temp as $$
  select w.clinic_id, w.connection_id, c.state_version from webhook_address w join clinic c on c.id = w.clinic_id
  where w.token_hash = p_hash
$$;

create or replace function core.set_webhook(p_connection bigint, p_hash bytea)
returns void language sql security definer set search_path = core, pg_temp as $$
  delete from webhook_address where clinic_id = current_setting('app.clinic_id')::bigint and connection_id = p_connection;
  insert into webhook_address (token_hash, clinic_id, connection_id)
  select p_hash, clinic_id, id from connection
  where clinic_id = current_setting('app.clinic_id')::bigint and id = p_connection and p_hash is not null
$$;

create or replace function core.count_work(p_kinds text[], out kind text, out state text, out count bigint)
returns setof record language sql security definer set search_path = core, pg_temp as $$
  select w.kind, w.state, count(*) from work w
  where w.clinic_id = current_setting('app.clinic_id')::bigint and w.kind = any(p_kinds) group by w.kind, w.state
$$;

create or replace function core.retry_work(p_kinds text[])
returns bigint language sql security definer set search_path = core, pg_temp as $$
  with again as (update work set state = 'due', due = now(), attempt = 0, lost = 0, error = null
    where clinic_id = current_setting('app.clinic_id')::bigint and kind = any(p_kinds) and state = 'dead' returning 1)
  select count(*) from again
$$;

-- A key names its clinic and row, so that no index reaches over clinics. Its person's rights are read by state version.
create or replace function core.enter_key(p_clinic bigint, p_key bigint, p_hash bytea, out staff_id bigint, out name text,
    out scopes text[], out per_minute int, out state_version bigint)
returns setof record language plpgsql security definer set search_path = core, pg_temp as $$
begin
  return query
    select k.staff_id, k.name, array(select jsonb_array_elements_text(k.scopes)), k.per_minute, c.state_version from api_key k join clinic c on c.id = k.clinic_id
      join staff_member s on s.clinic_id = k.clinic_id and s.id = k.staff_id and s.deleted_at is null
    where k.clinic_id = p_clinic and k.id = p_key and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and (k.secret_hash = p_hash or (k.previous_hash = p_hash and k.previous_until > now()));
  if found then
    update api_key k set used_at = now() where k.clinic_id = p_clinic and k.id = p_key
      and (k.used_at is null or k.used_at < now() - interval '1 minute');
  end if;
end $$;
