"""The tables. Every key starts with the channel, so that channels can be spread over machines."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")
# Terms are compared byte by byte, whatever the locale of the database.
TERM = sa.Text(collation="C")


class ChannelRow(SQLModel, table=True):
    """A channel, the counter of its messages, and how far its window is compacted."""

    __tablename__ = "channel"
    __table_args__ = (
        sa.UniqueConstraint("platform", "workspace", "external_id"),
        # The row changes with every message: room on the page keeps that cheap.
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    external_id: str = Field(sa_type=sa.Text)
    name: str = Field("", sa_type=sa.Text)
    direct: bool = False
    introduced: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    seq: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    watermark: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    epoch: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    window_tokens: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    late_tokens: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    window_after: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=sa.text("'-infinity'"), nullable=False)
    )
    window_after_seq: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    window_watermark: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    forgotten: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    last_at: datetime | None = Field(None, sa_type=TIME)
    compact_after: datetime | None = Field(None, sa_type=TIME)
    read_until: datetime | None = Field(None, sa_type=TIME)
    reviewed_until: datetime | None = Field(None, sa_type=TIME)
    failures: int = Field(0, sa_column_kwargs={"server_default": "0"})
    persona: str | None = Field(None, sa_type=sa.Text)
    model: str | None = Field(None, sa_type=sa.Text)
    generation: str | None = Field(None, sa_type=sa.Text)
    answer_style: str | None = Field(None, sa_type=sa.Text)
    summary_wanted: str | None = Field(None, sa_type=sa.Text)
    uses_tools: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    retention: int | None = None


class MessageRow(SQLModel, table=True):
    """One thing said. A deleted one keeps its row, empty, so that it cannot come back."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "external_id"),
        sa.Index(
            "ix_message_thread", "channel_id", "thread", "seq", postgresql_where="thread <> ''"
        ),
        sa.Index(
            "ix_message_answers", "channel_id", "seq", postgresql_where="rests_on IS NOT NULL"
        ),
        sa.Index("ix_message_author", "channel_id", "author_id", "seq"),
        sa.Index("ix_message_said", "channel_id", "said_at"),
        sa.Index("ix_message_late", "channel_id", "said_at", "seq", postgresql_where="late"),
        sa.Index("ix_message_mentions", "channel_id", "seq", postgresql_where="mentions <> '{}'"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    external_id: str = Field(sa_type=sa.Text)
    author_id: str = Field(sa_type=sa.Text)
    author_name: str = Field(sa_type=sa.Text)
    nellie: bool = False
    bot: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    text: str = Field(sa_type=sa.Text)
    said_at: datetime = Field(sa_type=TIME)
    thread: str = Field("", sa_type=sa.Text)
    reply_to: str = Field("", sa_type=sa.Text)
    link: str = Field("", sa_type=sa.Text)
    addressed: bool = False
    mentions: list[str] = Field(
        sa_column=sa.Column(ARRAY(sa.Text), server_default="{}", nullable=False)
    )
    tokens: int
    deleted: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    rests_on: list[int] | None = Field(None, sa_type=ARRAY(BIG))
    shown_from: int | None = Field(None, sa_type=BIG)
    late: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    edited_at: datetime | None = Field(None, sa_type=TIME)


class EarlyEditRow(SQLModel, table=True):
    """What a message says that is not stored yet: its edit came before it."""

    __tablename__ = "early_edit"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    external_id: str = Field(sa_type=sa.Text, primary_key=True)
    text: str = Field(sa_type=sa.Text)
    at: datetime | None = Field(None, sa_type=TIME)
    files: list[dict[str, Any]] | None = Field(None, sa_type=JSONB)
    """Those that it has since then; None where they are as they were."""
    until: datetime = Field(sa_type=TIME)


class PostingRow(SQLModel, table=True):
    """The lexical index: which message holds which term, how often, and how long it is."""

    __tablename__ = "posting"
    # With all its columns in the key's index, looking a term up never visits the table.
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "channel_id", "term", "seq", postgresql_include=["count", "length"]
        ),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    term: str = Field(sa_type=TERM, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    count: int = Field(sa_type=sa.SmallInteger)
    length: int = Field(sa_type=sa.SmallInteger)


class PostedFileRow(SQLModel, table=True):
    """A file of a message (or an operator's, or a link), and how far reading it is.

    The table is the queue of what is to be read, too.
    """

    __tablename__ = "posted_file"
    __table_args__ = (
        sa.Index("ix_posted_file_due", "due_at", postgresql_where="state = 'waiting'"),
        sa.Index("ix_posted_file_sound", "channel_id", postgresql_where="state = 'sound'"),
        sa.Index("ix_posted_file_document", "channel_id", "document_id"),
        sa.Index("ix_posted_file_external", "external_id"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    """Of its message; 0 where no message brought it."""
    external_id: str = Field(sa_type=sa.Text, primary_key=True)
    """The platform's id; of a link its address, of the operator's its path."""
    origin: str = Field("post", sa_column=sa.Column(sa.Text, server_default="post", nullable=False))
    name: str = Field(sa_type=sa.Text)
    media_type: str = Field("", sa_type=sa.Text)
    size: int = Field(0, sa_type=BIG)
    alt: str = Field("", sa_type=sa.Text)
    address: str = Field("", sa_type=sa.Text)
    state: str = Field("waiting", sa_type=sa.Text)
    """waiting, read, unreadable, forgotten; or picture, sound, video, which are never read."""
    note: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    """Why it is unreadable."""
    mendable: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    """It may be read when somebody has given a right that is missing."""
    document_id: int | None = Field(None, sa_type=BIG)
    attempts: int = Field(0, sa_column_kwargs={"server_default": "0"})
    due_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    """When it is to be read; while somebody reads it, when their lease is over."""
    owner: int | None = Field(None, sa_type=BIG)
    progress: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    author_id: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    author_name: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    """Who added it, where no message says so."""
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class DocumentRow(SQLModel, table=True):
    """What was read of a file, by its content: one row however often it was posted in a channel."""

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("channel_id", "sha256"),)

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    sha256: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    title: str = Field(sa_type=sa.Text)
    pages: int
    passages: int
    tokens: int
    notes: list[str] = Field(sa_type=ARRAY(sa.Text))
    read_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )


class PassageRow(SQLModel, table=True):
    """A part of a document."""

    __tablename__ = "passage"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    document_id: int = Field(sa_type=BIG, primary_key=True)
    number: int = Field(primary_key=True)
    heading: str = Field(sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    first_page: int
    last_page: int
    tokens: int


class PassagePostingRow(SQLModel, table=True):
    """The lexical index of documents: which passage holds which term."""

    __tablename__ = "passage_posting"
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "channel_id", "term", "document_id", "number", postgresql_include=["count", "length"]
        ),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    term: str = Field(sa_type=TERM, primary_key=True)
    document_id: int = Field(sa_type=BIG, primary_key=True)
    number: int = Field(primary_key=True)
    count: int = Field(sa_type=sa.SmallInteger)
    length: int = Field(sa_type=sa.SmallInteger)


class TurnRow(SQLModel, table=True):
    """An answer that is owed, or was given."""

    __tablename__ = "turn"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "trigger_seq"),
        sa.Index(
            "ix_turn_open",
            "channel_id",
            "lane",
            "trigger_seq",
            postgresql_where="state IN ('waiting', 'running')",
        ),
        sa.Index("ix_turn_created", "created_at"),
        sa.Index(
            "ix_turn_cut",
            "channel_id",
            "error",
            postgresql_where="state = 'done' AND error IS NOT NULL",
        ),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    lane: str = Field(sa_type=sa.Text)
    trigger_seq: int = Field(sa_type=BIG)
    question: str | None = Field(None, sa_type=sa.Text)
    private: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    remembered: bool = Field(True, sa_column_kwargs={"server_default": sa.true()})
    asker_id: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    asker_name: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    mentions: list[str] = Field(
        sa_column=sa.Column(ARRAY(sa.Text), server_default="{}", nullable=False)
    )
    state: str = Field("waiting", sa_type=sa.Text)
    attempts: int = Field(0, sa_column_kwargs={"server_default": "0"})
    posted: list[str] = Field(
        sa_column=sa.Column(ARRAY(sa.Text), server_default="{}", nullable=False)
    )
    text: str | None = Field(None, sa_type=sa.Text)
    reply: str | None = Field(None, sa_type=sa.Text)
    error: str | None = Field(None, sa_type=sa.Text)
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    finished_at: datetime | None = Field(None, sa_type=TIME)
    taken_away: list[dict[str, Any]] | None = Field(None, sa_type=JSONB)
    files: list[dict[str, Any]] | None = Field(None, sa_type=JSONB)
    """What its question came with, where that is not remembered itself."""


