#!/usr/bin/env python3
"""Made acme.db and item.json beside it, once, from daemon/vault/FORMAT.md alone (needs python3-cryptography). They are
frozen: every later version must open them."""
import base64
import json
import pathlib
import sqlite3

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).resolve().parent
TENANT = "acme"
KEYS = {"00112233445566aa": bytes(range(32)), "ffeeddccbbaa9988": bytes(range(100, 132))}
ROWS = [  # provider, name, slot, field, generation, key id, value
    ("openai", "default", 0, "api_key", 1, "00112233445566aa", b"sk-frozen-openai"),
    ("openai", "default", 1, "api_key", 2, "ffeeddccbbaa9988", b"sk-frozen-next"),
    ("openai", "Team.1@x", 0, "base_url", 12, "ffeeddccbbaa9988", b"https://proxy.example/v1"),
    ("vertex", "default", 0, "private_key", 3, "ffeeddccbbaa9988", "-----ÄÖ\n".encode()),
]


def bound(*parts):
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


path = HERE / f"{TENANT}.db"
path.unlink(missing_ok=True)
database = sqlite3.connect(path, isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute(f"PRAGMA application_id = {0x4B425631}")
database.execute("PRAGMA user_version = 1")
for line in (HERE / "../../../../daemon/vault/FORMAT.md").read_text(encoding="utf-8").splitlines():
    if line.startswith("CREATE TABLE"):
        database.execute(line)
database.execute("INSERT INTO vault VALUES (0, ?, 1767225600)", (TENANT,))
for number, (provider, name, slot, field, generation, key, value) in enumerate(ROWS):
    nonce = bytes([number]) * 12
    data = bound("keybearer-vault-1", TENANT, provider, name, str(slot), field, str(generation), key)
    sealed = nonce + AESGCM(KEYS[key]).encrypt(nonce, value, data)
    database.execute("INSERT INTO fields VALUES (?, ?, ?, ?, ?, ?, ?, 1767225600)",
                     (provider, name, slot, field, generation, key, sealed))
database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
database.close()
item = {"version": 1, "keys": [{"id": name, "key": base64.urlsafe_b64encode(key).rstrip(b"=").decode(), "created_at": 1767225600}
                               for name, key in KEYS.items()]}
(HERE / "item.json").write_text(json.dumps(item), encoding="utf-8")
