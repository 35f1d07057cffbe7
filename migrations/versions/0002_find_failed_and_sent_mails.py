"""find failed and sent mails without reading all of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    failed = sa.text('failed_at IS NOT NULL')
    op.create_index('ix_outbox_mail_failed', 'outbox_mail', ['failed_at'], postgresql_where=failed, sqlite_where=failed)
    op.create_index('ix_outbox_mail_sent_at', 'outbox_mail', ['sent_at'])


def downgrade() -> None:
    op.drop_index('ix_outbox_mail_sent_at', 'outbox_mail')
    op.drop_index('ix_outbox_mail_failed', 'outbox_mail')
