"""The only door through which plugins use the core. What is here is the contract; everything else may move.

Pages and services of our own plugins use nothing else of `prikus`.
"""

from typing import TYPE_CHECKING

from prikus.access.actors import Actor
from prikus.access.context import Aggregate, Context
from prikus.access.furnishing import Demo
from prikus.access.leasing import Leased, LeasedQueue, lock_head
from prikus.access.models import Profession, StaffMember, StaffProfession
from prikus.access.names import full_name, short_name, sort_key
from prikus.access.proof import require_proof
from prikus.clinics.models import Branch, Chair, LegalEntity
from prikus.clinics.state import BranchInfo
from prikus.connections.answering import Answerer, json_reply, shows_token
from prikus.connections.furnishing import furnish_connection
from prikus.connections.kinds import (
    Arrived,
    Connected,
    ConnectionField,
    ConnectionKind,
    OpenConnection,
    Reply,
    Secret,
)
from prikus.connections.models import WORKS
from prikus.connections.receiving import Webhook
from prikus.connections.services.connecting import note_result
from prikus.connections.services.opening import ConnectionInfo, connections_of, known_connections, open_connection
from prikus.connections.services.outgoing import HttpAnswer, Outgoing, OutsideFailed, outgoing_client
from prikus.connections.services.queueing import ConnectionQueue, QueueHead
from prikus.connections.services.tokens import Tokens
from prikus.data.base import ALIVE, PERSONAL, Noted, SoftDeleted, TenantModel, index, ref, soft_ref, unique, visible
from prikus.data.changes import Changed, ChangeSource, read_changes
from prikus.data.columns import tenant_columns
from prikus.data.conflicts import flush_unique
from prikus.data.days import days_before, end_of_day, start_of_day
from prikus.data.labels import merged_metadata
from prikus.data.paging import LARGEST_ID, read_page, read_place
from prikus.data.statements import Prepared, prepared, prepared_sql
from prikus.data.texts import storable
from prikus.data.triggers import append_only, append_only_sql, followed, followed_sql, with_sql
from prikus.data.types import XID8, Instant, Money, Quantity, UnitCost, one_of, round_money
from prikus.errors import Conflict, Denied, Invalid, NotFound, Problem, Stale
from prikus.events.numbers import next_number, once
from prikus.failpoints import failpoint
from prikus.files.furnishing import furnish_file
from prikus.files.kinds import DENTAL_IMAGES, PICTURES, FileKind, upload_room
from prikus.files.models import StoredFile
from prikus.files.services.keeping import Kept, drop_file, file_row, keep_bytes, keep_upload
from prikus.files.services.opening import OpenFile, file_answer, open_file
from prikus.files.services.parsing import Unreadable
from prikus.files.services.pictures import preview_of, without_identity
from prikus.host.declarations import (
    Event,
    FeedLine,
    Nothing,
    PatientFact,
    hookimpl,
    hookspec,
    job,
    listens,
    outgoing,
    scheduled,
)
from prikus.host.endings import old_name
from prikus.host.hooks import Answer
from prikus.host.manifest import Permission, Plugin, Use
from prikus.invented.people import Person, Population
from prikus.patients.demo import PastFact, tell_past
from prikus.patients.hookspecs import Erasing, ExportFile, Exporting, FeedKind, Merging, PatientRecords
from prikus.patients.models import Patient
from prikus.patients.services.names import phone_part
from prikus.patients.services.phones import own_phone, patient_with_phone
from prikus.patients.services.recognising import Recognised, SaidPerson, recognise_patient
from prikus.trash.hookspecs import TrashSection
from prikus.ui.descriptors import CardAction, MenuItem, ShellPart, SlotItem, Tab
from prikus.ui.filters import money, plural
from prikus.ui.forms import (
    checked_body,
    convert_form,
    filter_day,
    key_of,
    read_date,
    read_form,
    read_money,
    read_phone,
    read_time,
    stale,
)
from prikus.ui.programs import (
    Changes,
    Cursor,
    Done,
    Followed,
    Limit,
    Metadata,
    NotedWords,
    OptionalId,
    PressKey,
    RowId,
    Typed,
    follow,
    note_metadata,
    pressed_once,
    read_metadata,
)
from prikus.ui.render import announce, done, fragment, page, redirect, toast

