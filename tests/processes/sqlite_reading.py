import sqlite3
from contextlib import closing
from pathlib import Path


def query(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute(sql).fetchall()


def execute(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        connection.execute(sql)
