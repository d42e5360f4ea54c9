"""Hand-written statements of the bare server: `$1` is always the clinic."""

PERSON = """
    id, lpad(card_number::text, 6, '0') as number, last_name || ' ' || first_name as name, phone, birth_date, is_active
"""
LIST = f"""
    select {PERSON} from core.patient where clinic_id = $1 and deleted_at is null order by sort_name, id limit $2
"""
PREFIX = f"""
    select {PERSON} from core.patient where clinic_id = $1 and deleted_at is null
      and search_name >= $2 and search_name < $3 order by search_name limit 10
"""
INSIDE = f"""
    select {PERSON} from core.patient where clinic_id = $1 and deleted_at is null and search_name like $2
    order by sort_name, id limit 10
"""
CARD = f"""
    select {PERSON}, home_phone, email, comment, snils, inn, oms_policy_number, mailing_enabled, created_at
    from core.patient where clinic_id = $1 and id = $2 and deleted_at is null
"""
FEED = """
    select e.id, e.title, e.text, e.href, e.icon, e.happened_at,
      s.last_name || ' ' || left(s.first_name, 1) || '.' as author
    from core.patient_event e
      left join core.staff_member s on s.clinic_id = e.clinic_id and e.actor_kind = 'staff' and s.id = e.actor_id
    where e.clinic_id = $1 and e.patient_id = $2 order by e.happened_at desc, e.id desc limit 21
"""
SHORT = "{0}.last_name || ' ' || left({0}.first_name, 1) || '.' || coalesce(' ' || left({0}.patronymic, 1) || '.', '')"
SHIFTS = f"""
    select h.id, h.row_version, h.chair_id, h.staff_id as doctor_id, {SHORT.format("s")} as doctor,
      (select p.name from core.staff_profession j
         join core.profession p on p.clinic_id = j.clinic_id and p.id = j.profession_id
       where j.clinic_id = h.clinic_id and j.staff_id = h.staff_id order by p.position, p.id limit 1) as profession,
      h.business_date as date, timezone($3, h.starts_at) as starts, timezone($3, h.ends_at) as ends, h.series_id
    from calendar.shift h join core.staff_member s on s.clinic_id = h.clinic_id and s.id = h.staff_id
    where h.clinic_id = $1 and h.branch_id = $2 and h.business_date between $4 and $5 order by h.starts_at, h.id
"""
WEEK = f"""
    select a.id, a.row_version, a.chair_id, a.doctor_id, a.patient_id, a.status_id, a.business_date as date,
      timezone($3, a.starts_at) as starts, timezone($3, a.ends_at) as ends, {SHORT.format("p")} as patient, p.phone,
      {SHORT.format("s")} as doctor, v.name as visit_type, t.name as status, t.colour, t.meaning, a.occupies, a.comment,
      a.overlap_ok
    from calendar.appointment a
      join core.patient p on p.clinic_id = a.clinic_id and p.id = a.patient_id
      join core.staff_member s on s.clinic_id = a.clinic_id and s.id = a.doctor_id
      join calendar.appointment_status t on t.clinic_id = a.clinic_id and t.id = a.status_id
      left join calendar.visit_type v on v.clinic_id = a.clinic_id and v.id = a.visit_type_id
    where a.clinic_id = $1 and a.branch_id = $2 and a.business_date between $4 and $5 order by a.starts_at, a.id
"""
TOLD = """
    fact as (
      insert into core.outbox_event (clinic_id, name, version, payload, aggregate, aggregate_seq)
      select $1, '{name}', 1, '{{"patient_id": 1, "number": "1", "total": "100.00", "currency": "RUB"}}',
        '{table}:' || id, 1
      from {source} returning id),
    heads as (
      insert into core.work (clinic_id, kind, ref) select $1, kind, fact.id from fact, unnest({kinds}::text[]) kind)
"""
CREATE = f"""
    with booked as (
      insert into calendar.appointment (clinic_id, patient_id, doctor_id, chair_id, branch_id, status_id, occupies,
        starts_at, ends_at, business_date)
      select $1, $2, $3, $4, $5, $6, true, $7, $8, $9 where not exists (
        select from calendar.appointment where clinic_id = $1 and occupies and starts_at < $8 and ends_at > $7
          and starts_at > $7 - interval '16 hours' and (chair_id = $4 or doctor_id = $3 or patient_id = $2))
      returning id),
    noted as (
      insert into calendar.appointment_change (clinic_id, appointment_id, what, after)
      select $1, id, 'created', '{{"chair_id": 1}}' from booked),
    {TOLD.format(name="appointment.created", table="calendar.appointment", source="booked", kinds="$10")}
    select id from booked
"""
ISSUE = f"""
    with counted as (
      insert into core.counter (clinic_id, series, legal_entity_id, value) values ($1, 'invoice', $3, 1)
      on conflict (clinic_id, series, legal_entity_id) do update set value = counter.value + 1 returning value),
    invoice as (
      insert into billing.invoice (clinic_id, patient_id, legal_entity_id, branch_id, number, issued_at, business_date,
        status, total)
      select $1, $2, $3, $4, value, now(), current_date, 'issued', 5 * s.price
      from counted, catalog.service s where s.clinic_id = $1 and s.id = $5 returning id, total),
    lines as (
      insert into billing.invoice_line (clinic_id, invoice_id, position, service_id, service_name, quantity, price,
        net_amount)
      select $1, invoice.id, n, s.id, s.name, 1, s.price, s.price
      from invoice, catalog.service s, generate_series(1, 5) n where s.clinic_id = $1 and s.id = $5),
    made as (
      insert into billing.ledger_transaction (clinic_id, kind, key, legal_entity_id, branch_id, happened_at,
        business_date)
      select $1, 'invoice', gen_random_uuid()::text, $3, $4, now(), current_date from invoice returning id),
    entries as (
      insert into billing.ledger_entry (clinic_id, transaction_id, account, patient_id, legal_entity_id, invoice_id,
        amount, business_date)
      select $1, made.id, side.account, $2, $3, invoice.id, side.sign * invoice.total, current_date
      from made, invoice, (values ('receivable', 1), ('revenue', -1)) side (account, sign)),
    {TOLD.format(name="invoice.issued", table="billing.invoice", source="invoice", kinds="$6")}
    select id from invoice
"""
PAY = f"""
    with invoice as (
      update billing.invoice set paid = paid + 1, status = 'partly_paid' where clinic_id = $1 and id = $2
      returning id, patient_id, legal_entity_id, branch_id),
    made as (
      insert into billing.ledger_transaction (clinic_id, kind, key, legal_entity_id, branch_id, happened_at,
        business_date)
      select $1, 'payment', gen_random_uuid()::text, legal_entity_id, branch_id, now(), current_date from invoice
      returning id),
    paid as (
      insert into billing.payment (clinic_id, transaction_id, patient_id, legal_entity_id, branch_id, method_id, amount,
        paid_at, business_date)
      select $1, made.id, patient_id, legal_entity_id, branch_id, $3, 1, now(), current_date from made, invoice
      returning id, transaction_id),
    entries as (
      insert into billing.ledger_entry (clinic_id, transaction_id, account, patient_id, legal_entity_id, invoice_id,
        payment_id, amount, business_date)
      select $1, paid.transaction_id, side.account, patient_id, legal_entity_id, invoice.id, paid.id, side.sign,
        current_date
      from paid, invoice, (values ('cash', 1), ('receivable', -1)) side (account, sign)),
    {TOLD.format(name="payment.received", table="billing.invoice", source="invoice", kinds="$4")}
    select id from paid
"""