class LaneRow(SQLModel, table=True):
    """The order of turns in one conversation, and which replica works on it until when."""

    __tablename__ = "lane"
    __table_args__ = (
        sa.Index("ix_lane_owner", "owner", postgresql_where="owner IS NOT NULL"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    lane: str = Field(sa_type=sa.Text, primary_key=True)
    owner: int | None = Field(None, sa_type=BIG)
    epoch: int = Field(sa_type=BIG)
    until: datetime = Field(sa_type=TIME)


class SegmentRow(SQLModel, table=True):
    """The summary of a block of messages: written once, hidden when a source of it changes."""

    __tablename__ = "segment"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    first_seq: int = Field(sa_type=BIG, primary_key=True)
    last_seq: int = Field(sa_type=BIG)
    statements: list[dict[str, Any]] = Field(sa_type=JSONB)
    participants: list[str] = Field(sa_type=ARRAY(sa.Text))
    began: datetime = Field(sa_type=TIME)
    ended: datetime = Field(sa_type=TIME)
    tokens: int
    dirty: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    seqs: list[int] | None = Field(None, sa_type=ARRAY(BIG))


class DigestRow(SQLModel, table=True):
    """The channel's summary of its segments; hidden while a segment below it is dirty."""

    __tablename__ = "digest"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    text: str = Field(sa_type=sa.Text)
    first_seq: int = Field(sa_type=BIG)
    last_seq: int = Field(sa_type=BIG)
    dirty: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})


