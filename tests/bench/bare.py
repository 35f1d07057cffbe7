"""What a page costs without us: Flask and SQLAlchemy as their own tutorials use them, three selects, 25 linked rows.

No sign-in, no law, no seal, no log, no layout, one language. The index the list needs is there.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

PAGE = """\
<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>{{ reader.name }}</title></head>
<body><h1>{{ reader.name }}</h1><p>{{ total }} situations</p>
<table><thead><tr><th>Titre</th><th>Pour</th><th>Depuis</th></tr></thead><tbody>
{% for row in rows %}<tr><th><a href="{{ url_for('item', item_id=row.id) }}">{{ row.title }}</a></th>
<td>{{ row.reader.name }}</td>
<td><time datetime="{{ row.at.isoformat() }}">{{ row.at.strftime('%d %m %Y') }}</time></td></tr>
{% endfor %}</tbody></table></body></html>"""


class Base(DeclarativeBase):
    pass


class Reader(Base):
    __tablename__ = "reader"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    reader_id: Mapped[int] = mapped_column(sa.ForeignKey("reader.id"))
    title: Mapped[str]
    at: Mapped[datetime]
    reader: Mapped[Reader] = relationship()
    __table_args__ = (sa.Index("ix_item", "reader_id", "id"),)


engine = sa.create_engine(os.environ["BARE_DATABASE"])
app = Flask(__name__)
template = app.jinja_env.from_string(PAGE)  # compiled once, like a file


@app.get("/")
def page() -> str:
    with Session(engine) as session:
        reader = session.get(Reader, 1)
        total = session.scalar(sa.select(sa.func.count()).select_from(Item).where(Item.reader_id == 1))
        newest = sa.select(Item).where(Item.reader_id == 1).order_by(Item.id.desc()).limit(25)
        rows = session.scalars(newest.options(joinedload(Item.reader))).all()
        return template.render(reader=reader, total=total, rows=rows)


@app.get("/item/<int:item_id>")
def item(item_id: int) -> str:
    return str(item_id)


def fill(items: int) -> None:
    Base.metadata.create_all(engine)
    now = datetime.now(UTC).replace(tzinfo=None)
    with Session(engine) as session:
        session.add(Reader(id=1, name="Ana Ferreira"))
        session.flush()
        titles = (f"Un silence en fin de groupe, numéro {n}" for n in range(items))
        session.add_all(Item(reader_id=1, title=title, at=now - timedelta(hours=n)) for n, title in enumerate(titles))
        session.commit()


if __name__ == "__main__":
    fill(1000)
