"""The tables that are compared, as `inspectdb` would write them, less the columns that nothing here reads or sets."""

from __future__ import annotations

from typing import Any

from django.db import models

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}


class Patient(models.Model):
    clinic_id = models.BigIntegerField()
    card_number = models.BigIntegerField()
    last_name = models.TextField()
    first_name = models.TextField()
    patronymic = models.TextField(null=True)
    sort_name = models.TextField()
    search_name = models.TextField()
    phone = models.TextField()
    home_phone = models.TextField(null=True)
    email = models.TextField(null=True)
    birth_date = models.DateField(null=True)
    mailing_enabled = models.BooleanField()
    is_active = models.BooleanField()
    snils = models.TextField(null=True)
    inn = models.TextField(null=True)
    oms_policy_number = models.TextField(null=True)
    comment = models.TextField(null=True)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = '"core"."patient"'

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}"

    @property
    def number(self) -> str:
        return f"{self.card_number:06}"


class StaffMember(models.Model):
    last_name = models.TextField()
    first_name = models.TextField()
    patronymic = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = '"core"."staff_member"'


class PatientEvent(models.Model):
    clinic_id = models.BigIntegerField()
    patient = models.ForeignKey(Patient, models.DO_NOTHING)
    title = models.TextField()
    text = models.TextField(null=True)
    href = models.TextField(null=True)
    icon = models.TextField()
    happened_at = models.DateTimeField()
    actor = models.ForeignKey(StaffMember, models.DO_NOTHING, null=True)

    class Meta:
        managed = False
        db_table = '"core"."patient_event"'

    @property
    def author(self) -> str:
        return f"{self.actor.last_name} {self.actor.first_name[0]}." if self.actor else ""


class AuditRecord(models.Model):
    clinic_id = models.BigIntegerField()
    action = models.TextField()
    object_kind = models.TextField()
    object_id = models.BigIntegerField()
    sentence = models.TextField()

    class Meta:
        managed = False
        db_table = '"core"."audit_record"'


class OutboxEvent(models.Model):
    clinic_id = models.BigIntegerField()
    name = models.TextField()
    version = models.IntegerField()
    payload = models.JSONField()
    aggregate = models.TextField()
    aggregate_seq = models.IntegerField()

    class Meta:
        managed = False
        db_table = '"core"."outbox_event"'


class Work(models.Model):
    clinic_id = models.BigIntegerField()
    kind = models.TextField()
    ref = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = '"core"."work"'


class Counter(models.Model):
    clinic_id = models.BigIntegerField()
    series = models.TextField()
    legal_entity_id = models.BigIntegerField()
    value = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = '"core"."counter"'


class AppointmentStatus(models.Model):
    name = models.TextField()
    colour = models.TextField()
    meaning = models.TextField()

    class Meta:
        managed = False
        db_table = '"calendar"."appointment_status"'


class VisitType(models.Model):
    name = models.TextField()

    class Meta:
        managed = False
        db_table = '"calendar"."visit_type"'


class Appointment(models.Model):
    clinic_id = models.BigIntegerField()
    row_version = models.IntegerField(db_default=1)
    patient = models.ForeignKey(Patient, models.DO_NOTHING)
    doctor = models.ForeignKey(StaffMember, models.DO_NOTHING)
    chair_id = models.BigIntegerField()
    branch_id = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    business_date = models.DateField()
    visit_type = models.ForeignKey(VisitType, models.DO_NOTHING, null=True)
    status = models.ForeignKey(AppointmentStatus, models.DO_NOTHING)
    occupies = models.BooleanField()
    overlap_ok = models.BooleanField(db_default=False)
    comment = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = '"calendar"."appointment"'


class AppointmentChange(models.Model):
    clinic_id = models.BigIntegerField()
    appointment = models.ForeignKey(Appointment, models.DO_NOTHING)
    what = models.TextField()
    after = models.JSONField()

    class Meta:
        managed = False
        db_table = '"calendar"."appointment_change"'


class Shift(models.Model):
    clinic_id = models.BigIntegerField()
    row_version = models.IntegerField()
    staff = models.ForeignKey(StaffMember, models.DO_NOTHING)
    chair_id = models.BigIntegerField()
    branch_id = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    business_date = models.DateField()
    series_id = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = '"calendar"."shift"'


class Service(models.Model):
    clinic_id = models.BigIntegerField()
    name = models.TextField()
    price = models.DecimalField(**MONEY)

    class Meta:
        managed = False
        db_table = '"catalog"."service"'


class Invoice(models.Model):
    clinic_id = models.BigIntegerField()
    patient_id = models.BigIntegerField()
    legal_entity_id = models.BigIntegerField()
    branch_id = models.BigIntegerField()
    number = models.BigIntegerField()
    issued_at = models.DateTimeField()
    business_date = models.DateField()
    status = models.TextField()
    total = models.DecimalField(**MONEY)
    paid = models.DecimalField(**MONEY, db_default=0)

    class Meta:
        managed = False
        db_table = '"billing"."invoice"'


class InvoiceLine(models.Model):
    clinic_id = models.BigIntegerField()
    invoice = models.ForeignKey(Invoice, models.DO_NOTHING)
    position = models.IntegerField()
    service = models.ForeignKey(Service, models.DO_NOTHING)
    service_name = models.TextField()
    quantity = models.IntegerField()
    price = models.DecimalField(**MONEY)
    net_amount = models.DecimalField(**MONEY)

    class Meta:
        managed = False
        db_table = '"billing"."invoice_line"'


class LedgerTransaction(models.Model):
    clinic_id = models.BigIntegerField()
    kind = models.TextField()
    key = models.TextField()
    legal_entity_id = models.BigIntegerField()
    branch_id = models.BigIntegerField()
    happened_at = models.DateTimeField()
    business_date = models.DateField()

    class Meta:
        managed = False
        db_table = '"billing"."ledger_transaction"'


class Payment(models.Model):
    clinic_id = models.BigIntegerField()
    transaction = models.ForeignKey(LedgerTransaction, models.DO_NOTHING)
    patient_id = models.BigIntegerField()
    legal_entity_id = models.BigIntegerField()
    branch_id = models.BigIntegerField()
    method_id = models.BigIntegerField()
    amount = models.DecimalField(**MONEY)
    paid_at = models.DateTimeField()
    business_date = models.DateField()

    class Meta:
        managed = False
        db_table = '"billing"."payment"'


class LedgerEntry(models.Model):
    clinic_id = models.BigIntegerField()
    transaction = models.ForeignKey(LedgerTransaction, models.DO_NOTHING)
    account = models.TextField()
    patient_id = models.BigIntegerField()
    legal_entity_id = models.BigIntegerField()
    invoice = models.ForeignKey(Invoice, models.DO_NOTHING)
    payment = models.ForeignKey(Payment, models.DO_NOTHING, null=True)
    amount = models.DecimalField(**MONEY)
    business_date = models.DateField()

    class Meta:
        managed = False
        db_table = '"billing"."ledger_entry"'