class ScheduleRow(SQLModel, table=True):
    """When a channel's digest is next posted, and from when on it tells."""

    __tablename__ = "schedule"
    __table_args__ = (sa.Index("ix_schedule_next", "next_at"),)

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    rhythm: str = Field(sa_type=sa.Text)
    next_at: datetime = Field(sa_type=TIME)
    since: datetime = Field(sa_type=TIME)


class RuleRow(SQLModel, table=True):
    """What messages of a channel are labelled by as they arrive, and how far that has come."""

    __tablename__ = "rule"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "name"),
        sa.Index("ix_rule_due", "due_at", postgresql_where="enabled"),
        sa.Index("ix_rule_recap", "recap_at", postgresql_where="recap_at IS NOT NULL"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    name: str = Field(sa_type=sa.Text)
    labels: list[str] = Field(sa_type=ARRAY(sa.Text))
    label_set: str = Field(sa_type=sa.Text)
    """The set of the channel's that it takes its labels from; empty where they are its own."""
    enabled: bool = Field(True, sa_column_kwargs={"server_default": sa.true()})
    since: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    """What was said before is not labelled."""
    cursor: int = Field(sa_type=BIG)
    """Up to which message it has come."""
    most: int
    """Messages a day."""
    day: date | None = None
    """Of `today`."""
    today: int = Field(0, sa_column_kwargs={"server_default": "0"})
    passed: int = Field(0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})
    """Messages that waited for too long, and were not labelled."""
    due_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    failures: int = Field(0, sa_column_kwargs={"server_default": "0"})
    trouble: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))
    """Why it waits, in words of ours."""
    recap: str | None = Field(None, sa_type=sa.Text)
    recap_at: datetime | None = Field(None, sa_type=TIME)
    recap_since: datetime | None = Field(None, sa_type=TIME)