__all__ = [
    "ALIVE",
    "DENTAL_IMAGES",
    "LARGEST_ID",
    "PERSONAL",
    "PICTURES",
    "WORKS",
    "XID8",
    "Actor",
    "Aggregate",
    "Answer",
    "Answerer",
    "Arrived",
    "Branch",
    "BranchInfo",
    "CardAction",
    "Chair",
    "ChangeSource",
    "Changed",
    "Changes",
    "Conflict",
    "Connected",
    "ConnectionField",
    "ConnectionInfo",
    "ConnectionKind",
    "ConnectionQueue",
    "Context",
    "Cursor",
    "Demo",
    "Denied",
    "Done",
    "Erasing",
    "Event",
    "ExportFile",
    "Exporting",
    "FeedKind",
    "FeedLine",
    "FileKind",
    "Followed",
    "HttpAnswer",
    "Instant",
    "Invalid",
    "Kept",
    "Leased",
    "LeasedQueue",
    "LegalEntity",
    "Limit",
    "MenuItem",
    "Merging",
    "Metadata",
    "Money",
    "NotFound",
    "Noted",
    "NotedWords",
    "Nothing",
    "OpenConnection",
    "OpenFile",
    "OptionalId",
    "Outgoing",
    "OutsideFailed",
    "PastFact",
    "Patient",
    "PatientFact",
    "PatientRecords",
    "Permission",
    "Person",
    "Plugin",
    "Population",
    "Prepared",
    "PressKey",
    "Problem",
    "Profession",
    "Quantity",
    "QueueHead",
    "Recognised",
    "Reply",
    "RowId",
    "SaidPerson",
    "Secret",
    "ShellPart",
    "SlotItem",
    "SoftDeleted",
    "StaffMember",
    "StaffProfession",
    "Stale",
    "StoredFile",
    "Tab",
    "TenantModel",
    "Tokens",
    "TrashSection",
    "Typed",
    "UnitCost",
    "Unreadable",
    "Use",
    "Webhook",
    "announce",
    "append_only",
    "append_only_sql",
    "checked_body",
    "connections_of",
    "convert_form",
    "days_before",
    "done",
    "drop_file",
    "end_of_day",
    "failpoint",
    "file_answer",
    "file_row",
    "filter_day",
    "flush_unique",
    "follow",
    "followed",
    "followed_sql",
    "fragment",
    "full_name",
    "furnish_connection",
    "furnish_file",
    "hookimpl",
    "hookspec",
    "index",
    "job",
    "json_reply",
    "keep_bytes",
    "keep_upload",
    "key_of",
    "known_connections",
    "listens",
    "lock_head",
    "merged_metadata",
    "money",
    "next_number",
    "note_metadata",
    "note_result",
    "once",
    "one_of",
    "open_connection",
    "open_file",
    "outgoing",
    "outgoing_client",
    "own_phone",
    "page",
    "patient_with_phone",
    "phone_part",
    "plural",
    "prepared",
    "prepared_sql",
    "pressed_once",
    "preview_of",
    "read_changes",
    "read_date",
    "read_form",
    "read_metadata",
    "read_money",
    "read_page",
    "read_phone",
    "read_place",
    "read_time",
    "recognise_patient",
    "redirect",
    "ref",
    "require_proof",
    "round_money",
    "scheduled",
    "short_name",
    "shows_token",
    "soft_ref",
    "sort_key",
    "stale",
    "start_of_day",
    "storable",
    "tell_past",
    "tenant_columns",
    "toast",
    "unique",
    "upload_room",
    "visible",
    "with_sql",
    "without_identity",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Names that end still lead where they led, and warn."""
        return old_name(name)