class RulePingRow(SQLModel, table=True):
    """Whom a rule tells of a label."""

    __tablename__ = "rule_ping"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    rule_id: int = Field(sa_type=BIG, primary_key=True)
    label: str = Field(sa_type=sa.Text, primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    target_id: str = Field(sa_type=sa.Text)
    target_name: str = Field(sa_type=sa.Text)


class RuleLabelRow(SQLModel, table=True):
    """What a rule made of a message, once; it goes with the message."""

    __tablename__ = "rule_label"
    __table_args__ = (
        sa.Index("ix_rule_label_at", "channel_id", "rule_id", "at"),
        sa.Index("ix_rule_label_tell", "tell_id", postgresql_where="tell_id IS NOT NULL"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    seq: int = Field(sa_type=BIG, primary_key=True)
    rule_id: int = Field(sa_type=BIG, primary_key=True)
    label: str | None = Field(None, sa_type=sa.Text)
    """None where the model abstained."""
    confidence: float = Field(sa_type=sa.REAL)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    tell_id: int | None = Field(None, sa_type=BIG)


class RuleTellRow(SQLModel, table=True):
    """What a rule owes somebody: one message, or all that were too many for one hour."""

    __tablename__ = "rule_tell"
    __table_args__ = (
        sa.Index("ix_rule_tell_due", "at", postgresql_where="posted_at IS NULL"),
        sa.Index("ix_rule_tell_rule", "channel_id", "rule_id", "created_at"),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    rule_id: int = Field(sa_type=BIG)
    label: str = Field(sa_type=sa.Text)
    summed: bool
    at: datetime = Field(sa_type=TIME)
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    posted_at: datetime | None = Field(None, sa_type=TIME)
    attempt: int = Field(0, sa_column_kwargs={"server_default": "0"})


class ReminderRow(SQLModel, table=True):
    """A message that a person wants to have at a time; it goes once it is posted."""

    __tablename__ = "reminder"
    __table_args__ = (
        # So many at once as there are slots, however many ask for one at the same time.
        sa.UniqueConstraint("person", "slot"),
        sa.UniqueConstraint("key"),
        sa.Index("ix_reminder_at", "at"),
        sa.Index("ix_reminder_channel", "channel_id", "person_id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    person_id: str = Field(sa_type=sa.Text)
    person_name: str = Field(sa_type=sa.Text)
    person: str = Field(sa_type=sa.Text)
    slot: int = Field(sa_type=sa.SmallInteger)
    key: str | None = Field(None, sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=TIME)
    due_at: datetime = Field(sa_type=TIME)
    zone: str = Field(sa_type=sa.Text)
    thread: str = Field(sa_type=sa.Text)
    private: bool


class ToolSwitchRow(SQLModel, table=True):
    """Whether a tool is on in a channel, and how it described itself when it was switched on."""

    __tablename__ = "tool_switch"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    tool: str = Field(sa_type=sa.Text, primary_key=True)
    enabled: bool
    described: str = Field(sa_type=sa.Text)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class TunedPromptRow(SQLModel, table=True):
    """Prompts that an operator has applied to a channel: by part, the new texts and the former.

    A text is null where the general one holds.
    """

    __tablename__ = "tuned_prompt"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    applied: dict[str, Any] = Field(sa_type=JSONB)
    former: dict[str, Any] = Field(sa_type=JSONB)


class SearchedAddressRow(SQLModel, table=True):
    """An address that a search has returned in a channel, as a hash: it may be opened there."""

    __tablename__ = "searched_address"
    __table_args__ = (sa.Index("ix_searched_address_at", "at"),)

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    hash: str = Field(sa_type=sa.Text, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class LedgerRow(SQLModel, table=True):
    """One line per compaction: what was summarized, when, by which model, at what cost."""

    __tablename__ = "ledger"
    __table_args__ = (sa.Index("ix_ledger_channel", "channel_id", "id"),)

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    first_seq: int = Field(sa_type=BIG)
    last_seq: int = Field(sa_type=BIG)
    messages: int
    tokens_before: int
    tokens_after: int
    model: str = Field(sa_type=sa.Text)
    input_tokens: int
    output_tokens: int
    rebuilt: bool = False
    flagged: int = Field(0, sa_column_kwargs={"server_default": "0"})


class UsageRow(SQLModel, table=True):
    """One row per call of a model."""

    __tablename__ = "usage"
    __table_args__ = (
        sa.Index("ix_usage_channel", "channel_id", "at"),
        sa.Index("ix_usage_day", "at"),
        sa.Index("ix_usage_payer", "at", postgresql_where="payer IS NOT NULL"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    purpose: str = Field(sa_type=sa.Text)
    turn_id: int | None = Field(None, sa_type=BIG)
    author_id: str | None = Field(None, sa_type=sa.Text)
    payer: str | None = Field(None, sa_type=sa.Text)
    attempt: int = 1
    model: str = Field(sa_type=sa.Text)
    input: int
    cached: int | None = None
    output: int
    estimated: bool = False
    cache_write: int | None = None


class AnswerTraceRow(SQLModel, table=True):
    """How an answer was made, the last time that it was: numbers alone."""

    __tablename__ = "answer_trace"
    __table_args__ = (
        sa.Index("ix_answer_trace_at", "at", postgresql_include=["channel_id", "first_text_ms"]),
    )

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    turn_id: int = Field(sa_type=BIG, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    waited_ms: int
    first_text_ms: int | None = None
    whole_ms: int
    stages: dict[str, int] = Field(sa_type=JSONB)
    parts: dict[str, int] = Field(sa_type=JSONB)
    budget: int
    window_from: int | None = Field(None, sa_type=BIG)
    window_messages: int
    digest: int | None = Field(None, sa_type=BIG)
    recalled: list[int] | None = Field(None, sa_type=ARRAY(BIG))
    """None where its question is not remembered, or not any more; so are those below it."""
    by_words: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))
    by_meaning: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))
    by_conversation: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))
    in_window: int
    documents: list[int] | None = Field(None, sa_type=ARRAY(BIG))
    passages: list[int] | None = Field(None, sa_type=ARRAY(sa.Integer))
    pages: list[int] | None = Field(None, sa_type=ARRAY(sa.Integer))
    passage_scores: list[float] | None = Field(None, sa_type=ARRAY(sa.REAL))


class AskedRow(SQLModel, table=True):
    """A question or a /catchup, for rate limits: by whom, as a fingerprint, for an hour."""

    __tablename__ = "asked"
    __table_args__ = (sa.UniqueConstraint("turn_id"),)

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    turn_id: int | None = Field(None, sa_type=BIG)
    channel_id: int = Field(sa_type=BIG)
    payer: str = Field(sa_type=sa.Text)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    again_at: datetime | None = Field(None, sa_type=TIME)


class RatingRow(SQLModel, table=True):
    """What a person thinks of an answer."""

    __tablename__ = "rating"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    turn_id: int = Field(sa_type=BIG, primary_key=True)
    author_id: str = Field(sa_type=sa.Text, primary_key=True)
    good: bool
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class RemovalRow(SQLModel, table=True):
    """A channel that Nellie was shown out of or that is gone; or a thread that was deleted."""

    __tablename__ = "removal"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    thread: str = Field("", sa_type=sa.Text, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    forgotten: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})


class OptOutRow(SQLModel, table=True):
    """A person of whom nothing is remembered in this channel."""

    __tablename__ = "optout"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    author_id: str = Field(sa_type=sa.Text, primary_key=True)


class ForgettingRow(SQLModel, table=True):
    """Up to when nothing that a person said here is read in: a fingerprint; '' means everybody."""

    __tablename__ = "forgetting"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    person: str = Field(sa_type=sa.Text, primary_key=True)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))


class ConfirmationRow(SQLModel, table=True):
    """A command that asked a person whether they are sure; who that is, a fingerprint tells."""

    __tablename__ = "confirmation"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    person: str = Field(sa_type=sa.Text, primary_key=True)
    command: str = Field(sa_type=sa.Text)
    seq: int = Field(sa_type=BIG)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    thread: str = Field("", sa_column=sa.Column(sa.Text, server_default="", nullable=False))


class ApiKeyRow(SQLModel, table=True):
    """A key of the API: whose it is and what it may ask for. Of the key itself only a hash."""

    __tablename__ = "api_key"
    __table_args__ = (
        sa.UniqueConstraint("hash"),
        sa.Index("ix_api_key_person", "platform", "person_id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    hash: str = Field(sa_type=sa.Text)
    prefix: str = Field(sa_type=sa.Text)
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    team: str = Field(sa_type=sa.Text)
    models: list[str] = Field(sa_type=ARRAY(sa.Text))
    trusted: bool = False
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    expires_at: datetime | None = Field(None, sa_type=TIME)
    last_used_at: datetime | None = Field(None, sa_type=TIME)
    revoked_at: datetime | None = Field(None, sa_type=TIME)


class ApiCallRow(SQLModel, table=True):
    """One call of the API. Without a status it is under way."""

    __tablename__ = "api_call"
    __table_args__ = (
        sa.Index("ix_api_call_open", "id", postgresql_where="status IS NULL"),
        sa.Index("ix_api_call_person", "platform", "person_id", "at"),
        sa.Index("ix_api_call_at", "at"),
        sa.Index("ix_api_call_kept", "at", postgresql_where="request IS NOT NULL"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    key_id: int | None = Field(None, sa_type=BIG)
    platform: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    team: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    asked: str = Field(sa_type=sa.Text)
    model: str = Field(sa_type=sa.Text)
    stream: bool
    status: str | None = Field(None, sa_type=sa.Text)
    error: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    saved: str = Field("", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    output: int | None = None
    estimated: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    cost: float | None = Field(None, sa_type=sa.Double)
    first_token_ms: int | None = None
    total_ms: int | None = None
    request: str | None = Field(None, sa_type=sa.Text)
    answer: str | None = Field(None, sa_type=sa.Text)


class ApiDayRow(SQLModel, table=True):
    """What calls of the API used in a day, by who pays: for quotas, until the day is over."""

    __tablename__ = "api_day"

    day: date = Field(sa_type=sa.Date, primary_key=True)
    payer: str = Field(sa_type=sa.Text, primary_key=True)
    team: str = Field(sa_type=sa.Text, primary_key=True)
    tokens: int = Field(sa_type=BIG)
    cost: float = Field(sa_type=sa.Double)


class ReservationRow(SQLModel, table=True):
    """What a call under way may use of today's quotas; void once its lease is over."""

    __tablename__ = "reservation"
    __table_args__ = (sa.UniqueConstraint("turn_id"), sa.UniqueConstraint("call_id"))

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    turn_id: int | None = Field(None, sa_type=BIG)
    call_id: int | None = Field(None, sa_type=BIG)
    channel_id: int | None = Field(None, sa_type=BIG)
    payer: str | None = Field(None, sa_type=sa.Text)
    team: str | None = Field(None, sa_type=sa.Text)
    tokens: int = Field(sa_type=BIG)
    cost: float = Field(sa_type=sa.Double)
    until: datetime = Field(sa_type=TIME)


class PageLinkRow(SQLModel, table=True):
    """A link that signs a person in at the page, once. Of its secret only a hash."""

    __tablename__ = "page_link"
    __table_args__ = (sa.Index("ix_page_link_person", "platform", "person_id"),)

    hash: str = Field(sa_type=sa.Text, primary_key=True)
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    at_once: bool
    until: datetime = Field(sa_type=TIME)


class PageSessionRow(SQLModel, table=True):
    """A browser that is signed in at the page. Of its cookie only a hash."""

    __tablename__ = "page_session"
    __table_args__ = (
        sa.UniqueConstraint("hash"),
        sa.Index("ix_page_session_person", "platform", "person_id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    hash: str = Field(sa_type=sa.Text)
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    created_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    seen_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )


class AuditRow(SQLModel, table=True):
    """Something that somebody changed at the page."""

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_person", "platform", "person_id", "id"),
        sa.Index("uq_audit_once", "once", unique=True),
        sa.Index("ix_audit_action", "action", "id"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    platform: str = Field(sa_type=sa.Text)
    workspace: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    action: str = Field(sa_type=sa.Text)
    what: str = Field(sa_type=sa.Text)
    channel_id: int | None = Field(None, sa_type=BIG)
    once: str | None = Field(None, sa_type=sa.Text)
    """By chance, of the form that asked for it."""
    ended: bool | None = Field(
        None, sa_column=sa.Column(sa.Boolean, server_default=sa.true(), nullable=False)
    )


class UploadPieceRow(SQLModel, table=True):
    """A piece of a file that was brought at the page, until the file is read."""

    __tablename__ = "upload_piece"
    __table_args__ = (
        sa.Index("ix_upload_piece_person", "platform", "person_id"),
        sa.Index("ix_upload_piece_at", "at"),
    )

    file_id: str = Field(sa_type=sa.Text, primary_key=True)
    number: int = Field(primary_key=True)
    """From 1."""
    channel_id: int = Field(sa_type=BIG)
    platform: str = Field(sa_type=sa.Text)
    person_id: str = Field(sa_type=sa.Text)
    """Who brought it."""
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    data: bytes = Field(sa_type=sa.LargeBinary)


class ToolCallRow(SQLModel, table=True):
    """A call of a tool by a turn. Its words are kept until the turn has ended."""

    __tablename__ = "tool_call"
    __table_args__ = (
        sa.Index(
            "uq_tool_call_place",
            "turn_id",
            "round",
            "position",
            unique=True,
            postgresql_where=sa.text("NOT retired"),
        ),
        sa.Index("ix_tool_call_channel", "channel_id", "planned_at"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    turn_id: int = Field(sa_type=BIG)
    channel_id: int = Field(sa_type=BIG)
    round: int
    position: int
    tool: str = Field(sa_type=sa.Text)
    changes: bool
    state: str = Field(sa_type=sa.Text)
    """planned, waiting, running, done, failed, refused or unknown."""
    hash: str = Field(sa_type=sa.Text)
    key: str = Field(sa_type=sa.Text)
    call: str | None = Field(None, sa_type=sa.Text)
    said: str | None = Field(None, sa_type=sa.Text)
    usage: str | None = Field(None, sa_type=sa.Text)
    result: str | None = Field(None, sa_type=sa.Text)
    rests_on: list[int] | None = Field(None, sa_type=sa.ARRAY(BIG))
    retired: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    """Of an attempt before the person asked for another answer."""
    planned_at: datetime | None = Field(
        None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False)
    )
    ended_at: datetime | None = Field(None, sa_type=TIME)


class ConsentRow(SQLModel, table=True):
    """A question whether a tool may change something, about the row of a call."""

    __tablename__ = "consent"
    __table_args__ = (
        sa.UniqueConstraint("call_id"),
        sa.Index("ix_consent_turn", "turn_id"),
        sa.Index("ix_consent_channel", "channel_id"),
        sa.Index("ix_consent_went_on", "went_on", postgresql_where="went_on IS NOT NULL"),
        sa.Index("ix_consent_unsettled", "until", postgresql_where="NOT settled"),
    )

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    turn_id: int = Field(sa_type=BIG)
    """The turn whose answer asks."""
    call_id: int = Field(sa_type=BIG)
    number: int
    tool: str = Field(sa_type=sa.Text)
    hash: str = Field(sa_type=sa.Text)
    """Of the call and of all that its tool says of itself."""
    person: str = Field(sa_type=sa.Text)
    """A fingerprint of who asked."""
    again: bool
    repeats: bool
    """Just this was done in the channel within a day before."""
    state: str = Field(sa_type=sa.Text)
    """open, allowed, denied or expired."""
    decided_by: str | None = Field(None, sa_type=sa.Text)
    at: datetime | None = Field(None, sa_column=sa.Column(TIME, server_default=NOW, nullable=False))
    until: datetime = Field(sa_type=TIME)
    ended_at: datetime | None = Field(None, sa_type=TIME)
    went_on: int | None = Field(None, sa_type=BIG)
    """The turn that goes on with what was decided."""
    settled: bool = Field(False, sa_column_kwargs={"server_default": sa.false()})
    """Nothing follows from it any more, and no words are kept for it."""


class LabelSetRow(SQLModel, table=True):
    """Labels that a channel keeps under a name."""

    __tablename__ = "label_set"

    channel_id: int = Field(sa_type=BIG, primary_key=True)
    name: str = Field(sa_type=sa.Text, primary_key=True)
    labels: list[str] = Field(sa_type=ARRAY(sa.Text))


class LabelExampleRow(SQLModel, table=True):
    """A text that somebody has sorted into a label of such a set."""

    __tablename__ = "label_example"
    __table_args__ = (sa.UniqueConstraint("channel_id", "name", "hash"),)

    id: int | None = Field(None, sa_column=sa.Column(BIG, sa.Identity(), primary_key=True))
    channel_id: int = Field(sa_type=BIG)
    name: str = Field(sa_type=sa.Text)
    """Of the set."""
    label: str = Field(sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    hash: str = Field(sa_type=sa.Text)
    """Of the text, however it is written: no text has two labels."""
    author_id: str = Field(sa_type=sa.Text)
    """Whose words they are."""
    added_by: str = Field(sa_type=sa.Text)
    seq: int | None = Field(None, sa_type=BIG)
    """The message that it was; with that it is forgotten, and with an edit."""
